"""Names that strangers chose, within sentences of ours."""

from __future__ import annotations

from typing import Any

#: Marks, embeddings, overrides and isolates: invisible, and able to turn the words around a name about.
_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_controls(text: str) -> str:
    """``text`` without the invisible characters that steer the direction of writing."""
    return text.translate(_CONTROLS)


def unsteered(value: Any) -> Any:
    """A JSON value whose texts and keys are :func:`without_controls`."""
    if isinstance(value, str):
        return value if value.isascii() else without_controls(value)
    if isinstance(value, list):
        return [unsteered(each) for each in value]
    if isinstance(value, dict):
        return {unsteered(key): unsteered(each) for key, each in value.items()}
    return value
