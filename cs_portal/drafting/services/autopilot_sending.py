"""Autopilot: the reply to a request that a shopper confirmed in the chat's form goes out unreviewed.

Only where all hold: the merchant's switch for the action is on, the rules allow it and name autopilot as approver,
the shop carries it out, nothing marks the conversation as one for a person, and the best candidate is the grounded
composer's, with nothing marked by the guard. Everything else waits for a person.

The approval is recorded like a person's and leaves by the same job, after the same undo window, with the same checks;
the job looks at the switch and the approver once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.drafting.carrying import acts, carried_by, is_decided
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.models import AutopilotRule, Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.drafting.services.notices import tell_console


def approve_by_autopilot(draft: Draft, *, now: datetime) -> Review | None:
    """Record autopilot's approval of a fresh draft where it may; ``None`` leaves it to a person.

    Runs in the transaction that saves the draft.
    """
    candidate = draft.candidates.filter(generation=draft.generation).order_by("position").first()
    if candidate is None or not _is_routine(draft) or not _is_grounded(candidate):
        return None
    rule = AutopilotRule.objects.filter(action=_action(draft), is_on=True).first()
    plan = carried_by(draft).plan
    if rule is None or plan is None:
        return None
    if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY, claimed_by=None).update(state=DraftState.APPROVED):
        return None
    verdict = draft.standing_verdict
    review = Review.objects.create(
        draft=draft,
        decision=Decision.APPROVED,
        candidate=candidate,
        text=candidate.text,
        plan=plan.to_dict(),
        autopilot={
            "rule": str(rule.public_id),
            "action": rule.action,
            "ruleset": str(draft.ruleset.public_id) if draft.ruleset else "",
            "version": verdict.get("version"),
            "verdict": verdict.get("rule") or "",
        },
        execute_after=now + timedelta(seconds=settings.UNDO_SECONDS),
        created_at=now,
    )
    jobs.enqueue(
        "send_reply",
        key=f"send:{review.public_id}",
        merchant_id=draft.merchant_id,
        payload={"review": review.pk},
        now=now,
        execute_after=review.execute_after,
    )
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("autopilot", str(rule.public_id)),
        action="draft.approved",
        target=f"draft:{draft.public_id}",
        now=now,
        data={
            "review": str(review.public_id),
            "ruleset": review.autopilot["ruleset"] if review.autopilot else "",
            "version": verdict.get("version") or 0,
            "rule": verdict.get("rule") or "",
            "kind": rule.action,
            "source": candidate.source,
        },
    )
    draft.refresh_from_db(fields=["state"])
    tell_console(draft, "draft:approved", now=now)
    return review


def autopilot_objects(draft: Draft, review: Review, *, now: datetime) -> str | Promise | None:
    """Why autopilot's approval does not hold any more, asked when the reply is about to leave."""
    if review.autopilot is None:
        return None
    if not AutopilotRule.objects.filter(public_id=review.autopilot["rule"], is_on=True).exists():
        return _("Autopilot was switched off meanwhile.")
    if draft.request is not None and is_decided(draft):
        decided = decide_on(draft.order, draft.request, now=now, shopper=draft.conversation.shopper)
        if decided is None or decided[0].get("approver") != "autopilot":
            return _("The rules want a person to approve this by now.")
    return None


def _action(draft: Draft) -> str:
    return str((draft.request or {}).get("action", ""))


def _is_routine(draft: Draft) -> bool:
    """The shopper confirmed this very request, the rules leave it to autopilot, and nothing calls for a person."""
    if draft.request is None or draft.request.get("confirmed") is not True:
        return False
    asked = draft.message.request
    if asked is None or asked.get("action") != _action(draft):
        return False
    if draft.injection or draft.needs_person or draft.handover_reason or draft.override is not None or not acts(draft):
        return False
    shopper = draft.conversation.shopper
    if not shopper.is_identified or (draft.order is not None and draft.order.shopper_id != shopper.pk):
        return False
    return bool((draft.verdict or {}).get("approver") == "autopilot")


def _is_grounded(candidate: DraftCandidate) -> bool:
    return candidate.source == "composer" and not candidate.violations
