"""Opens the demo store's data files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The parsed content of ``data/<name>.toml``; callers must not change it."""
    return tomllib.loads(files("cs_portal.demo").joinpath("data", f"{name}.toml").read_text("utf-8"))
