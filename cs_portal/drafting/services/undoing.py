"""Take the last decision on a draft back, whichever it was."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cs_portal.drafting.models import Draft
from cs_portal.drafting.pairs import first_approval
from cs_portal.drafting.services.agreeing import withdraw_first
from cs_portal.drafting.services.rejecting import standing_rejection, undo_rejection
from cs_portal.drafting.services.review import undo_approval
from cs_portal.merchants.models import Member


def undo_decision(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """An approval while it waits for its undo window or for a second one, a rejection while nobody went on from it.

    Raises :class:`~cs_portal.drafting.errors.TooLateToUndo` otherwise.
    """
    draft = Draft.by_public_id(draft_id)
    if standing_rejection(draft) is not None:
        return undo_rejection(draft_id=draft_id, by=by, now=now)
    if first_approval(draft) is not None:
        return withdraw_first(draft_id=draft_id, by=by, now=now)
    return undo_approval(draft_id=draft_id, by=by, now=now)
