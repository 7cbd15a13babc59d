"""Have a worker count what drafts that exist rested on, merchant by merchant."""

from django.db import migrations
from django.utils import timezone


def ask(apps, schema_editor):
    Job, now = apps.get_model("core", "Job"), timezone.now()
    for pk in apps.get_model("merchants", "Merchant").objects.order_by("pk").values_list("pk", flat=True):
        Job.objects.get_or_create(
            key=f"recount_faq_hits:{pk}:first",
            defaults={
                "kind": "recount_faq_hits",
                "queue": "bulk",
                "merchant_id": pk,
                "execute_after": now,
                "created_at": now,
            },
        )


def forget(apps, schema_editor):
    apps.get_model("core", "Job").objects.filter(kind="recount_faq_hits").delete()


class Migration(migrations.Migration):
    dependencies = [("drafting", "0013_faq_hits"), ("core", "0003_index_the_filters_of_the_audit_log")]

    operations = [migrations.RunPython(ask, forget)]
