"""Tags and categories of many FAQs at once, and further deeds on a choice of them.

A label touches no answer: a published FAQ without pending changes has it at once, one with pending changes keeps them
pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.lifecycle import BulkResult, each_of, move_on, restore_faq, unpublish_faq
from cs_portal.knowledge.services.writing import Change, Step
from cs_portal.merchants.models import Member


def unpublish_faqs(*, faq_ids: Iterable[UUID], by: Member, now: datetime) -> BulkResult:
    return each_of(faq_ids, unpublish_faq, by=by, now=now)


def restore_faqs(*, faq_ids: Iterable[UUID], by: Member, now: datetime) -> BulkResult:
    """Archived ones become drafts again; others are left as they are."""
    return each_of(faq_ids, restore_faq, by=by, now=now)


def tag_faqs(*, faq_ids: Iterable[UUID], tag: str, by: Member, now: datetime) -> BulkResult:
    """``tag`` as :func:`~cs_portal.knowledge.content.tags_of` tidies it. FAQs that have it already are no change."""
    return _relabel(faq_ids, lambda c: c if tag in c.tags else replace(c, tags=(*c.tags, tag)), by=by, now=now)


def untag_faqs(*, faq_ids: Iterable[UUID], tag: str, by: Member, now: datetime) -> BulkResult:
    return _relabel(faq_ids, lambda c: replace(c, tags=tuple(one for one in c.tags if one != tag)), by=by, now=now)


def move_faqs(*, faq_ids: Iterable[UUID], category: str, by: Member, now: datetime) -> BulkResult:
    """An empty ``category`` takes FAQs out of any."""
    return _relabel(faq_ids, lambda content: replace(content, category=category), by=by, now=now)


def _relabel(
    faq_ids: Iterable[UUID], made: Callable[[FaqContent], FaqContent], *, by: Member, now: datetime
) -> BulkResult:
    return each_of(faq_ids, partial(_relabelled, made=made), by=by, now=now)


def _relabelled(
    *,
    faq_id: UUID,
    made: Callable[[FaqContent], FaqContent],
    by: Member,
    seen: int,
    now: datetime,
    change_id: UUID | None = None,
) -> Change:
    def step(faq: Faq, content: FaqContent) -> Step | None:
        wanted = made(content)
        if wanted == content:
            return None
        check(wanted, publishing=False)
        live = faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes
        return Step(wanted, FaqState(faq.state), goes_live=live)

    return move_on(faq_id, step, by=by, seen=seen, action="faq.labelled", now=now, change_id=change_id)
