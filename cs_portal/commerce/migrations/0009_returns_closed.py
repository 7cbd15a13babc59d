from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0008_reasons_why_imports_stay")]

    operations = [
        migrations.AddField(
            model_name="return",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("received_at", None), ("closed_at", None), _connector="OR"),
                name="return_ends_one_way",
            ),
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
