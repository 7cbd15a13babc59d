"""What the bot settles, and what it hands to people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from cs_portal.analytics.filters import Filters, conversations
from cs_portal.analytics.metrics import Rate, product
from cs_portal.conversations.models import Activity, ActivityKind, Conversation, ConversationState, ResolvedBy

RETURNS_WITHIN = timedelta(days=7)
_INVOLVED = Q(bot_involved_at__isnull=False)
#: The bot drafted, no person wrote, and it is resolved.
_ALONE = _INVOLVED & Q(state=ConversationState.RESOLVED, first_person_reply_at=None)


@dataclass(frozen=True, slots=True)
class Automation:
    """``reasons`` counts handed-over conversations by reason; the empty reason is a colleague who took over."""

    involved: Rate
    confirmed: Rate
    assumed: Rate
    handed_over: Rate
    reasons: dict[str, int]
    reopened: Rate

    @property
    def resolved(self) -> Rate:
        return Rate(self.confirmed.part + self.assumed.part, self.confirmed.n)

    @property
    def automated(self) -> float | None:
        return product(self.involved, self.resolved)


def automation(filters: Filters) -> Automation:
    """Four queries. Of the few conversations that were reopened the timeline is read, of all others nothing but counts.

    (As conditions on the timeline within the counts, SQLite took minutes for 50,000 conversations.)
    """
    rows = conversations(filters)
    back = _came_back(rows)
    counted = rows.aggregate(
        all=Count("pk"),
        involved=Count("pk", filter=_INVOLVED),
        confirmed=Count("pk", filter=_ALONE & Q(resolved_by=ResolvedBy.SHOPPER)),
        assumed=Count("pk", filter=_ALONE & Q(resolved_by=ResolvedBy.ASSUMED)),
        handed_over=Count("pk", filter=_INVOLVED & Q(handed_over_at__isnull=False)),
        resolved=Count("pk", filter=Q(resolved_at__isnull=False) | Q(reopened_count__gt=0)),
    )
    taken_back = _taken_back(rows, back)
    reasons = rows.filter(_INVOLVED, handed_over_at__isnull=False).values_list("handover_reason")
    n = counted["involved"]
    return Automation(
        involved=Rate(n, counted["all"]),
        confirmed=Rate(counted["confirmed"] - taken_back[ResolvedBy.SHOPPER], n),
        assumed=Rate(counted["assumed"] - taken_back[ResolvedBy.ASSUMED], n),
        handed_over=Rate(counted["handed_over"], n),
        reasons=dict(reasons.annotate(n=Count("pk")).order_by("-n", "handover_reason")),
        reopened=Rate(len(back), counted["resolved"]),
    )


def _came_back(rows: QuerySet[Conversation]) -> set[int]:
    """Conversations that were reopened within seven days of a resolution: what was settled before was not."""
    events = Activity.objects.filter(
        conversation__in=rows.filter(reopened_count__gt=0).values("pk"),
        kind__in=[ActivityKind.RESOLVED, ActivityKind.REOPENED],
    )
    resolved: dict[int, datetime] = {}
    back: set[int] = set()
    for conversation, kind, at in events.order_by("conversation", "pk").values_list(
        "conversation", "kind", "created_at"
    ):
        if kind == ActivityKind.RESOLVED:
            resolved[conversation] = at
        elif conversation in resolved and at - resolved[conversation] <= RETURNS_WITHIN:
            back.add(conversation)
    return back


def _taken_back(rows: QuerySet[Conversation], back: set[int]) -> Counter[str]:
    """How many of the counted resolutions by the bot alone do not count after all, by who resolved."""
    reopened = rows.filter(_ALONE, reopened_count__gt=0).values_list("pk", "resolved_by")
    return Counter(how for conversation, how in reopened if conversation in back)
