"""The figures of a period beside those of the period before, each part counted when somebody asks for it, and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.core.cache import cache

from cs_portal.analytics.filters import Filters, conversations, reviews
from cs_portal.analytics.selectors.asking import Asking, asking
from cs_portal.analytics.selectors.automation import Automation, automation
from cs_portal.analytics.selectors.deciding import Deciding, deciding
from cs_portal.analytics.selectors.piloting import Piloting, piloting
from cs_portal.analytics.selectors.response import Response, response
from cs_portal.analytics.selectors.reviewing import DECIDED, Reviewing, reviewing
from cs_portal.analytics.selectors.satisfaction import Satisfaction, satisfaction
from cs_portal.analytics.selectors.volume import Volume, volume
from cs_portal.analytics.selectors.wording import Wording, wording
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import current_merchant

#: Figures may be this old. Where counting them takes seconds they are kept for longer, so that they cost a sixtieth of
#: the time at most. What is past hardly changes.
KEPT_SECONDS, PAST_KEPT_SECONDS, LONGEST_KEPT_SECONDS = 60, 600, 900
COST_SHARE = 60
#: From so many conversations in the two periods on, counting everything takes longer than a page may.
LARGE = 2000

T = TypeVar("T")


class Figures:
    """The figures of one period. A part is counted, or taken from what is kept, when it is first asked for.

    What is kept are figures only: the cache may lie on a disk, where erasure does not look.
    """

    def __init__(self, filters: Filters, *, now: datetime, seconds: int) -> None:
        self.filters, self.now, self.seconds = filters, now, seconds
        #: When the oldest of the parts that were asked for was counted.
        self.at = now

    @cached_property
    def volume(self) -> Volume:
        return self._part("volume", lambda: volume(self.filters))

    @cached_property
    def response(self) -> Response:
        return self._part("response", lambda: response(self.filters, now=self.now))

    @cached_property
    def automation(self) -> Automation:
        return self._part("automation", lambda: automation(self.filters))

    @cached_property
    def piloting(self) -> Piloting:
        return self._part("piloting", lambda: piloting(self.filters))

    @cached_property
    def reviewing(self) -> Reviewing:
        return self._part("reviewing", lambda: reviewing(self.filters, now=self.now))

    @cached_property
    def deciding(self) -> Deciding:
        return self._part("deciding", lambda: deciding(self.filters))

    @cached_property
    def asking(self) -> Asking:
        return self._part("asking", lambda: asking(self.filters))

    @cached_property
    def satisfaction(self) -> Satisfaction:
        return self._part("satisfaction", lambda: satisfaction(self.filters))

    @cached_property
    def wording(self) -> Wording:
        return self._part("wording", lambda: wording(self.filters))

    def keeps(self, parts: Iterable[str]) -> bool:
        """Whether all of ``parts`` are there without counting."""
        return all(cache.has_key(self._key(part)) for part in parts)

    def _part(self, name: str, count: Callable[[], T]) -> T:
        kept: tuple[T, datetime] | None = cache.get(self._key(name))
        if kept is None:
            started = time.monotonic()
            kept = count(), self.now
            took = time.monotonic() - started
            cache.set(self._key(name), kept, min(max(self.seconds, round(took * COST_SHARE)), LONGEST_KEPT_SECONDS))
        figures, at = kept
        self.at = min(self.at, at)
        return figures

    def _key(self, part: str) -> str:
        return f"analytics:4:{current_merchant().pk}:{part}:{_name(self.filters)}"


@dataclass(frozen=True, slots=True)
class Dashboard:
    filters: Filters
    now: Figures
    before: Figures

    @property
    def at(self) -> datetime:
        """When the figures of the period that were asked for so far were counted."""
        return self.now.at

    def keeps(self, parts: Iterable[str]) -> bool:
        """Whether all of ``parts`` of both periods are there without counting."""
        names = tuple(parts)
        return self.now.keeps(names) and self.before.keeps(names)


def dashboard(filters: Filters, *, now: datetime) -> Dashboard:
    """Asks nothing yet. A part costs a constant number of queries, seldom asked: see :data:`KEPT_SECONDS`."""
    return Dashboard(
        filters,
        Figures(filters, now=now, seconds=KEPT_SECONDS),
        Figures(filters.before(), now=now, seconds=PAST_KEPT_SECONDS),
    )


def is_large(filters: Filters) -> bool:
    """Whether counting takes long; asks an index only."""
    found = 0
    for start, end in (filters.span, filters.before().span):
        begun = Conversation.objects.filter(created_at__gte=start, created_at__lt=end)
        found += begun.order_by()[: LARGE - found].count()
        if found >= LARGE:
            return True
    return False


def is_empty(filters: Filters) -> bool:
    """Whether there is nothing to count in the period or the one before. Not for large merchants: it may read all."""
    decided = reviews(filters).filter(decision__in=DECIDED)
    return not any(rows.exists() for rows in (conversations(filters), conversations(filters.before()), decided))


def _name(filters: Filters) -> str:
    """What tells filters apart; cache keys hold no spaces."""
    period = filters.period
    until = f"{period.until:%H%M}" if period.until else None
    parts = (period.first, period.last, until, period.zone.key, filters.storefront, filters.locale, filters.member)
    return ":".join(str(part) for part in (*parts, filters.intent))
