"""What analysis finds stands at the rule; so does what it is about."""

from __future__ import annotations

import copy
from html import unescape
from typing import Any

import pytest

from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, rule_form, text_of
from tests.factories import make_faq, make_order

pytestmark = pytest.mark.django_db
EDITOR = f"{ROOT}draft/"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def change(desk: Desk, **rules: Any) -> None:
    with scope(merchant=desk.cast.merchant):
        document = copy.deepcopy(desk.copy.document)
        document["rules"] = rules["rules"]
        desk.copy.document = document
        desk.copy.save()


def rule(code: str, *parts: dict[str, Any], outcome: str = "deny", actions: Any = ("refund",)) -> dict[str, Any]:
    then = {"outcome": outcome, "approver": "operator", "reasons": {"en": "x", "zh-hans": "x"}}
    label = {"en": code.title(), "zh-hans": f"{code}规则"}
    when = {"when": {"all": list(parts)}} if parts else {}
    return {"id": code, "actions": list(actions), "label": label, **when, "then": then}


DAMAGED = {"fact": "request.reason", "op": "is", "value": "damaged"}
WRONG = {"fact": "request.reason", "op": "is", "value": "wrong_item"}


def at(html: str, title: str) -> str:
    """The part of the page that stands between a rule's title and the next one."""
    return html.partition(f">{title}</a>")[2].partition("rule-title")[0]


def test_a_rule_that_never_applies_and_one_that_is_hidden_say_so(desk: Desk) -> None:
    change(desk, rules=[rule("first", DAMAGED), rule("hidden", DAMAGED), rule("never", DAMAGED, WRONG), rule("fine")])
    html = desk.ann.get(EDITOR).content.decode()
    assert "Never reached" in at(html, "Hidden")
    assert ">First</a>" in at(html, "Hidden")
    assert "Never applies" in at(html, "Never")
    assert "finding" not in at(html, "Fine")
    assert "2 things to look at" in text_of(desk.ann.get(EDITOR))


def test_gaps_stand_at_the_default(desk: Desk) -> None:
    change(desk, rules=[rule("first", DAMAGED)])
    html = desk.ann.get(EDITOR).content.decode()
    assert "No rule for this" in html.partition("When no rule matches")[2]


def test_an_faq_that_says_otherwise_is_linked(desk: Desk) -> None:
    lately = {"fact": "order.days_since_delivered", "op": "at_most", "value": 7}
    late = {"fact": "order.days_since_delivered", "op": "more_than", "value": 7}
    allow = rule("return", lately, outcome="allow", actions=["return"])
    allow["then"]["amount"] = {"percent_of_lines": 100}
    change(desk, rules=[allow, rule("late", late, actions=["return"])])
    words = ("Can I return it?", "You can return items within 30 days of delivery.")
    faq = make_faq(desk.cast.merchant, en=words, now=desk.cast.now)
    html = at(desk.ann.get(EDITOR).content.decode(), "Return")
    assert "An FAQ says otherwise" in html
    assert str(faq.public_id) in html


def test_counts_come_once_the_page_stands(desk: Desk) -> None:
    change(desk, rules=[rule("first", DAMAGED)])
    make_order(desk.cast.merchant, number="1", now=desk.cast.now)
    page = desk.ann.get(EDITOR)
    assert 'hx-trigger="load"' in page.content.decode()
    assert "if asked today" not in text_of(page)
    assert "1 of the last 30 days' 1 order, if asked today" in unescape(text_of(desk.ann.get(EDITOR, {"count": "1"})))
    fragment = desk.cast.client(desk.cast.nina, htmx=True).get(f"{EDITOR}touched/")
    assert "if asked today" in text_of(fragment)
    assert fragment.content.decode().count('hx-swap-oob="true"') == 1
    assert desk.cast.client(desk.cast.charlie).get(f"{EDITOR}touched/").status_code == 404


def test_while_a_rule_is_written_its_findings_and_its_orders_show(desk: Desk) -> None:
    change(desk, rules=[rule("everything"), rule("later", DAMAGED)])
    make_order(desk.cast.merchant, number="1", now=desk.cast.now)
    client = desk.cast.client(desk.cast.ann, htmx=True)
    said = text_of(client.post(f"{EDITOR}rule/", rule_form(do="preview")))
    assert "Never reached" in said
    assert "1 of the last 30 days" in said
    said = text_of(desk.ann.get(f"{EDITOR}rule/", {"id": "later"}))
    assert "Never reached" in said
    assert "Never reached" not in text_of(desk.ann.get(f"{EDITOR}rule/", {"id": "everything"}))


def test_a_rule_is_judged_at_the_place_where_it_is_to_stand(desk: Desk) -> None:
    change(desk, rules=[rule("everything")])
    url, client = f"{EDITOR}rule/", desk.cast.client(desk.cast.ann, htmx=True)
    assert "Never reached" in text_of(client.post(url, rule_form(do="preview", place="2")))
    assert "Never reached" not in text_of(client.post(url, rule_form(do="preview", place="1")))
    change(desk, rules=[rule("everything"), rule("small", DAMAGED)])
    assert "Never reached" in text_of(client.post(f"{url}?id=small", rule_form(do="preview")))
    assert "Never reached" not in text_of(client.post(f"{url}?id=small", rule_form(do="preview", place="1")))
