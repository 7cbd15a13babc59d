import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0008_reasons_why_imports_stay"),
        ("knowledge", "0013_quality"),
        ("merchants", "0003_team_tokens_and_data_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="questiontest",
            name="order",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.order"
            ),
        ),
        migrations.AddField(
            model_name="questiontest",
            name="product",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="commerce.product"
            ),
        ),
        migrations.AddField(
            model_name="questiontest",
            name="shopper",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.shopper"
            ),
        ),
        migrations.AddField(
            model_name="questiontest",
            name="storefront",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="merchants.storefront"
            ),
        ),
    ]
