"""The figures of the home page: what waits for people, and today beside the same hours of the week before.

They are those of the dashboard and of the lists that they lead to, by the same definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Value

from cs_portal.analytics.filters import Filters, conversations, decisions_of_people
from cs_portal.analytics.metrics import Rate
from cs_portal.analytics.periods import last_days
from cs_portal.analytics.selectors.asking import missed
from cs_portal.analytics.selectors.deciding import refunded
from cs_portal.analytics.selectors.reviewing import DECIDED
from cs_portal.conversations.models import Author, Message
from cs_portal.conversations.selectors import InboxFilters, numbers
from cs_portal.conversations.selectors.inbox import ME
from cs_portal.drafting.models import Decision, Draft
from cs_portal.drafting.selectors import drafts_awaiting_review
from cs_portal.merchants.models import Member, Merchant

GAPS_DAYS = 7


@dataclass(frozen=True, slots=True)
class Queue:
    """``by_age`` counts waiting drafts per band, each up to the limit and one more."""

    by_age: list[int]
    oldest_at: datetime | None


def queue_by_age(bounds: Sequence[timedelta], *, now: datetime, limit: int) -> Queue:
    """Bands end at ``bounds``, rising; one more has what is older than the last. Two queries."""
    waiting = drafts_awaiting_review()
    edges = [None, *(now - bound for bound in bounds), None]
    parts = []
    for band in range(len(edges) - 1):
        younger, older = edges[band], edges[band + 1]
        span = Q() if younger is None else Q(created_at__lte=younger)
        span &= Q() if older is None else Q(created_at__gt=older)
        some = waiting.filter(span).order_by().values("pk")[: limit + 1]
        parts.append(Draft.objects.filter(pk__in=some).order_by().annotate(band=Value(band)).values("band"))
    by_age = [0] * len(parts)
    for row in parts[0].union(*parts[1:], all=True):
        by_age[row["band"]] += 1
    return Queue(by_age, waiting.values_list("created_at", flat=True).first())


@dataclass(frozen=True, slots=True)
class Tasks:
    """Open conversations and questions without an answer, each counted up to the limit and one more."""

    needs_person: int
    overdue: int
    mine: int
    gaps: int


def tasks_of(member: Member, *, now: datetime, limit: int) -> Tasks:
    """What the links lead to, counted as the inbox and the dashboard count it. Two queries."""
    views = {
        "needs": InboxFilters(needs_person=True),
        "late": InboxFilters(overdue=True),
        "mine": InboxFilters(assignee=ME),
    }
    found = numbers(views, member=member, now=now, limit=limit)
    gaps = unanswered_lately(now=now, merchant=member.merchant, limit=limit)
    return Tasks(found["needs"], found["late"], found["mine"], gaps)


def unanswered_lately(*, now: datetime, merchant: Merchant, limit: int = 999) -> int:
    """Questions of the last seven days without a good answer, counted up to the limit and one more; one query."""
    week = Filters(last_days(GAPS_DAYS, now=now, zone=ZoneInfo(merchant.timezone)))
    return missed(week).order_by()[: limit + 1].count()


@dataclass(frozen=True, slots=True)
class Day:
    """``refunded`` is money in minor units by currency."""

    conversations: int
    replies: int
    unedited: Rate
    refunded: dict[str, int]


def day(filters: Filters) -> Day:
    """Four queries, and one more for every 900 refunds."""
    start, end = filters.span
    replies = Message.objects.filter(
        author__in=[Author.BOT, Author.OPERATOR], created_at__gte=start, created_at__lt=end
    )
    decided = decisions_of_people(filters).filter(decision__in=DECIDED)
    counted = decided.aggregate(all=Count("pk"), unedited=Count("pk", filter=Q(decision=Decision.APPROVED)))
    return Day(
        conversations=conversations(filters).count(),
        replies=replies.count(),
        unedited=Rate(counted["unedited"], counted["all"]),
        refunded={currency: amount for currency, (amount, _number) in refunded(filters).items()},
    )
