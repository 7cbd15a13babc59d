"""What the tests of the regression set's pages share."""

from __future__ import annotations

from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq, RegressionCase, RegressionRun
from cs_portal.knowledge.selectors import faq_with_texts
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.knowledge.services.regression_cases import add_case
from tests.console.conftest import Cast

BASE = "/console/mugs/knowledge/regression/"
KNOWLEDGE = "/console/mugs/knowledge/"


def faq(cast: Cast, question: str = "Do you ship abroad?", *, publish: bool = True) -> Faq:
    content = FaqContent({"en": LocaleText(question, "Yes.")})
    with scope(merchant=cast.merchant):
        return create_faq(by=cast.olaf, content=content, publish=publish, now=cast.now).faq


def case(cast: Cast, question: str, expected: Faq | None) -> RegressionCase:
    with scope(merchant=cast.merchant):
        return add_case(question=question, faq_id=expected.public_id if expected else None, by=cast.olaf, now=cast.now)


def cases(cast: Cast) -> list[tuple[str, str | None, str]]:
    with scope(merchant=cast.merchant):
        rows = RegressionCase.objects.filter(removed_at=None).order_by("id")
        return [(row.question, row.faq.title if row.faq else None, row.origin) for row in rows.select_related("faq")]


def fresh(cast: Cast, row: Faq) -> Faq:
    with scope(merchant=cast.merchant):
        return faq_with_texts(row.public_id)


def run_of(cast: Cast) -> RegressionRun:
    with scope(merchant=cast.merchant):
        return RegressionRun.objects.get()
