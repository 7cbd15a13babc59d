"""Values of columns as the engine's documents hold them; what the canonical reader might refuse is unusual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timezone
from typing import Any

from cs_portal.policies.engine.money import MAX_MINOR

Local = Callable[[datetime | None], datetime | None]
#: Well within the years that the canonical reader takes, whatever the offset.
_FIRST, _LAST = datetime(1901, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


class Unusual(Exception):
    """The canonical reader has to look at this row."""


def clock(zone: timezone) -> Local:
    """Shows moments in ``zone``."""

    def local(at: datetime | None) -> datetime | None:
        if at is None:
            return None
        if not _FIRST < at < _LAST:
            raise Unusual
        return at.astimezone(zone)

    return local


def minor(amount: int) -> int:
    """An amount that every reader of JSON keeps exact."""
    if not 0 <= amount <= MAX_MINOR:
        raise Unusual
    return amount


def nothing(value: Any, empty: Any) -> Any:
    """Nothing at all, or an empty value of the kind."""
    if value is not None and type(value) is not type(empty):
        raise Unusual
    return empty


def texts(value: Any) -> dict[str, str]:
    if type(value) is not dict or not all(type(text) is str for text in value.values()):
        raise Unusual
    return value


def words(value: Any) -> tuple[str, ...]:
    if type(value) is not list or not all(type(word) is str and word for word in value):
        raise Unusual
    return tuple(value)


def pairs(value: Any, number: str, *, least: int) -> list[tuple[str, int]]:
    if not value:
        nothing(value, [])
        return []
    if type(value) is not list:
        raise Unusual
    return [_pair(each, number, least) for each in value]


def _pair(value: Any, number: str, least: int) -> tuple[str, int]:
    if type(value) is not dict or value.keys() != {"id", number}:
        raise Unusual
    name, count = value["id"], value[number]
    if type(name) is not str or not name or type(count) is not int or not least <= count <= MAX_MINOR:
        raise Unusual
    return name, count
