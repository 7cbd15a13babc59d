"""A merchant with the fixed cast, within its scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_member, make_merchant


@dataclass
class Shop:
    merchant: Merchant
    olaf: Member
    bob: Member
    nina: Member
    now: datetime


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:
    merchant = make_merchant("mugs")
    made = Shop(
        merchant,
        make_member(merchant, Role.OPERATOR, name="Olaf"),
        make_member(merchant, Role.OPERATOR, name="Bob"),
        make_member(merchant, Role.ANALYST, name="Nina"),
        timezone.now(),
    )
    with scope(merchant=merchant):
        yield made


def content(
    question: str = "Do you ship abroad?",
    answer: str = "Yes, to 40 countries.",
    phrasings: tuple[str, ...] = (),
    *,
    zh: tuple[str, str] | None = ("可以寄到国外吗", "可以，支持 40 个国家。"),
    category: str = "delivery",
) -> FaqContent:
    texts = {"en": LocaleText(question, answer, phrasings)}
    if zh is not None:
        texts["zh-hans"] = LocaleText(*zh)
    return FaqContent(texts, category)
