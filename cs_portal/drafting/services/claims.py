"""Who is handling a draft. While a claim lasts, others decide only after taking it over; nobody loses typed text."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cs_portal.conversations.services import operator_typing
from cs_portal.drafting.errors import DraftClaimed
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Member


def claim_draft(*, draft_id: UUID, by: Member, now: datetime, take_over: bool = False) -> Draft:
    """Claim the draft for a few minutes, or see by ``claimed_by`` who has it. Opening freezes the candidates' order.

    ``take_over`` takes it from a colleague, who sees so at once.
    """
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    with transaction.atomic():
        free = Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_until__lt=now)
        until = now + timedelta(seconds=settings.CLAIM_SECONDS)
        waiting = Draft.objects.filter(pk=draft.pk, state=DraftState.READY)
        mine = waiting if take_over else waiting.filter(free)
        if mine.update(claimed_by=by, claimed_until=until):
            Draft.objects.filter(pk=draft.pk, opened_at=None).update(opened_at=now)
            if draft.claimed_by_id != by.pk:
                tell_console(draft, "draft:claimed", now=now)
    draft.refresh_from_db()
    return draft


def refuse_claimed(draft: Draft, by: Member, now: datetime) -> None:
    """Raise :class:`DraftClaimed` while a colleague's claim lasts."""
    holder = draft.claimed_by
    if holder is None or holder.pk == by.pk or draft.claimed_until is None or draft.claimed_until < now:
        return
    raise DraftClaimed(_("%(name)s is handling this. Take it over first.") % {"name": holder.user})


def release_draft(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """Give the draft back to the queue; somebody else's claim stays theirs."""
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    with transaction.atomic():
        if Draft.objects.filter(pk=draft.pk, claimed_by=by).update(claimed_by=None, claimed_until=None):
            tell_console(draft, "draft:released", now=now)
    draft.refresh_from_db()
    return draft


def tell_typing(*, draft_id: UUID, by: Member, now: datetime) -> None:
    """The shopper sees that a person is writing."""
    require_reviewer(by)
    operator_typing(conversation_id=Draft.by_public_id(draft_id).conversation_id, by=by, now=now)
