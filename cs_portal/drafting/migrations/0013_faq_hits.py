"""Which FAQs drafts rested on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drafting", "0012_complaints_as_a_reason"),
        ("knowledge", "0010_figures_and_search"),
        ("merchants", "0003_team_tokens_and_data_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="FaqHit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("approved", models.PositiveSmallIntegerField(default=0)),
                ("edited", models.PositiveSmallIntegerField(default=0)),
                ("rejected", models.PositiveSmallIntegerField(default=0)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="faq_hits", to="drafting.draft"
                    ),
                ),
                (
                    "faq",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.faq"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="faqhit",
            constraint=models.UniqueConstraint(fields=("draft", "faq"), name="one_hit_of_faq_per_draft"),
        ),
        migrations.AddIndex(
            model_name="faqhit",
            index=models.Index(fields=["faq", "-at"], name="faq_hits_by_time"),
        ),
    ]
