"""The rulesets that come with the product, as JSON in `cs_portal/policies/shipped/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from .ruleset import Ruleset

_FOLDER = Path(__file__).resolve().parent.parent / "shipped"


class UnknownShippedRuleset(LookupError):
    """No ruleset of that name comes with the product."""


def shipped_names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.json")))


@cache
def load_shipped(name: str) -> Ruleset:
    """The shipped ruleset of that name, such as ``standard``; raises `UnknownShippedRuleset`."""
    if name not in shipped_names():
        raise UnknownShippedRuleset(name)
    return Ruleset.from_dict(json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8")))
