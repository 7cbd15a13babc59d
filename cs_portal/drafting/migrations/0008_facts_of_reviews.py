import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from rapidfuzz.distance import Levenshtein

BATCH = 1000


def fill(apps, schema_editor):
    Review = apps.get_model("drafting", "Review")
    Draft = apps.get_model("drafting", "Draft")
    draft = Draft._base_manager.filter(pk=OuterRef("draft"))
    rows = Review._base_manager.using(schema_editor.connection.alias)
    rows.update(
        ready_at=Subquery(draft.values("created_at")[:1]),
        intent=Subquery(draft.values("intent")[:1]),
        storefront=Subquery(draft.values("conversation__storefront")[:1]),
    )
    edits = rows.filter(decision="edited", candidate__isnull=False).order_by("pk")
    after = 0
    while batch := list(edits.filter(pk__gt=after).values_list("pk", "candidate__text", "text")[:BATCH]):
        rows.bulk_update(
            [Review(pk=pk, distance=float(Levenshtein.normalized_distance(old, new))) for pk, old, new in batch],
            ["distance"],
        )
        after = batch[-1][0]


class Migration(migrations.Migration):
    """What the figures need of the draft beside the decision; rows that are there are filled."""

    dependencies = [
        ("merchants", "0003_team_tokens_and_data_requests"),
        ("drafting", "0007_find_conversations_by_intent"),
    ]

    operations = [
        migrations.AddField("review", "ready_at", models.DateTimeField(null=True)),
        migrations.AddField("review", "intent", models.CharField(max_length=30, default="")),
        migrations.AddField(
            "review",
            "storefront",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="merchants.storefront"
            ),
        ),
        migrations.AddField("review", "distance", models.FloatField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
