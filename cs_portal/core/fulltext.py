"""Looking tokens up in a full-text index of the database: FTS5 on SQLite, a ``tsvector`` on PostgreSQL.

An index is a table with one row per document: its key, its merchant and its tokens (:mod:`cs_portal.core.tokens`) with
blanks between, one of which is :func:`merchant_token`. On SQLite an FTS5 table with the name of the index mirrors it,
on PostgreSQL a generated column ``document`` does. Tokens are letters and digits, so that nothing that is typed can be
an operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from cs_portal.core.tokens import Term

#: Marks a document's merchant among its tokens. No text contains it: it is no letter.
_MERCHANT = "\ue000"


def merchant_token(merchant_id: int) -> str:
    return f"{_MERCHANT}{merchant_id}"


@dataclass(frozen=True, slots=True)
class FullTextIndex:
    """``table`` holds the documents, ``key`` is its column that names them, ``index`` the FTS5 table."""

    table: str
    key: str
    index: str

    def matching(self, terms: Sequence[Term], *, merchant_id: int, suffix: str = "") -> tuple[str, list[str | int]]:
        """SQL, with its parameters, that selects the keys of the merchant's documents with all ``terms``.

        ``suffix`` is SQL of the caller's own, such as a limit; ``key`` may be named in it.
        """
        if connection.vendor == "sqlite":
            words = [f'"{term.token}"{"*" if term.is_prefix else ""}' for term in terms]
            sql = f"SELECT rowid AS {self.key} FROM {self.index} WHERE {self.index} MATCH %s {suffix}"  # noqa: S608
            return sql, [" ".join([f'"{merchant_token(merchant_id)}"', *words])]
        words = [f"'{term.token}'{':*' if term.is_prefix else ''}" for term in terms]
        sql = f"SELECT {self.key} FROM {self.table} WHERE merchant_id = %s AND document @@ %s::tsquery {suffix}"  # noqa: S608
        return sql, [merchant_id, " & ".join([f"'{merchant_token(merchant_id)}'", *words])]
