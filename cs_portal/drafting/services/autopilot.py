"""Autopilot's switches: for each action that shoppers confirm in the chat's form, and the one that stops everything.

Rules for words have states of their own (:mod:`cs_portal.drafting.services.autopilot_rules`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.commerce.models import ActionKind
from cs_portal.core import events, jobs
from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.evidence import in_both
from cs_portal.drafting.models import AutopilotRule, AutopilotState, Draft, DraftState, PutBack, Review
from cs_portal.drafting.services.reopening import reopen
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer


def action_rules() -> dict[str, AutopilotRule]:
    """By action, the rule that was made for it when it was first switched or limited."""
    return {rule.action: rule for rule in AutopilotRule.objects.exclude(action="")}


def switches() -> dict[str, bool]:
    """For every action, whether autopilot may carry out what a shopper confirmed in the chat's form."""
    rules = action_rules()
    return {kind: kind in rules and rules[kind].state == AutopilotState.ON for kind in ActionKind.values}


def anything_on() -> bool:
    return AutopilotRule.objects.filter(state=AutopilotState.ON).exists()


def switch_autopilot(*, by: Member, action: str, on: bool, now: datetime) -> bool:
    """Let autopilot send what the rules leave to it for ``action``, or no longer; returns whether that is a change."""
    require_configurer(by)
    state = AutopilotState.ON if on else AutopilotState.OFF
    with transaction.atomic():
        rule = _rule_of(action, now)
        moved = AutopilotRule.objects.filter(pk=rule.pk).exclude(state=state)
        if not moved.update(state=state, state_since=now, state_by=by, put_back="", updated_at=now):
            return False
        if not on:
            take_back(AutopilotRule.objects.filter(pk=rule.pk), because=switched_off, now=now)
        _log(by, "autopilot.switched_on" if on else "autopilot.switched_off", now, kind=action)
        tell_of_autopilot(now=now)
    return True


def limit_autopilot(*, by: Member, action: str, limit_minor: int | None, currency: str, now: datetime) -> bool:
    """What a reply to ``action`` may give back at most, in ``currency``; ``None`` leaves it to the shop's rules."""
    require_configurer(by)
    fresh = {"limit_minor": limit_minor, "limit_currency": currency if limit_minor is not None else ""}
    with transaction.atomic():
        rule = _rule_of(action, now)
        if (rule.limit_minor, rule.limit_currency) == (fresh["limit_minor"], fresh["limit_currency"]):
            return False
        AutopilotRule.objects.filter(pk=rule.pk).update(**fresh, version=rule.version + 1, updated_at=now)
        take_back(AutopilotRule.objects.filter(pk=rule.pk), because=conditions_changed, now=now)
        _log(by, "autopilot.limited", now, kind=action, limit=limit_minor or 0, currency=currency)
    return True


def stop_autopilot(*, by: Member, now: datetime) -> int:
    """Switch everything off at once, and take back what was approved and has not left; how many rules were on.

    Whoever reviews may: stopping is always safe. Rules in shadow go on looking, since they send nothing.
    """
    require_reviewer(by)
    with transaction.atomic():
        on = AutopilotRule.objects.filter(state=AutopilotState.ON)
        stopped: int = on.update(
            state=AutopilotState.OFF, state_since=now, state_by=by, put_back=PutBack.STOPPED, updated_at=now
        )
        taken = take_back(AutopilotRule.objects.all(), because=switched_off, now=now)
        if stopped or taken:
            _log(by, "autopilot.stopped", now, count=stopped, taken_back=taken)
            tell_of_autopilot(now=now)
    return stopped


def take_back(rules: QuerySet[AutopilotRule], *, because: Callable[[], str], now: datetime) -> int:
    """Bring back what ``rules`` approved and whose job has not begun; how many replies that were.

    Within the caller's transaction. A job that has begun asks once more whether the rule stands, and brings the draft
    back itself.
    """
    ids = {str(public_id) for public_id in rules.values_list("public_id", flat=True)}
    waiting = Review.objects.filter(
        draft__state=DraftState.APPROVED, autopilot__isnull=False, undone_at=None, executed_at=None
    ).select_related("draft__conversation", "draft__ruleset")
    taken = 0
    for review in waiting:
        if review.autopilot is None or review.autopilot["rule"] not in ids:
            continue
        if not jobs.cancel(key=f"send:{review.public_id}", now=now):
            continue
        if Draft.objects.filter(pk=review.draft_id, state=DraftState.APPROVED).update(state=DraftState.READY):
            reopen(review.draft, review, because=in_both(because), now=now)
            taken += 1
    return taken


def tell_of_autopilot(*, now: datetime) -> None:
    """Every console hears that something of autopilot was switched."""
    events.publish(merchant_id=current_merchant().pk, topic=events.CONSOLE, name="autopilot:changed", data={}, now=now)


def switched_off() -> str:
    return _("Autopilot was switched off meanwhile.")


def conditions_changed() -> str:
    return _("The autopilot rule was changed meanwhile.")


def _rule_of(action: str, now: datetime) -> AutopilotRule:
    if action not in ActionKind.values:
        raise Invalid(_("There is no such action."), field="action")
    since = {"state_since": now, "evidence_since": now, "updated_at": now}
    rule: AutopilotRule = AutopilotRule.objects.get_or_create(action=action, name="", defaults=since)[0]
    return rule


def _log(by: Member, action: str, now: datetime, **data: str | int) -> None:
    log(by, action, f"merchant:{by.merchant.public_id}", now, data)
