"""Names that strangers chose, within sentences of ours."""

from __future__ import annotations

#: Marks, embeddings, overrides and isolates: invisible, and able to turn the words around a name about.
_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_controls(text: str) -> str:
    """``text`` without the invisible characters that steer the direction of writing."""
    return text.translate(_CONTROLS)
