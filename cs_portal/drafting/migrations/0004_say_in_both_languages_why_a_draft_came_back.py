from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drafting", "0003_select_the_first_candidate")]

    operations = [
        migrations.RemoveField("draft", "reopened_because"),
        migrations.AddField("draft", "reopened_because", models.JSONField(blank=True, default=dict)),
    ]
