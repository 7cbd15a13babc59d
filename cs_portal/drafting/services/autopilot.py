"""Autopilot rules: switches for what shoppers confirm in the chat's form, and thresholds that are only prepared.

A switch lets replies to such requests go out unreviewed, within the tier that the rules name
(:mod:`cs_portal.drafting.services.autopilot_sending`). A reply to free words always needs a recorded approval of a
person: its threshold can be chosen and its effect looked at beforehand; switching it on is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bots.types import INTENTS
from cs_portal.commerce.models import ActionKind
from cs_portal.core.errors import Invalid
from cs_portal.drafting.models import AutopilotRule, Decision, Review
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer

LEAST, MOST, USUAL = 0.5, 1.0, 0.9
#: Intents that a person must answer whatever the confidence.
NEVER = {"wants_a_person", "complaint", "other"}
#: What the look back reads at most; the newest decisions count.
LOOK_BACK_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of ``decided`` drafts ``above`` reached the threshold, and ``unchanged`` of those were approved as they were."""

    intent: str
    threshold: float
    decided: int
    above: int
    unchanged: int

    @property
    def share(self) -> int | None:
        """Percent of the drafts above the threshold that people approved as they were."""
        return round(100 * self.unchanged / self.above) if self.above else None


def may_ever(intent: str) -> bool:
    return intent in INTENTS and intent not in NEVER


def thresholds() -> dict[str, float]:
    """The merchant's threshold for every intent that autopilot may ever answer."""
    saved = dict(AutopilotRule.objects.filter(action="", locale="").values_list("intent", "min_confidence"))
    return {intent: saved.get(intent, USUAL) for intent in INTENTS if may_ever(intent)}


def outlook(*, now: datetime, days: int = 30) -> list[Outlook]:
    """By intent, what the thresholds would have let through in the last ``days``. Two queries."""
    chosen = thresholds()
    rows = (
        Review.objects.filter(
            created_at__gte=now - timedelta(days=days),
            decision__in=[Decision.APPROVED, Decision.EDITED, Decision.REJECTED],
            undone_at=None,
        )
        .order_by("-created_at")
        .values_list("draft__intent", "draft__confidence", "decision")[:LOOK_BACK_ROWS]
    )
    decided: Counter[str] = Counter()
    above: Counter[str] = Counter()
    unchanged: Counter[str] = Counter()
    for intent, confidence, decision in rows:
        decided[intent] += 1
        if confidence >= chosen.get(intent, 2.0):
            above[intent] += 1
            unchanged[intent] += decision == Decision.APPROVED
    return [Outlook(i, threshold, decided[i], above[i], unchanged[i]) for i, threshold in chosen.items()]


def save_thresholds(*, by: Member, chosen: Mapping[str, float], now: datetime) -> list[str]:
    """Keep the thresholds and return the intents that changed. Nothing is sent by them yet."""
    require_configurer(by)
    for intent, threshold in chosen.items():
        if not may_ever(intent):
            raise Invalid(_("This kind of question always needs a person."), field=intent)
        if not LEAST <= threshold <= MOST:
            raise Invalid(_("Between 50 % and 100 %."), field=intent)
    before = thresholds()
    changed = sorted(intent for intent, threshold in chosen.items() if before[intent] != threshold)
    with transaction.atomic():
        for intent in changed:
            AutopilotRule.objects.update_or_create(
                action="",
                intent=intent,
                locale="",
                defaults={"min_confidence": chosen[intent], "is_on": False, "updated_at": now},
            )
        if changed:
            target = f"merchant:{by.merchant.public_id}"
            log(by, "autopilot.thresholds_changed", target, now, {intent: chosen[intent] for intent in changed})
    return changed


def switches() -> dict[str, bool]:
    """For every action, whether autopilot may carry out what a shopper confirmed in the chat's form."""
    on = set(AutopilotRule.objects.filter(is_on=True).exclude(action="").values_list("action", flat=True))
    return {kind: kind in on for kind in ActionKind.values}


def switch_autopilot(*, by: Member, action: str, on: bool, now: datetime) -> bool:
    """Let autopilot send what the rules leave to it for ``action``, or no longer; returns whether that is a change."""
    require_configurer(by)
    if action not in ActionKind.values:
        raise Invalid(_("There is no such action."), field="action")
    with transaction.atomic():
        rule, _made = AutopilotRule.objects.get_or_create(
            action=action, intent="", locale="", defaults={"updated_at": now}
        )
        if not AutopilotRule.objects.filter(pk=rule.pk, is_on=not on).update(is_on=on, updated_at=now):
            return False
        _log_switch(by, "autopilot.switched_on" if on else "autopilot.switched_off", now, kind=action)
    return True


def stop_autopilot(*, by: Member, now: datetime) -> int:
    """Switch everything off at once; replies that autopilot approved and that have not left come back."""
    require_configurer(by)
    with transaction.atomic():
        stopped: int = AutopilotRule.objects.filter(is_on=True).update(is_on=False, updated_at=now)
        if stopped:
            _log_switch(by, "autopilot.stopped", now, count=stopped)
    return stopped


def _log_switch(by: Member, action: str, now: datetime, **data: str | int) -> None:
    log(by, action, f"merchant:{by.merchant.public_id}", now, data)
