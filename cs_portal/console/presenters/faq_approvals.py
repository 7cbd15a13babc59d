"""Requests for a second pair of eyes, with what would change for shoppers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cs_portal.console.presenters.faq_differences import LanguageDifference, differences
from cs_portal.console.presenters.knowledge import LANG, shown_language
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import Faq, FaqState, PublicationRequest
from cs_portal.knowledge.selectors import served_content, working_copies
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``differences`` are against what is live, or the whole answer where nothing is. ``may_decide``: not one's own."""

    request: PublicationRequest
    faq: Faq
    title: str
    lang: str
    is_new: bool
    differences: Sequence[LanguageDifference]
    may_decide: bool
    is_mine: bool


def request_rows(requests: Sequence[PublicationRequest], *, member: Member) -> list[RequestRow]:
    """A few queries for all of them, and at most two more for each that names products or storefronts."""
    by_id = {faq.pk: faq for faq in Faq.objects.filter(pk__in=[r.faq_id for r in requests]).prefetch_related("texts")}
    copies = working_copies(by_id.values())
    return [_row(request, by_id[request.faq_id], copies[request.faq_id], member) for request in requests]


def _row(request: PublicationRequest, faq: Faq, content: FaqContent, member: Member) -> RequestRow:
    is_new = faq.state != FaqState.PUBLISHED
    code = shown_language(content)
    return RequestRow(
        request=request,
        faq=faq,
        title=content.text(code).question or faq.key,
        lang=LANG[code],
        is_new=is_new,
        differences=differences(FaqContent() if is_new else served_content(faq), content),
        may_decide=member.may_review and request.asked_by_id != member.pk,
        is_mine=request.asked_by_id == member.pk,
    )
