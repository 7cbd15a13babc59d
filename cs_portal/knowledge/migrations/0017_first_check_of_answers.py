"""Have a worker check the answers that exist; from then on every change brings the next check."""

from django.db import migrations
from django.utils import timezone


def ask(apps, schema_editor):
    Job, now = apps.get_model("core", "Job"), timezone.now()
    for merchant in apps.get_model("merchants", "Merchant").objects.order_by("pk"):
        Job.objects.get_or_create(
            key=f"check_answers:{merchant.public_id}:first",
            defaults={
                "kind": "check_answers",
                "queue": "model",
                "merchant_id": merchant.pk,
                "execute_after": now,
                "created_at": now,
            },
        )


def forget(apps, schema_editor):
    apps.get_model("core", "Job").objects.filter(kind__in=["check_answers", "check_links"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0016_second_pair_of_eyes"),
        ("core", "0003_index_the_filters_of_the_audit_log"),
    ]

    operations = [migrations.RunPython(ask, forget)]
