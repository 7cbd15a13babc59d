"""Who waits longest comes first in a list that also holds who does not wait; what a macro did goes with its reply;
and of which missed deadline colleagues were told."""

from django.db import migrations, models

import cs_portal.conversations.models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0006_indexes_of_long_lists")]

    operations = [
        migrations.AddField(model_name="conversation", name="overdue_told_for", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="outgoingreply", name="batch", field=models.UUIDField(null=True)),
        migrations.AddField(model_name="outgoingreply", name="macro", field=models.UUIDField(null=True)),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                models.F("merchant"),
                models.F("state"),
                cs_portal.conversations.models.WaitsFrom("waiting_since"),
                models.OrderBy(models.F("last_message_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="conversations_by_wait",
            ),
        ),
    ]
