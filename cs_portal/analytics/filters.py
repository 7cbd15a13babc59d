"""What a reader narrows the figures down to, as conditions on conversations, drafts and reviews."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from cs_portal.analytics.periods import Period
from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.selectors import BEGUN
from cs_portal.drafting.models import Draft, Review


@dataclass(frozen=True, slots=True)
class Filters:
    """Row numbers of storefront and member, within the merchant's scope; None and empty texts narrow nothing."""

    period: Period
    storefront: int | None = None
    locale: str = ""
    member: int | None = None
    intent: str = ""

    def before(self) -> Filters:
        """The same for the period before."""
        return replace(self, period=self.period.before())

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.period.start, self.period.end


def conversations(filters: Filters) -> QuerySet[Conversation]:
    """Those begun in the period in which somebody said something.

    A member's are those in which they replied, an intent's those with a draft of it.
    """
    start, end = filters.span
    rows = Conversation.objects.filter(_of_conversation(filters), created_at__gte=start, created_at__lt=end)
    rows = rows.filter(BEGUN)
    if filters.member is not None:
        replied = Message.objects.filter(conversation=OuterRef("pk"), member=filters.member)
        rows = rows.filter(Exists(replied))
    if filters.intent:
        rows = rows.filter(Exists(Draft.objects.filter(conversation=OuterRef("pk"), intent=filters.intent)))
    return rows


def drafts(filters: Filters) -> QuerySet[Draft]:
    """Those made in the period; a member's are those that they decided on."""
    start, end = filters.span
    rows = Draft.objects.filter(_of_conversation(filters, "conversation__"), created_at__gte=start, created_at__lt=end)
    if filters.intent:
        rows = rows.filter(intent=filters.intent)
    if filters.member is not None:
        rows = rows.filter(Exists(Review.objects.filter(draft=OuterRef("pk"), member=filters.member)))
    return rows


def reviews(filters: Filters) -> QuerySet[Review]:
    """Decisions of the period that were not taken back."""
    start, end = filters.span
    rows = Review.objects.filter(
        _of_conversation(filters, "draft__conversation__"), created_at__gte=start, created_at__lt=end, undone_at=None
    )
    if filters.intent:
        rows = rows.filter(draft__intent=filters.intent)
    if filters.member is not None:
        rows = rows.filter(member=filters.member)
    return rows


def decisions_of_people(filters: Filters) -> QuerySet[Review]:
    """Of the decisions of the period those that a person made: autopilot approving its own reply tells nothing."""
    return reviews(filters).filter(autopilot__isnull=True)


def _of_conversation(filters: Filters, path: str = "") -> Q:
    condition = Q()
    if filters.storefront is not None:
        condition &= Q(**{f"{path}storefront": filters.storefront})
    if filters.locale:
        condition &= Q(**{f"{path}locale": filters.locale})
    return condition
