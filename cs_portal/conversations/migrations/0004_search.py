"""The full-text index over conversations.

SQLite: an FTS5 table over the tokens of ``SearchDocument``, kept by triggers. Its ``ascii`` tokenizer cuts at ASCII
signs and blanks alone, so that our tokens stay whole; positions are not kept, as no query needs them.
PostgreSQL: a generated ``tsvector`` of the tokens as they are, past every parser and dictionary, with a GIN index.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "conversations_searchdocument"
INDEX = "conversations_search"

SQLITE = [
    f"""CREATE VIRTUAL TABLE {INDEX} USING fts5(tokens, content='{TABLE}', content_rowid='conversation_id',
        tokenize='ascii', detail=none, columnsize=0)""",
    f"""CREATE TRIGGER search_of_inserted AFTER INSERT ON {TABLE} BEGIN
        INSERT INTO {INDEX}(rowid, tokens) VALUES (new.conversation_id, new.tokens); END""",
    f"""CREATE TRIGGER search_of_deleted AFTER DELETE ON {TABLE} BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, tokens) VALUES ('delete', old.conversation_id, old.tokens); END""",
    f"""CREATE TRIGGER search_of_updated AFTER UPDATE OF tokens ON {TABLE} BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, tokens) VALUES ('delete', old.conversation_id, old.tokens);
        INSERT INTO {INDEX}(rowid, tokens) VALUES (new.conversation_id, new.tokens); END""",
]
POSTGRESQL = [
    f"""ALTER TABLE {TABLE} ADD COLUMN document tsvector
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED""",
    f"CREATE INDEX {INDEX} ON {TABLE} USING gin (document)",
]
BACK = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS search_of_inserted",
        "DROP TRIGGER IF EXISTS search_of_deleted",
        "DROP TRIGGER IF EXISTS search_of_updated",
        f"DROP TABLE IF EXISTS {INDEX}",
    ],
    "postgresql": [f"DROP INDEX IF EXISTS {INDEX}", f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS document"],
}


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in BACK[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0003_inbox"),
        ("merchants", "0002_profile_hours_and_looks"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="conversations.conversation",
                    ),
                ),
                ("tokens", models.TextField()),
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
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RunPython(create, drop),
    ]
