"""Trying a request: the page says what the engine decides, for live rules and working copy alike."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.policies.engine import decide, load_shipped
from cs_portal.policies.selectors import case_documents, order_to_try
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, rule_form, text_of
from tests.factories import make_order, make_shopper


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def test_the_tester_says_what_the_engine_decides(desk: Desk) -> None:
    merchant = desk.cast.merchant
    order = make_order(merchant, make_shopper(merchant), number="77001", now=desk.cast.now)
    with scope(merchant=merchant):
        found = order_to_try(number=order.number)
        assert found is not None
        document, shopper, products = case_documents(order=found, now=desk.cast.now)
    request = {"action": "refund", "reason": "damaged", "evidence": ["photo"], "lines": [{"id": "l-1", "quantity": 1}]}
    verdict = decide(
        load_shipped("standard"), order=document, shopper=shopper, products=products, request=request, now=desk.cast.now
    )
    assert (verdict.outcome, verdict.amount_minor) == ("allow", 4300)
    query = {"order": "77001", "action": "refund", "reason": "damaged", "photo": "on", "line-l-1": "1"}
    for member in (desk.cast.nina, desk.cast.ann):
        page = text_of(desk.cast.client(member).get(f"{ROOT}test/", query))
        assert "Allowed ¥43.00" in page and verdict.reasons.en in page and verdict.reasons.zh_hans in page
        assert "delivered 6 days ago" in page


def test_the_tester_sets_live_rules_and_working_copy_side_by_side(desk: Desk) -> None:
    make_order(desk.cast.merchant, number="77002", now=desk.cast.now)
    query = {"order": "77002", "action": "refund", "reason": "damaged", "photo": "on"}
    assert text_of(desk.ann.get(f"{ROOT}test/", query)).count("How it came about") == 1
    rule_id = next(rule.id for rule in load_shipped("standard").rules if rule.then.amount and "refund" in rule.actions)
    desk.ann.post(f"{ROOT}draft/rule/?id={rule_id}", rule_form(outcome="deny", **{"c.0-value": "1000"}))
    page = desk.ann.get(f"{ROOT}test/", query)
    assert text_of(page).count("How it came about") == 2
    assert "The working copy decides differently" in text_of(page)
    assert b"is-different" in page.content


def test_a_pasted_case_is_decided_or_says_what_is_wrong(desk: Desk) -> None:
    order = make_order(desk.cast.merchant, number="77003", now=desk.cast.now)
    with scope(merchant=desk.cast.merchant):
        found = order_to_try(number=order.number)
        assert found is not None
        document, shopper, products = case_documents(order=found, now=desk.cast.now)
    case = {"order": document, "shopper": shopper, "products": products, "now": desk.cast.now.isoformat()}
    case["request"] = {"action": "refund", "reason": "damaged", "evidence": ["photo"]}
    client = desk.cast.client(desk.cast.nina)
    assert "Allowed ¥86.00" in text_of(client.post(f"{ROOT}test/", {"case": json.dumps(case)}))
    stranger = {**case, "shopper": {**shopper, "id": "somebody-else"}}
    assert "An order of another shopper" in text_of(client.post(f"{ROOT}test/", {"case": json.dumps(stranger)}))
    for bad in ("", "{", "[]", '{"request": 1}', json.dumps({**case, "request": {"action": "fly"}}), "[" * 10_000):
        assert client.post(f"{ROOT}test/", {"case": bad}).status_code == 422
    wrong = client.post(f"{ROOT}test/", {"case": json.dumps({**case, "order": {"number": 1}})})
    assert wrong.status_code == 422 and "order" in text_of(wrong)


@pytest.mark.parametrize("field", ["action=fly", "now=yesterday", "amount=-1", "line-l-1=99", "amount=1.234"])
def test_a_request_that_cannot_be_is_said_so(desk: Desk, field: str) -> None:
    make_order(desk.cast.merchant, number="77004", now=desk.cast.now)
    name, value = field.split("=")
    response = desk.ann.get(f"{ROOT}test/", {"order": "77004", "action": "refund", name: value})
    assert response.status_code == 422


def test_a_moment_in_the_past_means_the_order_as_it_stood(desk: Desk) -> None:
    make_order(desk.cast.merchant, number="77006", now=desk.cast.now)
    before = (desk.cast.now - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    query = {"order": "77006", "action": "cancel", "reason": "no_longer_needed"}
    assert "Refused" in text_of(desk.ann.get(f"{ROOT}test/", query))
    query |= {"action": "refund", "reason": "damaged", "photo": "on"}
    assert "Allowed" in text_of(desk.ann.get(f"{ROOT}test/", query))
    page = text_of(desk.ann.get(f"{ROOT}test/", {**query, "now": before}))
    assert "A person decides" in page and "the order has not been delivered" in page
