"""What autopilot sent, and how people judged the samples of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from cs_portal.analytics.filters import Filters, reviews
from cs_portal.analytics.metrics import Rate
from cs_portal.drafting.models import AutopilotSend, Decision, Judgement


@dataclass(frozen=True, slots=True)
class Piloted:
    """Of one rule: ``name`` is empty of a rule for an ``action`` that shoppers confirmed."""

    name: str
    action: str
    sent: int
    wrong: Rate


@dataclass(frozen=True, slots=True)
class Piloting:
    """``sent`` are its replies of all that drafts became in the period, ``wrong`` of those that were judged."""

    sent: Rate
    wrong: Rate
    rules: list[Piloted]


def piloting(filters: Filters) -> Piloting:
    """Two queries. With a member chosen there is nothing: autopilot is none."""
    gone = reviews(filters).filter(decision__in=[Decision.APPROVED, Decision.EDITED], executed_at__isnull=False)
    sends = AutopilotSend.objects.filter(review__in=gone.order_by())
    counted = sends.values_list("rule__name", "rule__action").annotate(
        sent=Count("pk"),
        judged=Count("pk", filter=~Q(judgement="")),
        wrong=Count("pk", filter=Q(judgement=Judgement.WRONG)),
    )
    rules = [Piloted(name, action, sent, Rate(wrong, judged)) for name, action, sent, judged, wrong in counted]
    rules.sort(key=lambda rule: -rule.sent)
    return Piloting(
        sent=Rate(sum(rule.sent for rule in rules), gone.count()),
        wrong=Rate(sum(rule.wrong.part for rule in rules), sum(rule.wrong.n for rule in rules)),
        rules=rules,
    )
