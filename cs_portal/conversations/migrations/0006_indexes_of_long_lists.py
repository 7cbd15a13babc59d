"""What is slow at 100,000 conversations without them: a colleague's, whatever the state, and messages of a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_orders_of_the_inbox")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["merchant", "assignee", "-last_message_at"], name="conversations_of_assignee"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["merchant", "created_at"], name="messages_created"),
        ),
    ]
