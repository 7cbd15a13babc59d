"""What FAQs are worth, and the full-text index over them.

SQLite: an FTS5 table over the tokens of ``FaqSearchDocument``, kept by triggers. PostgreSQL: a generated ``tsvector`` of
the tokens with a GIN index. As in the search of conversations (ADR 0008).
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "knowledge_faqsearchdocument"
INDEX = "knowledge_search"

SQLITE = [
    f"""CREATE VIRTUAL TABLE {INDEX} USING fts5(tokens, content='{TABLE}', content_rowid='faq_id',
        tokenize='ascii', detail=none, columnsize=0)""",
    f"""CREATE TRIGGER faq_search_of_inserted AFTER INSERT ON {TABLE} BEGIN
        INSERT INTO {INDEX}(rowid, tokens) VALUES (new.faq_id, new.tokens); END""",
    f"""CREATE TRIGGER faq_search_of_deleted AFTER DELETE ON {TABLE} BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, tokens) VALUES ('delete', old.faq_id, old.tokens); END""",
    f"""CREATE TRIGGER faq_search_of_updated AFTER UPDATE OF tokens ON {TABLE} BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, tokens) VALUES ('delete', old.faq_id, old.tokens);
        INSERT INTO {INDEX}(rowid, tokens) VALUES (new.faq_id, new.tokens); END""",
]
POSTGRESQL = [
    f"""ALTER TABLE {TABLE} ADD COLUMN document tsvector
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED""",
    f"CREATE INDEX {INDEX} ON {TABLE} USING gin (document)",
]
BACK = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS faq_search_of_inserted",
        "DROP TRIGGER IF EXISTS faq_search_of_deleted",
        "DROP TRIGGER IF EXISTS faq_search_of_updated",
        f"DROP TABLE IF EXISTS {INDEX}",
    ],
    "postgresql": [f"DROP INDEX IF EXISTS {INDEX}", f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS document"],
}
MERCHANT = (
    "merchant",
    models.ForeignKey(
        editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="merchants.merchant"
    ),
)
OPTIONS = {"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"}


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in BACK[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0009_regression_set"),
        ("merchants", "0003_team_tokens_and_data_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="FaqFigures",
            fields=[
                (
                    "faq",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="figures",
                        serialize=False,
                        to="knowledge.faq",
                    ),
                ),
                ("hits", models.PositiveIntegerField(default=0)),
                ("approved", models.PositiveIntegerField(default=0)),
                ("edited", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                ("last_hit_at", models.DateTimeField(null=True)),
                MERCHANT,
            ],
            options=OPTIONS,
        ),
        migrations.CreateModel(
            name="FaqSearchDocument",
            fields=[
                (
                    "faq",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="knowledge.faq",
                    ),
                ),
                ("tokens", models.TextField()),
                MERCHANT,
            ],
            options=OPTIONS,
        ),
        migrations.AddIndex(
            model_name="faqfigures",
            index=models.Index(fields=["merchant", "-hits"], name="faqs_by_hits"),
        ),
        migrations.RunPython(create, drop),
    ]
