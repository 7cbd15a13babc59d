"""The inbox: conversations by what people look for. Everything is a condition of one query, made to be paged by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, TextChoices, Value
from django.utils.translation import pgettext_lazy

from cs_portal.conversations.models import Conversation, ConversationState, ConversationTag, WaitsFrom
from cs_portal.conversations.search import matching
from cs_portal.conversations.selectors.reading import BEGUN
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Member

ANY = "any"
ME = "me"
NOBODY = "nobody"


class Sort(TextChoices):
    """Orders that have an index each.

    ``WAITING``: those who wait for a reply, the longest waiting first, then the others, the latest first; over all
    states together it leaves the others out. ``DUE`` always leaves out who waits for nothing.
    """

    WAITING = "waiting", pgettext_lazy("sort", "Longest waiting first")
    NEWEST = "newest", pgettext_lazy("sort", "Newest first")
    OLDEST = "oldest", pgettext_lazy("sort", "Oldest first")
    DUE = "due", pgettext_lazy("sort", "Reply due first")

    @property
    def by(self) -> tuple[str, ...]:
        """Fields for keyset pages, none of them null within :func:`inbox` of that sort."""
        return {
            Sort.WAITING: ("waits_from", "-last_message_at", "-id"),
            Sort.NEWEST: ("-last_message_at", "-id"),
            Sort.OLDEST: ("last_message_at", "id"),
            Sort.DUE: ("reply_due_at", "id"),
        }[self]

    @classmethod
    def usual(cls, state: str) -> Sort:
        """What comes first where nobody chose: who waits longest among the open, else the latest."""
        return cls.WAITING if state == ConversationState.OPEN else cls.NEWEST


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """``state`` may be ``any``; ``assignee`` ``me``, ``nobody`` or a member's public id.

    ``since`` and ``until`` are days in the merchant's time zone and look at the last message. ``within`` are ids that a
    layer above found.
    """

    state: str = ConversationState.OPEN
    assignee: str = ""
    storefront: UUID | None = None
    locale: str = ""
    tag: UUID | None = None
    handler: str = ""
    shopper: UUID | None = None
    needs_person: bool = False
    waiting: bool = False
    overdue: bool = False
    since: date | None = None
    until: date | None = None
    search: str = ""
    sort: Sort = Sort.WAITING
    within: QuerySet[Conversation] | None = None


def inbox(filters: InboxFilters, *, member: Member, now: datetime) -> QuerySet[Conversation]:
    """Conversations that fit, with what a list shows of each. Page it by ``filters.sort.by``."""
    return (
        fitting(filters, member=member, now=now)
        .select_related("shopper", "storefront", "assignee__user")
        .prefetch_related(Prefetch("tagged", ConversationTag.objects.select_related("tag").order_by("tag__name")))
    )


def fitting(filters: InboxFilters, *, member: Member, now: datetime) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(BEGUN)
    if filters.state != ANY:
        rows = rows.filter(state=filters.state)
    rows = _of_people(rows, filters, member)
    if filters.storefront:
        rows = rows.filter(storefront__public_id=filters.storefront)
    if filters.locale:
        rows = rows.filter(locale=filters.locale)
    if filters.tag:
        tagged = ConversationTag.objects.filter(conversation=OuterRef("pk"), tag__public_id=filters.tag)
        rows = rows.filter(Exists(tagged))
    if filters.waiting or (filters.sort == Sort.WAITING and filters.state == ANY):
        rows = rows.filter(waiting_since__isnull=False)
    if filters.sort == Sort.WAITING:
        rows = rows.annotate(waits_from=WaitsFrom("waiting_since"))
    if filters.sort == Sort.DUE:
        rows = rows.filter(reply_due_at__isnull=False)
    if filters.overdue:
        rows = rows.filter(reply_due_at__lt=now)
    rows = _of_days(rows, filters)
    if filters.search.strip():
        rows = rows.filter(pk__in=matching(filters.search))
    if filters.within is not None:
        rows = rows.filter(pk__in=filters.within)
    return rows


def _of_people(rows: QuerySet[Conversation], filters: InboxFilters, member: Member) -> QuerySet[Conversation]:
    if filters.assignee == ME:
        rows = rows.filter(assignee=member)
    elif filters.assignee == NOBODY:
        rows = rows.filter(assignee=None)
    elif filters.assignee:
        rows = rows.filter(assignee__public_id=filters.assignee)
    if filters.shopper:
        rows = rows.filter(shopper__public_id=filters.shopper)
    if filters.handler:
        rows = rows.filter(handled_by=filters.handler)
    if filters.needs_person:
        rows = rows.filter(needs_person=True)
    return rows


def _of_days(rows: QuerySet[Conversation], filters: InboxFilters) -> QuerySet[Conversation]:
    zone = ZoneInfo(current_merchant().timezone)
    if filters.since:
        rows = rows.filter(last_message_at__gte=datetime.combine(filters.since, time.min, zone))
    if filters.until:
        rows = rows.filter(last_message_at__lt=datetime.combine(filters.until + timedelta(days=1), time.min, zone))
    return rows


def numbers(views: Mapping[str, InboxFilters], *, member: Member, now: datetime, limit: int) -> dict[str, int]:
    """How many conversations each view holds, counted up to ``limit`` + 1, in one query that reads no more."""
    if not views:
        return {}
    parts = []
    for name, filters in views.items():
        some = fitting(filters, member=member, now=now).order_by().values("pk")[: limit + 1]
        parts.append(Conversation.objects.filter(pk__in=some).order_by().annotate(view=Value(name)).values("view"))
    found = dict.fromkeys(views, 0)
    for row in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
        found[row["view"]] += 1
    return found
