"""Database triggers: the last wall between merchants, and the one that keeps logs append-only.

They are made anew after every ``migrate`` (SQLite drops a table's triggers when a migration rebuilds it), from the
models themselves, so that a new model cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections, models

from cs_portal.core.tenancy import TenantModel


def tenant_references() -> Iterator[tuple[type[TenantModel], models.ForeignKey[Any, Any]]]:
    """Every foreign key from a merchant's row to another row that has a merchant."""
    for model in apps.get_models(include_auto_created=True):
        if not issubclass(model, TenantModel):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel):
                yield model, field


def _sqlite(table: str, column: str, parent: str, name: str) -> Iterator[str]:
    for event in ("INSERT", f"UPDATE OF {column}, merchant_id"):
        trigger = f"{name}_{event[:3].lower()}"
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} WHEN NEW.{column} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {parent} WHERE id = NEW.{column} AND merchant_id = NEW.merchant_id) "
            f"BEGIN SELECT RAISE(ABORT, 'tenant: {table}.{column} belongs to another merchant'); END"
        )


def _postgresql(table: str, column: str, parent: str, name: str) -> Iterator[str]:
    # A missing parent is the foreign key's business, which is checked at commit: only a foreign one is refused.
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM {parent} WHERE id = NEW.{column} "
        f"AND merchant_id <> NEW.merchant_id) THEN "
        f"RAISE EXCEPTION 'tenant: {table}.{column} belongs to another merchant' USING ERRCODE = '23514'; "
        f"END IF; RETURN NEW; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield (
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {column}, merchant_id ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _same_merchant(vendor: str, table: str) -> Iterator[str]:
    """A row stays with its merchant for ever."""
    name = f"fixed_merchant_{table}"
    if vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} BEFORE UPDATE OF merchant_id ON {table} WHEN NEW.merchant_id <> OLD.merchant_id "
            f"BEGIN SELECT RAISE(ABORT, 'tenant: {table} cannot move to another merchant'); END"
        )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.merchant_id <> OLD.merchant_id THEN "
        f"RAISE EXCEPTION 'tenant: {table} cannot move to another merchant' USING ERRCODE = '23514'; "
        f"END IF; RETURN NEW; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield (f"CREATE TRIGGER {name} BEFORE UPDATE OF merchant_id ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _append_only(vendor: str, table: str) -> Iterator[str]:
    name = f"append_only_{table}"
    if vendor == "sqlite":
        for event in ("UPDATE", "DELETE"):
            trigger = f"{name}_{event.lower()}"
            yield f"DROP TRIGGER IF EXISTS {trigger}"
            yield (
                f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = '23514'; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def append_only_tables() -> list[str]:
    """The tables of models that say ``append_only = True``."""
    return [each._meta.db_table for each in apps.get_models() if getattr(each, "append_only", False)]


def drop_triggers(using: str = "default", **_: Any) -> None:
    """Take SQLite's triggers down before migrations, which rebuild tables under them (``pre_migrate`` receiver)."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            if name.startswith(("tenant_", "append_only_", "fixed_merchant_")):
                cursor.execute(f"DROP TRIGGER {name}")


def _columns(connection: Any, tables: set[str]) -> dict[str, set[str]]:
    """The columns that guarded tables have now."""
    guarded = {model._meta.db_table for model, _ in tenant_references()} & tables
    with connection.cursor() as cursor:
        return {
            table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for table in guarded
        }


def install_triggers(using: str = "default", **_: Any) -> None:
    """Create all triggers on the tables that exist (``post_migrate`` receiver; safe to run again)."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    columns = _columns(connection, existing)
    make = _sqlite if connection.vendor == "sqlite" else _postgresql
    statements: list[str] = []
    for model, field in tenant_references():
        table, parent = model._meta.db_table, field.related_model._meta.db_table
        # Migrations that are rolled back leave tables without the columns of today's models.
        if {table, parent} <= existing and field.column in columns[table]:
            statements += make(table, field.column, parent, f"tenant_{table}_{field.column}"[:55])
    for each in apps.get_models(include_auto_created=True):
        if issubclass(each, TenantModel) and each._meta.db_table in existing:
            statements += _same_merchant(connection.vendor, each._meta.db_table)
    for table in append_only_tables():
        if table in existing:
            statements += _append_only(connection.vendor, table)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
