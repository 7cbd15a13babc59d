"""One deed on a selection of conversations, and how many it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.services.assignment import assign
from cs_portal.conversations.services.resolution import resolve
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.snooze import snooze
from cs_portal.conversations.services.tags import add_tag, remove_tag
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.merchants.models import Member

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Bulk:
    """``batch`` names the deed for its undo. What was in that state already, or is gone, is not ``changed``."""

    batch: UUID
    changed: int
    selected: int


def assign_all(*, ids: Sequence[UUID], by: Member, to: Member | None, now: datetime) -> Bulk:
    return _each(ids, by, lambda one, batch: assign(conversation_id=one, by=by, to=to, now=now, batch=batch))


def tag_all(*, ids: Sequence[UUID], by: Member, tag_id: UUID, now: datetime) -> Bulk:
    return _each(ids, by, lambda one, batch: add_tag(conversation_id=one, by=by, tag_id=tag_id, now=now, batch=batch))


def untag_all(*, ids: Sequence[UUID], by: Member, tag_id: UUID, now: datetime) -> Bulk:
    return _each(
        ids, by, lambda one, batch: remove_tag(conversation_id=one, by=by, tag_id=tag_id, now=now, batch=batch)
    )


def snooze_all(*, ids: Sequence[UUID], by: Member, until: datetime, now: datetime) -> Bulk:
    return _each(ids, by, lambda one, batch: snooze(conversation_id=one, by=by, until=until, now=now, batch=batch))


def resolve_all(*, ids: Sequence[UUID], by: Member, now: datetime) -> Bulk:
    return _each(ids, by, lambda one, batch: resolve(conversation_id=one, by=by, now=now, batch=batch))


def _each(ids: Sequence[UUID], by: Member, deed: Callable[[UUID, str], object]) -> Bulk:
    """All in one transaction, always in the same order, so that two selections cannot lock each other."""
    require_operator(by)
    chosen = sorted(set(ids))
    if not chosen:
        raise Invalid(_("Select conversations first."), field="ids")
    if len(chosen) > LIMIT:
        raise Invalid(_("Select at most %(limit)s conversations at once.") % {"limit": LIMIT}, field="ids")
    batch, changed = uuid4(), 0
    with transaction.atomic():
        for one in chosen:
            try:
                changed += deed(one, str(batch)) is not False
            except (Conflict, NotFound):
                continue
    return Bulk(batch, changed, len(chosen))
