"""``key__among=[…]``: as ``in``, for thousands of whole numbers at once.

Django makes one parameter of each value, and prepares every one of them; here all are one parameter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigAutoField, ForeignKey, Lookup


class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[int]) -> None:
        super().__init__(lhs, sorted({int(value) for value in rhs}))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        values: list[int] = self.rhs
        if connection.vendor == "sqlite":
            sql = f"{lhs} IN (SELECT value FROM json_each(%s))"  # noqa: S608 (a column's name)
            return sql, (*params, json.dumps(values))
        return f"{lhs} = ANY(%s)", (*params, values)


def register() -> None:
    BigAutoField.register_lookup(Among)
    ForeignKey.register_lookup(Among)
