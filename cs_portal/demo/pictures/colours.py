"""Colours of the product pictures, and how one is made lighter or darker."""

from __future__ import annotations

from collections.abc import Mapping

OAK = "#d2a570"
WALNUT = "#7d5539"
STEEL = "#b9c1c7"
BRASS = "#c9a24d"
INK = "#2f3336"
LEAF = "#6f8f63"
GLOW = "#ffe2a0"

#: By option value, whatever the option's name: colours, woods, scents and seed mixes.
NAMED: dict[str, str] = {
    "forest": "#44694f",
    "sand": "#d9c4a0",
    "ocean": "#41708f",
    "clay": "#bd6b4e",
    "indigo": "#44518a",
    "charcoal": "#474c51",
    "cream": "#efe4d0",
    "mustard": "#d8a542",
    "sage": "#9db497",
    "rose": "#d79c96",
    "white": "#f7f4ee",
    "black": "#33363a",
    "brass": BRASS,
    "steel": STEEL,
    "stone": "#b7afa3",
    "sky": "#9cc4da",
    "clear": "#d5e6e8",
    "smoke": "#8b9296",
    "oak": OAK,
    "walnut": WALNUT,
    "cedar": "#9a6b48",
    "fig": "#7a5d80",
    "rain": "#86a2b5",
    "pine": "#5c7d58",
    "oat": "#dcc9a6",
    "sunny": "#d8a542",
    "shade": "#7d9a86",
    "moss": "#6d7b4a",
    "slate": "#5f6f7c",
    "honey": "#e0a84e",
    "plum": "#7b4a66",
    "teal": "#3f8584",
    "linen": "#e6dccb",
    "ash": "#e0c9a2",
    "mild": "#a9c184",
    "peppery": "#b85c4a",
    "unscented": "#eee7da",
}

#: For products whose options have no colour.
BY_KIND: dict[str, str] = {
    "firepit": "#6b6f73",
    "garden_gloves": "#c79a63",
    "skillet": "#3a3d40",
    "canister": "#d5e6e8",
    "string_lights": GLOW,
    "basket": "#cbae79",
}

BACKGROUNDS: dict[str, str] = {
    "camping": "#e6ece2",
    "drinkware": "#e3ecef",
    "clothing": "#ece8f0",
    "garden": "#e9efdd",
    "kitchen": "#f3ebe0",
    "lighting": "#e9e6e1",
    "furniture": "#efe9e2",
    "textiles": "#f2e9e8",
    "bath": "#e4eeec",
    "tea": "#edeae0",
    "teaware": "#f3ebe0",
}


def mix(colour: str, other: str, share: float) -> str:
    """``share`` of ``other`` (0 to 1) in ``colour``; all are ``#rrggbb``."""
    channels = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)


def darker(colour: str, share: float = 0.18) -> str:
    return mix(colour, "#1d1a26", share)


def lighter(colour: str, share: float = 0.28) -> str:
    return mix(colour, "#fffdf8", share)


def is_light(colour: str) -> bool:
    """Whether dark details read better on it than light ones (luma of BT.601 above two thirds)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 170


def colour_of(options: Mapping[str, str], *, kind: str, fallback: str = "") -> str:
    """The colour of a variant: its option's, else ``fallback`` by name, else its kind's own."""
    for value in options.values():
        if value in NAMED:
            return NAMED[value]
    return NAMED.get(fallback) or BY_KIND.get(kind, "#b7afa3")
