"""Saved views of lists beside the inbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0010_answers_as_a_reason")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="place",
            field=models.CharField(
                choices=[("inbox", "Inbox"), ("knowledge", "Knowledge")], default="inbox", max_length=10
            ),
        ),
    ]
