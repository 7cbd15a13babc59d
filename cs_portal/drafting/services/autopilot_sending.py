"""Autopilot: a reply goes out unreviewed where a rule that a person switched on is about exactly this case.

Two kinds of rules do. One of an action: the shopper confirmed the request in the chat's form, the rules of the shop
allow it and name autopilot as approver, and the shop carries it out. One for words: the reply only says something, and
fits the rule's conditions (:mod:`cs_portal.drafting.autopilot_cases`). Either way nothing marks the conversation as one
for a person, and the candidate is the grounded composer's with nothing marked by the guard. All else waits for a
person. A rule in shadow sends nothing: what it would have sent is written down.

The approval is recorded like a person's and leaves by the same job, after the same undo window, with the same checks;
the job looks at the rule and the approver once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions.plan import Plan
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.drafting.autopilot_cases import fitting, speaks_for_itself
from cs_portal.drafting.carrying import acts, carried_by, is_decided
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.models import (
    AutopilotRule,
    AutopilotState,
    Decision,
    Draft,
    DraftCandidate,
    DraftState,
    Review,
    ShadowSend,
)
from cs_portal.drafting.pairs import needs_pair
from cs_portal.drafting.services.notices import tell_console


def approve_by_autopilot(draft: Draft, *, now: datetime) -> Review | None:
    """Record autopilot's approval of a fresh draft where it may; ``None`` leaves it to a person.

    Runs in the transaction that saves the draft. Where no rule is on for it, rules in shadow note what they would have
    sent.
    """
    candidate = draft.candidates.filter(generation=draft.generation).order_by("position").first()
    if candidate is None:
        return None
    if (found := _rule_of_action(draft, candidate)) is not None:
        return _approve(draft, candidate, *found, now=now)
    rules = list(AutopilotRule.objects.filter(action="").exclude(state=AutopilotState.OFF).order_by("pk"))
    if not rules or not speaks_for_itself(draft, candidate):
        return None
    fit = list(fitting(rules, draft, now=now))
    for rule in fit:
        if rule.state == AutopilotState.ON:
            return _approve(draft, candidate, rule, None, now=now)
    ShadowSend.objects.bulk_create(
        [
            ShadowSend(rule=rule, rule_version=rule.version, draft=draft, candidate=candidate, created_at=now)
            for rule in fit
        ],
        ignore_conflicts=True,
    )
    return None


def _approve(
    draft: Draft, candidate: DraftCandidate, rule: AutopilotRule, plan: Plan | None, *, now: datetime
) -> Review | None:
    if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY, claimed_by=None).update(state=DraftState.APPROVED):
        return None
    verdict = draft.standing_verdict
    review = Review.objects.create(
        draft=draft,
        decision=Decision.APPROVED,
        candidate=candidate,
        text=candidate.text,
        plan=plan.to_dict() if plan is not None else None,
        autopilot={
            "rule": str(rule.public_id),
            "rule_version": rule.version,
            "name": rule.name,
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
            "autopilot_version": rule.version,
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
    standing = AutopilotRule.objects.filter(public_id=review.autopilot["rule"], state=AutopilotState.ON)
    # An approval that was recorded before rules had versions names none.
    if not standing.filter(version=review.autopilot.get("rule_version", 1)).exists():
        return _("Autopilot was switched off meanwhile.")
    if review.autopilot["action"] and draft.request is not None and is_decided(draft):
        decided = decide_on(draft.order, draft.request, now=now, shopper=draft.conversation.shopper)
        if decided is None or decided[0].get("approver") != "autopilot":
            return _("The rules want a person to approve this by now.")
    return None


def _rule_of_action(draft: Draft, candidate: DraftCandidate) -> tuple[AutopilotRule, Plan] | None:
    """The rule that is on for what the draft would do, and what that is."""
    if not _is_routine(draft) or candidate.source != "composer" or candidate.violations:
        return None
    rule = AutopilotRule.objects.filter(action=_action(draft), state=AutopilotState.ON).first()
    if rule is None or (plan := carried_by(draft).plan) is None:
        return None
    if not _within_limit(rule, plan) or needs_pair(plan, order=draft.order):
        return None
    return rule, plan


def _within_limit(rule: AutopilotRule, plan: Plan) -> bool:
    """The rule's own limit for what goes back, beside the tiers of the shop's rules; another currency is beyond it."""
    if rule.limit_minor is None or not plan.given_back_minor:
        return True
    return plan.currency == rule.limit_currency and plan.given_back_minor <= rule.limit_minor


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
