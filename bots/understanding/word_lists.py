"""Lists of words and names, one a line, in `data/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@cache
def listed(file: str) -> frozenset[str]:
    """The lines of ``data/file``. Raises :class:`FileNotFoundError`."""
    return frozenset((_DATA / file).read_text(encoding="utf-8").splitlines())
