from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0009_returns_closed")]

    operations = [
        migrations.AddField(
            model_name="exchange",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="orderevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("placed", "Placed"),
                    ("paid", "Paid"),
                    ("shipped", "Shipped"),
                    ("delivered", "Delivered"),
                    ("cancelled", "Cancelled"),
                    ("refunded", "Refunded"),
                    ("return_opened", "Return opened"),
                    ("return_received", "Return received"),
                    ("return_closed", "Return closed"),
                    ("exchanged", "Exchange opened"),
                    ("exchange_ended", "Exchange finished"),
                    ("address_changed", "Delivery address changed"),
                    ("items_changed", "Items changed"),
                    ("payment_changed", "Payment method changed"),
                    ("resent", "Sent again"),
                    ("status_changed", "Status changed"),
                    ("updated", "Updated"),
                ],
                max_length=20,
            ),
        ),
    ]
