"""What autopilot rules sent, and how it was judged: counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from cs_portal.conversations.models import Author, Message
from cs_portal.drafting.models import AutopilotRule, AutopilotSend, Judgement, Review


@dataclass(frozen=True, slots=True)
class Sent:
    """``judgements`` count since the rule's evidence does; ``to_check`` are sampled ones that nobody has judged."""

    total: int = 0
    week: int = 0
    right: int = 0
    wrong: int = 0
    to_check: int = 0


def sent_by(rules: Collection[AutopilotRule], *, now: datetime) -> dict[int, Sent]:
    """By rule; one query."""
    judged = Q(rule_version=F("rule__version"), created_at__gte=F("rule__evidence_since"))
    rows = (
        AutopilotSend.objects.filter(rule__in=[rule.pk for rule in rules])
        .values("rule_id")
        .annotate(
            total=Count("pk"),
            week=Count("pk", filter=Q(created_at__gte=now - timedelta(days=7))),
            right=Count("pk", filter=judged & Q(judgement=Judgement.RIGHT)),
            wrong=Count("pk", filter=judged & Q(judgement=Judgement.WRONG)),
            to_check=Count("pk", filter=Q(sampled=True, judgement="")),
        )
    )
    found = {row.pop("rule_id"): Sent(**row) for row in rows}
    return {rule.pk: found.get(rule.pk, Sent()) for rule in rules}


@dataclass(frozen=True, slots=True)
class SentBy:
    """The rule by which a message was sent: its name then (empty for an action), and its public id."""

    name: str
    action: str
    rule: str


def autopilot_behind(messages: Iterable[Message]) -> dict[UUID | None, SentBy]:
    """By draft, of the bot's messages that nobody approved the rule that did. One query, none without such messages."""
    keys = {one.draft_key for one in messages if one.author == Author.BOT and one.member_id is None and one.draft_key}
    if not keys:
        return {}
    rows = Review.objects.filter(
        draft__public_id__in=keys, autopilot__isnull=False, undone_at=None, executed_at__isnull=False
    )
    return {
        key: SentBy(data.get("name", ""), data["action"], data["rule"])
        for key, data in rows.values_list("draft__public_id", "autopilot")
    }
