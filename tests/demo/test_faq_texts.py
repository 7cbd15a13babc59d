import re
from collections import Counter

import pytest

from bots.types import INTENTS
from cs_portal.demo.faqs import faqs
from cs_portal.demo.merchants import FERNHILL, MERCHANTS, QUILLMOOR

HAN = re.compile(r"[\u4e00-\u9fff]")
MARKDOWN = re.compile(r"[*_`#]|^\s*[-+•]\s|\[[^\]]*\]\(", re.MULTILINE)


def test_there_are_enough_of_them() -> None:
    assert len(faqs(FERNHILL)) >= 44
    assert len(faqs(QUILLMOOR)) == 6


@pytest.mark.parametrize("merchant", MERCHANTS, ids=lambda merchant: merchant.slug)
def test_each_is_whole(merchant) -> None:
    languages = {"en", "zh-hans"} if merchant is FERNHILL else {"en"}
    for faq in faqs(merchant):
        assert faq.intent in INTENTS
        assert set(faq.texts) == languages, faq.id
        for language, text in faq.texts.items():
            assert len(text.variants) >= 4, (faq.id, language)
            assert not MARKDOWN.search(text.answer), (faq.id, language)
            assert bool(HAN.search(text.question + text.answer)) == (language == "zh-hans"), (faq.id, language)
            assert len(text.question) <= 300


@pytest.mark.parametrize("merchant", MERCHANTS, ids=lambda merchant: merchant.slug)
def test_no_phrasing_leads_to_two_answers(merchant) -> None:
    phrasings = Counter(
        phrasing.casefold().rstrip("?？!.")
        for faq in faqs(merchant)
        for text in faq.texts.values()
        for phrasing in (text.question, *text.variants)
    )
    assert [phrasing for phrasing, count in phrasings.items() if count > 1] == []


def test_they_cover_what_shoppers_ask_a_shop() -> None:
    covered = {faq.intent for faq in faqs(FERNHILL)}
    assert set(INTENTS) - covered <= {"greeting_thanks"}


@pytest.mark.parametrize(
    ("faq_id", "en", "zh"),
    [
        # The periods and the ceiling of the ruleset template `standard`.
        ("damaged-item", ("Within 7 days", "photo", "Between 8 and 30 days"), ("7 天内", "照片", "8–30 天")),
        ("wrong-item", ("within 7 days", "photo", "between 8 and 30 days"), ("7 天内", "照片", "8–30 天")),
        ("return-policy", ("within 7 days", "8th to the 15th"), ("7 天内", "8–15 天")),
        ("exchange", ("within 15 days", "in stock"), ("15 天内", "有货")),
        ("refund-policy", ("7 days", "day 8 to 30", "¥500"), ("7 天", "8–30 天", "500 元")),
        ("late-or-lost", ("more than 15 days",), ("超过 15 天",)),
        ("cancel-order", ("pending or processing",), ("待处理或处理中",)),
        ("change-address", ("pending or processing",), ("待处理或处理中",)),
    ],
)
def test_they_say_what_the_standard_ruleset_does(faq_id, en, zh) -> None:
    texts = next(faq.texts for faq in faqs(FERNHILL) if faq.id == faq_id)
    assert [part for part in en if part not in texts["en"].answer] == []
    assert [part for part in zh if part not in texts["zh-hans"].answer] == []


def test_both_languages_name_the_same_figures() -> None:
    def figures(text: str) -> Counter[str]:
        return Counter(re.findall(r"\d+", text.replace(",", "")))

    odd = [
        faq.id
        for faq in faqs(FERNHILL)
        if set(figures(faq.texts["en"].answer)) != set(figures(faq.texts["zh-hans"].answer))
    ]
    assert odd == []


def test_the_delivery_fees_are_those_that_orders_are_made_with() -> None:
    answer = next(faq.texts["en"].answer for faq in faqs(FERNHILL) if faq.id == "delivery-cost")
    fees = FERNHILL.shipping
    for minor in (fees.free_from, fees.standard, fees.express, fees.near, fees.abroad):
        assert f"¥{minor // 100}" in answer
