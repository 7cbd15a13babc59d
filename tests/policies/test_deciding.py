"""The live rules decide, whoever put them live a moment ago; they are read from their document once."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.models import RulesetVersion, VersionState
from cs_portal.policies.selectors import case_documents, live_version, order_to_try
from cs_portal.policies.services.compiling import MAX_KEPT, ruleset_of
from cs_portal.policies.services.deciding import Decided, decide_request
from tests.factories import make_merchant, make_order, make_ruleset

pytestmark = pytest.mark.django_db
STANDARD = load_shipped("standard").to_dict()


@pytest.fixture
def shop(db: None) -> Iterator[Merchant]:
    merchant = make_merchant("deciding")
    make_order(merchant, number="1")
    make_ruleset(merchant, STANDARD)
    with scope(merchant=merchant):
        yield merchant


def everything(outcome: str) -> dict[str, Any]:
    then = {"outcome": outcome, "reasons": {"en": outcome, "zh-hans": outcome}}
    return {"name": "all", "rules": [], "default": then}


def publish_elsewhere(document: dict[str, Any], number: int) -> RulesetVersion:
    """As another process does: rows in the database are all that this one can know of it."""
    RulesetVersion.objects.update(state=VersionState.RETIRED)
    return RulesetVersion.objects.create(
        name="all", number=number, state=VersionState.LIVE, document=document,
        created_at=timezone.now(), published_at=timezone.now(),
    )  # fmt: skip


def decided() -> Decided:
    order = order_to_try(number="1")
    assert order is not None
    document, shopper, products = case_documents(order=order, now=timezone.now())
    request = {"action": "refund", "reason": "damaged", "evidence": ["photo"]}
    found = decide_request(order=document, shopper=shopper, products=products, request=request, now=timezone.now())
    assert found is not None
    return found


def test_a_publication_and_a_roll_back_elsewhere_count_at_once(shop: Merchant) -> None:
    assert (decided().verdict["outcome"], decided().verdict["version"]) == ("allow", 1)
    publish_elsewhere(everything("deny"), 2)
    assert (decided().verdict["outcome"], decided().verdict["version"]) == ("deny", 2)
    publish_elsewhere(STANDARD, 3)
    assert (decided().verdict["outcome"], decided().verdict["version"]) == ("allow", 3)


def test_the_rules_are_read_from_their_document_once(shop: Merchant) -> None:
    first, again = live_version(), live_version()
    assert first is not None
    assert again is not None
    assert first is not again
    assert ruleset_of(first) is ruleset_of(again)
    assert ruleset_of(first).to_dict() == STANDARD


def test_merchants_keep_their_own_rules(shop: Merchant) -> None:
    other = make_merchant("other")
    make_order(other, number="1")
    make_ruleset(other, everything("deny"))
    with scope(merchant=other):
        assert decided().verdict["outcome"] == "deny"
    assert decided().verdict["outcome"] == "allow"
    assert Order.objects.count() == 1


def test_no_more_than_a_bounded_number_of_versions_is_kept(shop: Merchant) -> None:
    live = live_version()
    assert live is not None
    before = ruleset_of(live)
    for number in range(2, MAX_KEPT + 2):
        ruleset_of(publish_elsewhere(everything("deny"), number))
    assert ruleset_of(live) is not before
    assert ruleset_of(live) == before


def test_rules_are_not_changed_by_deciding(shop: Merchant) -> None:
    live = live_version()
    assert live is not None
    before = copy.deepcopy(ruleset_of(live).to_dict())
    decided()
    assert ruleset_of(live).to_dict() == before
