"""An operator decides: approve, edit, reject, undo, pick, override. Every decision lands in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid, NotAllowed, NotFound
from cs_portal.drafting.errors import DraftAlreadyDecided, DraftStale, TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, RejectReason, Review
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.staleness import changes, fingerprint
from cs_portal.merchants.models import Member


def approve_draft(*, draft_id: UUID, by: Member, candidate: int | None, text: str, seen: str, now: datetime) -> Review:
    """Approve the reply and the action it promises; a job carries both out after the undo window.

    ``candidate`` is the position of the wording that the operator started from, ``seen`` the draft's fingerprint
    when they looked. A text that differs from the candidate's is an edit. Raises :class:`DraftStale` when the facts
    moved, :class:`DraftAlreadyDecided` when a colleague was first, :class:`NotAllowed` when the role or the amount
    forbids it, :class:`Invalid` for an empty text.
    """
    require_reviewer(by)
    text = _reply_text(text)
    with transaction.atomic():
        # The lock keeps an override or a fresh generation from slipping in between what was seen and what is approved.
        draft = _locked(draft_id)
        _may_approve(draft, by)
        if moved := changes(draft):
            raise DraftStale(_("This draft is out of date."), changes=moved)
        if seen != fingerprint(draft):
            raise DraftStale(_("This draft is out of date."), changes=[_("The draft was made anew or overridden.")])
        chosen = _candidate(draft, candidate)
        decision = Decision.APPROVED if chosen is not None and chosen.text.strip() == text else Decision.EDITED
        execute_after = now + timedelta(seconds=settings.UNDO_SECONDS)
        taken = Draft.objects.filter(pk=draft.pk, state=DraftState.READY, generation=draft.generation).update(
            state=DraftState.APPROVED, claimed_by=None, claimed_until=None, reopened_because={}
        )
        if not taken:
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        try:
            with transaction.atomic():
                review = Review.objects.create(
                    draft=draft,
                    member=by,
                    decision=decision,
                    candidate=chosen,
                    text=text,
                    execute_after=execute_after,
                    created_at=now,
                )
        except IntegrityError:
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided.")) from None
        jobs.enqueue(
            "send_reply",
            key=f"send:{review.public_id}",
            merchant_id=draft.merchant_id,
            payload={"review": review.pk},
            now=now,
            execute_after=execute_after,
        )
        _log(draft, by, f"draft.{decision}", now, review=str(review.public_id), **_origin(chosen))
        tell_console(draft, "draft:approved", now=now)
    return review


def undo_approval(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """Take an approval back while its job has not begun; raises :class:`TooLateToUndo` otherwise."""
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    with transaction.atomic():
        review = Review.objects.filter(draft=draft, undone_at=None, execute_after__isnull=False).first()
        if review is None or not jobs.cancel(key=f"send:{review.public_id}", now=now):
            raise TooLateToUndo(_("It is too late to undo: the reply is on its way."))
        Review.objects.filter(pk=review.pk).update(undone_at=now)
        Draft.objects.filter(pk=draft.pk, state=DraftState.APPROVED).update(state=DraftState.READY)
        _log(draft, by, "draft.undone", now, review=str(review.public_id))
        tell_console(draft, "draft:undone", now=now)
    draft.refresh_from_db()
    return draft


def reject_draft(*, draft_id: UUID, by: Member, reason: str, note: str, now: datetime) -> Review:
    """Discard the bot's wordings. The question stays in the queue, for a person to answer or to ask the bot anew."""
    draft = _reviewable(draft_id, by)
    if reason not in RejectReason.values:
        raise Invalid(_("Choose a reason."), field="reason")
    if len(note) > 500:
        raise Invalid(_("A note has at most 500 characters."), field="note")
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY).update(
            generation=F("generation") + 1, needs_person=True, model_state="done", model_note="", claimed_by=None
        ):
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        review = Review.objects.create(
            draft=draft, member=by, decision=Decision.REJECTED, reason=reason, note=note.strip(), created_at=now
        )
        type(draft.conversation).objects.filter(pk=draft.conversation_id).update(needs_person=True)
        _log(draft, by, "draft.rejected", now, reason=reason)
        tell_console(draft, "draft:rejected", now=now)
    return review


def select_candidate(*, draft_id: UUID, by: Member, position: int, now: datetime) -> Draft:
    """Prefer another wording; colleagues see the choice."""
    draft = _reviewable(draft_id, by)
    if _candidate(draft, position) is None:
        raise NotFound
    with transaction.atomic():
        Draft.objects.filter(pk=draft.pk, opened_at=None).update(opened_at=now)
        Draft.objects.filter(pk=draft.pk).update(selected=position)
        tell_console(draft, "draft:updated", now=now)
    draft.refresh_from_db()
    return draft


def override_verdict(
    *, draft_id: UUID, by: Member, outcome: str, amount_minor: int | None, reason: str, now: datetime
) -> Draft:
    """An admin decides against the rules, with a reason that is kept. An amount never exceeds what is refundable."""
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may override a verdict."))
    draft = _reviewable(draft_id, by)
    if draft.order is None or draft.request is None:
        raise Invalid(_("This draft has no request that could be decided."), field="outcome")
    if outcome not in {"allow", "deny"}:
        raise Invalid(_("Choose allow or deny."), field="outcome")
    reason = reason.strip()
    if not reason or len(reason) > 300:
        raise Invalid(_("Say why, in at most 300 characters."), field="reason")
    override = {
        "outcome": outcome,
        "reason": reason,
        "by": str(by.public_id),
        "by_name": str(by.user),
        "at": now.isoformat(),
    }
    if outcome == "allow" and draft.request["action"] in {"refund", "cancel"}:
        override |= _money(draft, amount_minor)
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY).update(override=override):
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        Review.objects.create(draft=draft, member=by, decision=Decision.OVERRIDDEN, note=reason, created_at=now)
        _log(draft, by, "verdict.overridden", now, outcome=outcome, amount_minor=override.get("amount_minor", 0))
        tell_console(draft, "draft:updated", now=now)
    draft.refresh_from_db()
    return draft


def _money(draft: Draft, amount_minor: int | None) -> dict[str, Any]:
    """The amount of an override and how it is split over the payments that still hold money."""
    order = draft.order
    assert order is not None
    refundable = order.paid_minor - order.refunded_minor
    amount = refundable if amount_minor is None else amount_minor
    if not 0 < amount <= refundable:
        raise Invalid(_("The amount must be above zero and within what is refundable."), field="amount_minor")
    parts, rest = [], amount
    for payment in order.payments.order_by("id"):
        share = min(rest, payment.amount_minor - payment.refunded_minor)
        if share > 0:
            parts.append({"id": payment.external_id, "amount_minor": share})
            rest -= share
    return {"amount_minor": amount, "payments": parts}


def _locked(draft_id: UUID) -> Draft:
    """The waiting draft, locked until the transaction ends."""
    draft = Draft.objects.select_for_update().filter(public_id=draft_id).first()
    if draft is None:
        raise NotFound
    if draft.state != DraftState.READY:
        raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
    return draft


def _may_approve(draft: Draft, by: Member) -> None:
    if (draft.verdict or {}).get("approver") == "admin" and _acts(draft) and not by.may_configure:
        raise NotAllowed(_("The rules want an admin to approve this amount."))


def _origin(candidate: DraftCandidate | None) -> dict[str, str | int]:
    """Which wording an approval started from; empty for a reply that was written from nothing."""
    if candidate is None:
        return {}
    return {
        "candidate": str(candidate.public_id),
        "source": candidate.source,
        "model": candidate.model,
        "generation": candidate.generation,
    }


def _reviewable(draft_id: UUID, by: Member) -> Draft:
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    if draft.state != DraftState.READY:
        raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
    return draft


def _reply_text(text: str) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write a reply first."), field="text")
    if len(text) > settings.MESSAGE_MAX_CHARACTERS:
        raise Invalid(
            _("A message has at most %(limit)s characters.") % {"limit": settings.MESSAGE_MAX_CHARACTERS}, field="text"
        )
    return text


def _candidate(draft: Draft, position: int | None) -> DraftCandidate | None:
    if position is None:
        return None
    return draft.candidates.filter(generation=draft.generation, position=position).first()


def _acts(draft: Draft) -> bool:
    return bool((draft.override or draft.verdict or {}).get("outcome") == "allow")


def _log(draft: Draft, by: Member, action: str, now: datetime, **data: str | int) -> None:
    rested_on = {
        "ruleset": str(draft.ruleset.public_id) if draft.ruleset else "",
        "rule": (draft.verdict or {}).get("rule") or "",
        "model": draft.model_version,
    }
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
        data={**rested_on, **data},
    )
