"""Actions and actors by merchant, in the order of the page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["merchant_number", "action", "-id"], name="audit_of_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["merchant_number", "actor_id", "-id"], name="audit_of_actor"),
        ),
    ]
