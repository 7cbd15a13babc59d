"""Public ids as they come in from outside."""

from __future__ import annotations

from uuid import UUID


def as_uuid(text: object) -> UUID | None:
    """The id that ``text`` spells in any of the usual ways; None for everything else."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
