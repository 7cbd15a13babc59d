"""Which variants words name: "size 42 instead", "换成蓝色的", "is the deluxe edition in stock?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cs_portal.commerce.models import OrderLine, Variant

#: Shops write options in one language, shoppers in theirs.
_IN_CHINESE = {
    "black": "黑",
    "white": "白",
    "grey": "灰",
    "gray": "灰",
    "red": "红",
    "blue": "蓝",
    "green": "绿",
    "yellow": "黄",
    "orange": "橙",
    "pink": "粉",
    "purple": "紫",
    "brown": "棕",
    "beige": "米色",
    "sand": "沙",
    "silver": "银",
    "gold": "金",
    "small": "小号",
    "medium": "中号",
    "large": "大号",
    "s": "小号",
    "m": "中号",
    "l": "大号",
}


def wanted_variant(line: OrderLine, said: str, variants: Sequence[Variant]) -> str | None:
    """The variant of the line's product that has what ``said`` names and is otherwise like the line's.

    ``None`` unless exactly one is meant. What the line has already is no wish: "I have 41 and need 42".
    """
    have = {str(name): str(value) for name, value in (line.options or {}).items()}
    wanted: dict[str, set[str]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            if have.get(str(name)) != str(value) and _is_named(str(value), said):
                wanted.setdefault(str(name), set()).add(str(value))
    if not wanted or any(len(values) > 1 for values in wanted.values()):
        return None
    target = have | {name: values.pop() for name, values in wanted.items()}
    fitting = [each for each in variants if {str(n): str(v) for n, v in each.options.items()} == target]
    return fitting[0].external_id if len(fitting) == 1 else None


def named_variants(variants: Sequence[Variant], said: str) -> tuple[list[Variant], list[str]]:
    """Those of a product's variants that ``said`` names, and by which values; all and none where it names none."""
    values = {
        (str(name), str(value))
        for variant in variants
        for name, value in variant.options.items()
        if said and _is_named(str(value), said)
    }
    told = {name: [value for other, value in values if other == name] for name, _value in values}
    fitting = [
        variant
        for variant in variants
        if all(str(variant.options.get(name)) in wanted for name, wanted in told.items())
    ]
    if not told or not fitting or len(fitting) == len(variants):
        return list(variants), []
    return fitting, sorted(value for wanted in told.values() for value in wanted)


def _is_named(value: str, said: str) -> bool:
    chinese = _IN_CHINESE.get(value.casefold())
    if chinese is not None and chinese in said:
        return True
    if not value.isascii():
        return value in said
    return re.search(rf"(?<![A-Za-z\d.]){re.escape(value)}(?![A-Za-z\d]|\.\d)", said, re.IGNORECASE) is not None
