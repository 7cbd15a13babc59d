from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drafting", "0006_cards_handover_autopilot")]

    operations = [
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["merchant", "intent", "conversation"], name="drafts_by_intent"),
        ),
    ]
