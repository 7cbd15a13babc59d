"""An operator decides: approve, edit, undo, pick, override. Every decision lands in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.cards import MAX_CARDS, reference_text, references_from
from cs_portal.commerce.money import format_minor
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.drafting.carrying import carried, carried_by
from cs_portal.drafting.errors import DraftAlreadyDecided, DraftStale, TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.drafting.pairs import first_approval, needs_pair
from cs_portal.drafting.services.agreeing import agree_first
from cs_portal.drafting.services.candidates import ask_for_renewal
from cs_portal.drafting.services.claims import refuse_claimed
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.rechecking import keep_up
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.staleness import before_override, changes, fingerprint, verdict_now
from cs_portal.drafting.tiers import DIFFERENCE, require_approver, tier_of_override
from cs_portal.merchants.models import Member


def approve_draft(
    *,
    draft_id: UUID,
    by: Member,
    candidate: int | None,
    text: str,
    seen: str,
    now: datetime,
    cards: Sequence[str] | None = None,
) -> Review:
    """Approve the reply and the action it promises; a job carries both out after the undo window.

    Where two people must agree to what goes back, the first approval only waits (:attr:`Decision.FIRST`): a colleague's
    approval of the same words, cards and effect is the one that sends. Other words take the first one's place.

    ``candidate`` is the position of the wording that the operator started from, ``seen`` the draft's fingerprint
    when they looked, ``cards`` what goes out with the reply (``product:p-9``), the draft's own when left out. A text
    that differs from the candidate's is an edit. Raises :class:`DraftStale` when the facts
    moved, :class:`DraftAlreadyDecided` when a colleague was first, :class:`NotAllowed` when the role or the amount
    forbids it, :class:`Invalid` for an empty text.
    """
    require_reviewer(by)
    text = _reply_text(text)
    with transaction.atomic():
        # The lock keeps an override or a fresh generation from slipping in between what was seen and what is approved.
        draft = _locked(draft_id)
        refuse_claimed(draft, by, now)
        keep_up(draft, now=now)
        if moved := changes(draft, now=now):
            raise DraftStale(_("This draft is out of date."), changes=moved)
        if verdict_now(draft, now=now) is not None:
            raise DraftStale(_("This draft is out of date."), changes=[_("The rules decide differently by now.")])
        promised = carried_by(draft)
        if promised.refused:
            raise DraftStale(_("This draft is out of date."), changes=[promised.refused])
        plan = promised.plan.to_dict() if promised.plan is not None else None
        if seen != fingerprint(draft):
            raise DraftStale(_("This draft is out of date."), changes=[_("The draft was made anew or overridden.")])
        chosen = _candidate(draft, candidate)
        kept = _cards(draft, cards)
        decision = Decision.APPROVED if chosen is not None and chosen.text.strip() == text else Decision.EDITED
        if decision == Decision.APPROVED and chosen is not None and before_override(draft, [chosen]):
            raise Conflict(
                _("This reply was written before the verdict was overridden. Wait for the new one, or edit it.")
            )
        first = None
        if needs_pair(promised.plan, order=draft.order):
            first = first_approval(draft)
            if first is None or (first.text, draft.cards, first.plan) != (text, kept, plan):
                return agree_first(draft, by=by, candidate=chosen, text=text, cards=kept, plan=plan, now=now)
            if first.member_id == by.pk:
                return first
        _require_approver(draft, promised.plan, by=by, first=first)
        execute_after = now + timedelta(seconds=settings.UNDO_SECONDS)
        taken = Draft.objects.filter(pk=draft.pk, state=DraftState.READY, generation=draft.generation).update(
            state=DraftState.APPROVED, claimed_by=None, claimed_until=None, reopened_because={}, cards=kept
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
                    plan=plan,
                    first=first,
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
        keep_hits(draft)
        _log(draft, by, f"draft.{decision}", now, review=str(review.public_id), cards=len(kept), **_origin(chosen))
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
        keep_hits(draft)
        _log(draft, by, "draft.undone", now, review=str(review.public_id))
        tell_console(draft, "draft:undone", now=now)
    draft.refresh_from_db()
    return draft


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
    """An admin decides against the rules, with a reason that is kept; the reply is drafted anew under that verdict.

    An amount never exceeds what is refundable.
    """
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
    override: dict[str, Any] = {
        "outcome": outcome,
        "reason": reason,
        "by": str(by.public_id),
        "by_name": str(by.user),
        "at": now.isoformat(),
    }
    if outcome == "allow" and draft.request["action"] in {"refund", "cancel"}:
        override |= _money(draft, amount_minor)
    if outcome == "allow":
        override["approver"] = _override_tier(draft, override)
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY).update(override=override):
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        Review.objects.create(draft=draft, member=by, decision=Decision.OVERRIDDEN, note=reason, created_at=now)
        ask_for_renewal(draft, now=now)
        _log(draft, by, "verdict.overridden", now, outcome=outcome, amount_minor=override.get("amount_minor", 0))
        tell_console(draft, "draft:updated", now=now)
    draft.refresh_from_db()
    return draft


def _require_approver(draft: Draft, plan: Plan | None, *, by: Member, first: Review | None) -> None:
    colleague = first.member if first is not None else None
    require_approver(draft.standing_verdict, by=by, first=colleague)
    if draft.override is not None and plan is not None:
        # What goes back by an override may have grown since: prices and stock move.
        tier = _override_tier(draft, draft.override)
        require_approver({**draft.standing_verdict, "approver": tier}, by=by, first=colleague)


def _override_tier(draft: Draft, override: Mapping[str, Any]) -> str:
    """The tier of the amount that is granted, or of what a cheaper variant gives back."""
    request, order = draft.request, draft.order
    amount = int({**(draft.verdict or {}), **override}.get("amount_minor") or 0)
    if request is not None and order is not None and request["action"] in DIFFERENCE:
        plan = carried(request=request, verdict=override, order=order, shopper=order.shopper).plan
        amount = plan.money_back_minor if plan is not None else 0
    return tier_of_override(draft.verdict, draft.ruleset, amount_minor=amount, order=order)


def _money(draft: Draft, amount_minor: int | None) -> dict[str, Any]:
    """The amount of an override and how it is split over the payments that still hold money."""
    order = draft.order
    assert order is not None
    refundable = order.paid_minor - order.refunded_minor
    amount = refundable if amount_minor is None else amount_minor
    if not 0 < amount <= refundable:
        raise Invalid(
            _("The amount must be above zero and at most %(amount)s: that is still refundable.")
            % {"amount": format_minor(refundable, order.currency)},
            field="amount_minor",
        )
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


def _cards(draft: Draft, cards: Sequence[str] | None) -> list[dict[str, str]]:
    """What goes out with the reply. A card that the operator added is checked; the draft's own need not be."""
    own: list[dict[str, str]] = draft.cards
    if cards is None:
        return own
    known = {reference_text(card): card for card in own}
    added = [text for text in cards if text not in known]
    fresh = references_from(added, shopper=draft.conversation.shopper)
    by_text = known | {reference_text(card): card for card in fresh}
    wanted = [by_text[text] for text in dict.fromkeys(cards)]
    if len(wanted) > MAX_CARDS:
        raise Invalid(_("At most %(limit)s cards go with one reply.") % {"limit": MAX_CARDS}, field="cards")
    return wanted


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
