"""Rules looked at in the merchant's own shop: its products, its storefronts, its FAQs, nobody else's."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import RulesetError, load_shipped
from cs_portal.policies.engine.analysis import Kind
from cs_portal.policies.services.analysing import analyse_rules
from tests.factories import make_faq, make_merchant, make_product, make_storefront

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
PROMISE = "You can return items within 30 days of delivery."


@pytest.fixture
def shop(db: None) -> Iterator[Merchant]:
    merchant, other = make_merchant("rules"), make_merchant("others")
    make_storefront(merchant)
    make_product(merchant, external_id="mug", category="kitchen", tags=["gift"])
    make_product(other, external_id="lamp", category="home", tags=["fragile"])
    make_faq(other, en=("Returns", PROMISE))
    with scope(merchant=merchant):
        yield merchant


def rules(when: dict[str, Any] | None = None) -> dict[str, Any]:
    document = copy.deepcopy(load_shipped("standard").to_dict())
    if when is not None:
        document["rules"][0]["when"] = when
    return document


def told(document: dict[str, Any]) -> list[tuple[Kind, str]]:
    found = analyse_rules(document=document, today=TODAY, currency="CNY")
    shops_own = (Kind.UNKNOWN_FACT, Kind.UNKNOWN_VALUE, Kind.CONTRADICTION, Kind.NEVER)
    return [(item.kind, item.text.en) for item in found if item.kind in shops_own]


def test_values_that_only_others_have_are_unknown(shop: Merchant) -> None:
    any_of = [
        {"fact": "lines.categories", "op": "has_any", "value": ["kitchen", "home"]},
        {"fact": "lines.product_tags", "op": "has_any", "value": ["gift", "fragile"]},
        {"fact": "lines.products", "op": "has_any", "value": ["mug", "lamp"]},
        {"fact": "order.storefront", "op": "in", "value": ["main", "outlet"]},
        {"fact": "lines.tags", "op": "has_any", "value": ["whatever"]},
    ]
    assert told(rules({"any": any_of})) == [
        (Kind.UNKNOWN_VALUE, 'product categories: the shop has no "home"'),
        (Kind.UNKNOWN_VALUE, 'product tags: the shop has no "fragile"'),
        (Kind.UNKNOWN_VALUE, 'products: the shop has no "lamp"'),
        (Kind.UNKNOWN_VALUE, 'storefront: the shop has no "outlet"'),
    ]


def test_the_shops_own_published_faqs_are_held_against_the_rules(shop: Merchant) -> None:
    assert told(rules()) == [], "the other merchant's FAQ is not looked at"
    make_faq(shop, "returns", en=("Returns", PROMISE))
    make_faq(shop, "draft", en=("Returns", "You can return items within 90 days."), state="draft")
    ((kind, text),) = told(rules())
    assert kind is Kind.CONTRADICTION
    assert text.startswith("for a return the FAQ says 30 days, but by the rules it is allowed for 7 days")


def test_unknown_facts_are_told_alone_and_what_is_no_ruleset_is_refused(shop: Merchant) -> None:
    misspelt = rules({"fact": "order.statsu", "op": "is", "value": "pending"})
    assert told(misspelt) == [(Kind.UNKNOWN_FACT, 'there is no fact "order.statsu"; did you mean "order.status"?')]
    with pytest.raises(RulesetError):
        analyse_rules(document={"name": "x"}, today=timezone.now().date(), currency="CNY")


def test_the_same_rules_and_faqs_are_looked_through_once(shop: Merchant) -> None:
    make_faq(shop, "returns", en=("Returns", PROMISE))
    first, again = (analyse_rules(document=rules(), today=TODAY, currency="CNY") for _ in range(2))
    assert first
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_what_analysis_kept_is_void_once_anything_changes(shop: Merchant) -> None:
    make_faq(shop, "returns", en=("Returns", PROMISE))
    assert len(told(rules())) == 1
    make_faq(shop, "more", en=("Returns", "You can return items within 60 days of delivery."))
    assert len(told(rules())) == 2
    document = rules()
    document["rules"][0]["valid"] = {"until": "2026-11-25"}
    today, tomorrow = (
        {item.kind for item in analyse_rules(document=document, today=day, currency="CNY")}
        for day in (TODAY, date(2026, 11, 26))
    )
    assert tomorrow - today == {Kind.EXPIRED}
