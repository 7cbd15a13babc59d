"""Lists of patterns in ``data/``: one regular expression a line; lines that begin with ``#`` say what they are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@cache
def lines_of(name: str) -> tuple[str, ...]:
    """The patterns of ``data/<name>.txt`` as written. Raises :class:`FileNotFoundError`."""
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line.strip() and not line.startswith("# "))


@cache
def pattern_of(name: str) -> re.Pattern[str]:
    """One pattern for all of ``data/<name>.txt``, whatever the case."""
    return re.compile("|".join(f"(?:{line})" for line in lines_of(name)), re.IGNORECASE | re.MULTILINE)
