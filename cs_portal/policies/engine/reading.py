"""Reads one JSON object key by key; what is wrong is reported with its path, as in ``order.lines[0].quantity``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from .money import MAX_MINOR

_CURRENCY = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime | None:
    """An order names the same moments several times. None for what is no time with an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Years at the edge of the calendar would overflow when they are moved to another offset.
    return moment if moment.utcoffset() is not None and 1900 <= moment.year <= 2999 else None


class InvalidDocument(ValueError):
    """A document does not have the shape that was promised. `path` says where, `problem` what."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


class CanonicalError(InvalidDocument):
    """An order, shopper, product or request is not the canonical JSON that it should be."""


class RulesetError(InvalidDocument):
    """A ruleset does not have the shape that it should have."""


class ObjectReader:
    """A JSON object at `path`. Keys outside `known` are refused by name; `error` is what is raised.

    A key that is left out and a key that is null mean the same.
    """

    __slots__ = ("_error", "_values", "path")

    def __init__(self, value: object, path: str, *, known: Collection[str], error: type[InvalidDocument]) -> None:
        if not isinstance(value, Mapping):
            raise error(path, "must be an object")
        self._values = value
        self._error = error
        self.path = path
        for key in value:
            if key not in known:
                raise error(self.at(str(key)), "unknown key")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fail(self, key: str, problem: str) -> InvalidDocument:
        return self._error(self.at(key), problem)

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def value(self, key: str) -> object:
        """The raw value of a required key."""
        value = self._values.get(key)
        if value is None:
            raise self.fail(key, "is required")
        return value

    def string(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not value:
            raise self.fail(key, "must be a string that is not empty")
        return value

    def optional_string(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.fail(key, "must be a string")
        return value

    def choice(self, key: str, choices: Collection[str]) -> str:
        value = self.value(key)
        if not isinstance(value, str) or value not in choices:
            raise self.fail(key, f"must be one of {', '.join(choices)}")
        return value

    def optional_choice(self, key: str, choices: Collection[str]) -> str | None:
        return self.choice(key, choices) if self.has(key) else None

    def integer(self, key: str, *, least: int = 0) -> int:
        """A whole number from `least` up to `MAX_MINOR`; ``true`` and ``1.0`` are none."""
        value = self.value(key)
        if type(value) is not int or not least <= value <= MAX_MINOR:
            raise self.fail(key, f"must be a whole number from {least} to {MAX_MINOR}")
        return value

    def optional_integer(self, key: str, *, least: int = 0) -> int | None:
        return self.integer(key, least=least) if self.has(key) else None

    def boolean(self, key: str, *, default: bool = False) -> bool:
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return value

    def currency(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
            raise self.fail(key, "must be a currency code of three capital letters")
        return value

    def moment(self, key: str) -> datetime:
        value = self.value(key)
        moment = _moment(value) if isinstance(value, str) else None
        if moment is None:
            raise self.fail(key, "must be an ISO 8601 time with its offset")
        return moment

    def optional_moment(self, key: str) -> datetime | None:
        return self.moment(key) if self.has(key) else None

    def items(self, key: str) -> list[tuple[object, str]]:
        """The elements of an optional list, each with its path."""
        value = self._values.get(key)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise self.fail(key, "must be a list")
        return [(item, f"{self.at(key)}[{index}]") for index, item in enumerate(value)]

    def strings(self, key: str) -> tuple[str, ...]:
        found: list[str] = []
        for item, path in self.items(key):
            if not isinstance(item, str) or not item:
                raise self._error(path, "must be a string that is not empty")
            found.append(item)
        return tuple(found)

    def string_map(self, key: str) -> dict[str, str]:
        value = self._values.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and isinstance(text, str) for name, text in value.items()
        ):
            raise self.fail(key, "must be an object of strings")
        return dict(value)
