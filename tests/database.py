"""Transactional tests empty the tables, the append-only ones included: their triggers step aside for that.

``flush`` sends ``post_migrate``, which makes every trigger anew.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import TransactionTestCase

_teardown = TransactionTestCase._fixture_teardown


def _drop_append_only_triggers_first(case: Any) -> None:
    from cs_portal.core.triggers import append_only_tables

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in append_only_tables():
                for event in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS append_only_{table}_{event}")
    _teardown(case)


def install() -> None:
    """Called once by ``tests/conftest.py``."""
    TransactionTestCase._fixture_teardown = _drop_append_only_triggers_first  # type: ignore[method-assign]
