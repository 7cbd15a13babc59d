"""Cells that a spreadsheet would take for formulas."""

from __future__ import annotations

#: A cell that begins so is run when the file is opened; some programs take the full-width signs for the others.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """With an apostrophe in front, by which spreadsheets take it for text, where it would be a formula.

    Text that looks guarded already gets a further one, so that :func:`unguarded` gives it back whatever it is.
    """
    return f"'{text}" if _is_run(text.lstrip("'")) else text


def unguarded(text: str) -> str:
    """What :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _is_run(text.lstrip("'")) else text


def _is_run(text: str) -> bool:
    """Spaces before a formula are dropped by some programs."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
