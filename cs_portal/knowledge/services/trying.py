"""Trying a question: asked by a member, answered by a worker with the product's own engine (a web process has none)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.core import jobs, ratelimit
from cs_portal.core.errors import Invalid
from cs_portal.core.jobs import Lease
from cs_portal.knowledge.content import MAX_QUESTION as MAX_PHRASING
from cs_portal.knowledge.content import folded
from cs_portal.knowledge.formats.languages import locale_of_text
from cs_portal.knowledge.models import Faq, QuestionTest, TrialState
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import edit_faq
from cs_portal.knowledge.services.writing import Change, may_edit
from cs_portal.merchants.models import Member, Storefront

#: The handler is registered by drafting, which holds the engine.
JOB = "test_question"
MAX_QUESTION = 500
KEPT = timedelta(days=1)
PER_MINUTE = 30


@dataclass(frozen=True, slots=True)
class Asker:
    """As whom and about what one asks. ``shopper`` is an e-mail address, a phone number or the shop's own id of one."""

    storefront: UUID | None = None
    shopper: str = ""
    order: str = ""
    product: str = ""


def ask_question(
    *,
    question: str,
    by: Member,
    asker: Asker = Asker(),
    include_drafts: bool = False,
    faq_id: UUID | None = None,
    now: datetime,
) -> QuestionTest:
    """Queue the question. ``faq_id`` is the FAQ that ought to be found.

    Raises :class:`Invalid` naming the field, :class:`TooMany`. An order's shopper asks, whoever else is named.
    """
    may_edit(by)
    question = " ".join(question.split())
    if not question:
        raise Invalid(_("Type a question."), field="question")
    if len(question) > MAX_QUESTION:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": MAX_QUESTION}, field="question")
    order = _order(asker.order)
    context = {
        "storefront": Storefront.objects.filter(public_id=asker.storefront).first() if asker.storefront else None,
        "shopper": order.shopper if order else _shopper(asker.shopper),
        "order": order,
        "product": _product(asker.product),
    }
    ratelimit.hit(scope="test_question", subject=str(by.public_id), limit=PER_MINUTE, seconds=60, now=now)
    with transaction.atomic():
        QuestionTest.objects.filter(created_at__lt=now - KEPT).delete()
        row = QuestionTest.objects.create(
            question=question,
            include_drafts=include_drafts,
            faq=Faq.by_public_id(faq_id) if faq_id else None,
            member=by,
            created_at=now,
            **context,
        )
        jobs.enqueue(
            JOB,
            key=f"test_question:{row.public_id}",
            merchant_id=row.merchant_id,
            payload={"test": str(row.public_id)},
            now=now,
        )
    return row


def forget_tests_of(shopper: Shopper) -> None:
    """What was tried in this shopper's name, within the caller's transaction."""
    QuestionTest.objects.filter(Q(shopper=shopper) | Q(order__shopper=shopper)).delete()


def add_tried_phrasing(*, test: QuestionTest, faq_id: UUID, by: Member, now: datetime) -> Change:
    """The tested question becomes a phrasing of the FAQ's newest revision, in the question's language; published or
    not, what is live stays live. Raises :class:`Invalid` where the FAQ has no question in that language.
    """
    may_edit(by)
    faq = faq_with_texts(faq_id)
    content, locale = working_copy(faq), locale_of_text(test.question)
    text = content.text(locale)
    if not text.question:
        raise Invalid(_("This FAQ has no question in the language of the phrasing. Write that first."), field="faq")
    if folded(test.question) in {folded(each) for each in (text.question, *text.phrasings)}:
        return Change(faq, None)
    grown = replace(text, phrasings=(*text.phrasings, test.question[:MAX_PHRASING]))
    changed = replace(content, texts={**content.texts, locale: grown})
    note = _("A phrasing from a tested question")
    return edit_faq(faq_id=faq_id, by=by, seen=faq.latest, content=changed, note=note, now=now)


def answer_test(*, lease: Lease, test_id: str, result: dict[str, Any], now: datetime) -> None:
    """Keep what the search found, and finish the job with it. A test that expired meanwhile is no error."""
    with lease.finishing(now=now):
        QuestionTest.objects.filter(public_id=test_id).update(state=TrialState.DONE, result=result, finished_at=now)


def fail_test(*, test_id: str, now: datetime) -> None:
    QuestionTest.objects.filter(public_id=test_id).update(state=TrialState.FAILED, finished_at=now)


def _order(number: str) -> Order | None:
    number = number.strip().lstrip("#")
    if not number:
        return None
    row: Order | None = Order.objects.select_related("shopper").filter(number=number).first()
    if row is None:
        raise Invalid(_("There is no order with this number."), field="order")
    return row


def _shopper(words: str) -> Shopper | None:
    words = words.strip()
    if not words:
        return None
    named = Q(email__iexact=words) | Q(phone=words) | Q(external_id=words)
    row: Shopper | None = Shopper.objects.filter(named).order_by("id").first()
    if row is None:
        raise Invalid(_("No shopper has this e-mail address, phone number or id."), field="shopper")
    return row


def _product(words: str) -> Product | None:
    words = words.strip()
    if not words:
        return None
    named = Q(external_id=words) | Q(title_en__iexact=words) | Q(title_zh=words)
    row: Product | None = Product.objects.filter(named).order_by("id").first()
    if row is None:
        raise Invalid(_("No product has this id or title."), field="product")
    return row
