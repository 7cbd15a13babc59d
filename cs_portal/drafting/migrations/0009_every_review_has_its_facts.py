import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A migration of its own: PostgreSQL does not alter a table with changed rows in the same transaction."""

    dependencies = [("drafting", "0008_facts_of_reviews")]

    operations = [
        migrations.AlterField("review", "ready_at", models.DateTimeField()),
        migrations.AlterField("review", "intent", models.CharField(max_length=30)),
        migrations.AlterField(
            "review",
            "storefront",
            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="merchants.storefront"),
        ),
    ]
