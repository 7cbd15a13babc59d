"""Text that the databases can keep: PostgreSQL takes no NUL, UTF-8 no lone surrogate, though JSON can write both."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
#: Deeper documents are nobody's, and walking them needs ever more stack elsewhere.
DEEPEST = 40


def is_storable(text: str) -> bool:
    """Whether every database and UTF-8 take the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def first_unstorable(value: Any) -> Path | None:
    """Where in a JSON value the first text is that cannot be kept. For a key that is the object that holds it."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, part = waiting.pop()
        if len(path) > DEEPEST or (isinstance(part, str) and not is_storable(part)):
            return path
        if isinstance(part, dict):
            if not all(is_storable(key) for key in part):
                return path
            waiting += [((*path, key), each) for key, each in reversed(part.items())]
        elif isinstance(part, list):
            waiting += [((*path, number), each) for number, each in reversed(list(enumerate(part)))]
    return None
