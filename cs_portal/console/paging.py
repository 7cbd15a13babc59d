"""Keyset pagination: a page costs the same at row 100,000 as at row 1, and nobody counts what nobody reads.

A cursor is the sort key of the row at the page's edge, as JSON in URL-safe base64. It grants nothing: the query it
resumes is scoped and filtered anew on every request.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cs_portal.core.moments import is_sensible

PAGE_SIZE = 50
#: The query parameters of a cursor; links that change a filter drop them.
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; ``newer`` and ``older`` are query strings of its neighbours, empty where there are none."""

    rows: list[Any]
    newer: str
    older: str

    def __bool__(self) -> bool:
        return bool(self.rows)


def page_of(
    queryset: QuerySet[Any],
    *,
    request: HttpRequest,
    by: Sequence[str] = ("-last_message_at", "-id"),
    size: int = PAGE_SIZE,
) -> Page:
    """The page that the URL's cursor names. ``by`` are concrete, non-null fields, the last of them unique.

    A cursor that cannot be read is the first page: an old link is no error.
    """
    forward, edge = _cursor(request, queryset, by)
    if edge is None:
        rows = list(queryset.order_by(*by)[: size + 1])
        return _page(request, rows[:size], by, older=len(rows) > size, newer=False)
    order = by if forward else [_flip(name) for name in by]
    rows = list(queryset.filter(_beyond(order, edge)).order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if forward:
        return _page(request, rows, by, older=more, newer=True)
    return _page(request, rows[::-1], by, older=True, newer=more)


def page_of_list(rows: Sequence[Any], *, request: HttpRequest, name: str, size: int = PAGE_SIZE) -> Page:
    """A page of a short list that is there as a whole; ``name`` is the query parameter with its first row."""
    text = request.GET.get(name, "")
    first = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    first = min(first, max(0, len(rows) - 1)) // size * size

    def at(row: int) -> str:
        query = request.GET.copy()
        query[name] = str(row)
        return f"?{query.urlencode()}"

    newer, older = first >= size, first + size < len(rows)
    return Page(list(rows[first : first + size]), at(first - size) if newer else "", at(first + size) if older else "")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows, counted up to a limit."""

    number: int
    capped: bool

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        text = number_format(self.number, force_grouping=True)
        return _("%(number)s+") % {"number": text} if self.capped else text


def capped_count(queryset: QuerySet[Any], *, limit: int = 1000) -> Count:
    found = queryset.order_by()[: limit + 1].count()
    return Count(min(found, limit), found > limit)


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], edge: Sequence[Any]) -> Q:
    """Rows strictly after ``edge`` in ``order``: a < x or (a = x and b < y) or …

    And, which is the same, a ≤ x beside it: databases find the place in the index by that, not by an "or".
    """
    first, value = order[0], edge[0]
    reach = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": value})
    beyond, equal = Q(), Q()
    for name, value in zip(order, edge, strict=True):
        field = name.lstrip("-")
        beyond |= equal & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{field: value})
    return reach & beyond


def _page(request: HttpRequest, rows: list[Any], by: Sequence[str], *, newer: bool, older: bool) -> Page:
    if not rows:
        return Page([], _query(request) if newer else "", "")
    return Page(
        rows,
        _query(request, **{BEFORE: _encode(rows[0], by)}) if newer else "",
        _query(request, **{AFTER: _encode(rows[-1], by)}) if older else "",
    )


def _query(request: HttpRequest, **cursor: str) -> str:
    query = request.GET.copy()
    for name in (AFTER, BEFORE):
        query.pop(name, None)
    for name, value in cursor.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _encode(row: Any, by: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in by]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def _cursor(request: HttpRequest, queryset: QuerySet[Any], by: Sequence[str]) -> tuple[bool, list[Any] | None]:
    forward = AFTER in request.GET
    text = request.GET.get(AFTER if forward else BEFORE, "")
    if not text or len(text) > 500:
        return True, None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != len(by) or None in values:
            return True, None
        return forward, [_typed(queryset, name.lstrip("-"), value) for name, value in zip(by, values, strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError, FieldDoesNotExist, RecursionError):
        return True, None


def _typed(queryset: QuerySet[Any], name: str, value: Any) -> Any:
    field: Any
    if (annotation := queryset.query.annotations.get(name)) is not None:
        if not isinstance(value, str | int | float):
            raise ValidationError("no sort key")
        field = annotation.output_field
    else:
        field = queryset.model._meta.get_field(name)
    typed = field.to_python(value)
    if isinstance(typed, date) and not is_sensible(typed):
        raise OverflowError
    if isinstance(typed, int) and abs(typed) >= 2**63:
        raise OverflowError
    if isinstance(typed, str) and "\x00" in typed:
        raise ValidationError("no sort key")
    return typed
