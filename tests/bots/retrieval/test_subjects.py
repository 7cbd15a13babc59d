"""Advice on one of the shop's things is none on another; what holds for all of them goes on to answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bots.api import Bot, FaqEntry, HashingEmbedder, Turn
from bots.retrieval.calibration import ANSWER_THRESHOLD
from bots.retrieval.subjects import is_about_another, subjects_of

TITLES = (
    *("Fern Mug 蕨纹马克杯", "Hearth Teapot 炉边茶壶", "Linen Bedding 亚麻床品", "Wool Throw 羊毛盖毯"),
    *("Ridge Tent 山脊帐篷", "Walnut Desk 胡桃书桌", "Pine Soap 松木皂", "Seed Mix 种子"),
)
TABLEWARE = ("How do I wash the teapot?", "May I wash the mug in the dishwasher?", "马克杯能用洗碗机吗")
BROKEN = ("My item arrived broken", "It came broken", "The mug arrived broken", "收到就坏了")


@pytest.mark.parametrize(
    ("question", "phrasings", "answer", "about_another"),
    [
        ("How do I wash the linen bedding?", TABLEWARE, "In the dishwasher.", True),
        ("羊毛毯怎么洗", TABLEWARE, "In the dishwasher.", True),
        ("How do I wash the linen bedding?", TABLEWARE, "In the dishwasher. Bedding: 30 °C.", False),
        ("How do I wash mugs?", TABLEWARE, "In the dishwasher.", False),
        ("How do I wash crockery?", TABLEWARE, "In the dishwasher.", False),
        ("My teapot arrived broken", BROKEN, "Send us a photo.", False),
        ("", TABLEWARE, "", False),
    ],
)
def test_what_an_faq_is_about(question: str, phrasings: tuple[str, ...], answer: str, about_another: bool) -> None:
    assert is_about_another(question, phrasings, answer, subjects_of(TITLES)) is about_another


def test_advice_on_another_thing_stays_below_the_threshold() -> None:
    bot = Bot(embedder=HashingEmbedder())
    index = bot.index(
        [FaqEntry("dishes", 1, "en", "How do I wash the mug?", "In the dishwasher.", ("Wash the teapot",))]
    )
    asked = bot.understand((Turn("shopper", "How do I wash the bedding?"),), now=datetime(2026, 11, 24, tzinfo=UTC))
    near = bot.answers(index, asked)[0].score
    assert bot.answers(index, asked, titles=TITLES)[0].score == pytest.approx(near / 2)
    assert near / 2 < ANSWER_THRESHOLD
