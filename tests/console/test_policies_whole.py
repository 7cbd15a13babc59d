"""Rules to start from, what holds for all rules, and a rule dragged to its place."""

from __future__ import annotations

from typing import Any

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.policies.engine import load_shipped, shipped_names
from cs_portal.policies.models import WorkingCopy
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, rule_form, text_of

pytestmark = pytest.mark.django_db
TEMPLATES, WHOLE, PLACE = f"{ROOT}templates/", f"{ROOT}draft/whole/", f"{ROOT}draft/place/"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def test_each_can_be_read(desk: Desk) -> None:
    for name in shipped_names():
        page = desk.cast.client(desk.cast.nina).get(TEMPLATES, {"name": name})
        said = text_of(page)
        for rule in load_shipped(name).rules:
            assert rule.label is not None
            assert rule.label.en.replace("'", "&#x27;") in said
        assert "Replace the working copy" not in said
    assert desk.ann.get(TEMPLATES, {"name": "nonsense"}).status_code == 200


def test_one_replaces_the_working_copy_and_can_be_taken_back(desk: Desk) -> None:
    response = desk.ann.post(TEMPLATES, {"name": "strict", "revision": "1"})
    assert response.status_code == 302
    assert desk.stored().document["name"] == "strict"
    assert desk.stored().undo_document == desk.copy.document


def test_one_begins_the_working_copy_of_a_merchant_without(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(TEMPLATES, {"name": "seven-days"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert WorkingCopy.objects.get().document["name"] == "seven-days"
    assert client.post(TEMPLATES, {"name": "generous"}).status_code == 409
    assert client.post(TEMPLATES, {"name": "nonsense", "revision": "1"}).status_code == 422


def tiers(prefix: str, currency: str, autopilot: str = "", operator: str = "", above: str = "admin") -> dict[str, str]:
    return {
        f"{prefix}-tier_currency": currency,
        f"{prefix}-tier_autopilot": autopilot,
        f"{prefix}-tier_operator": operator,
        f"{prefix}-tier_above": above,
    }


def save(desk: Desk, **fields: str) -> Any:
    return desk.ann.post(WHOLE, {"revision": str(desk.stored().revision), **fields})


def test_tiers_and_the_clock(desk: Desk) -> None:
    assert save(desk, time_zone="Asia/Shanghai", **tiers("new", "CNY", "200", "2000")).status_code == 302
    document = desk.stored().document
    assert document["time_zone"] == "Asia/Shanghai"
    assert document["approvals"] == {
        "CNY": [
            {"up_to_minor": 20000, "approver": "autopilot"},
            {"up_to_minor": 200000, "approver": "operator"},
            {"approver": "admin"},
        ]
    }
    page = desk.ann.get(WHOLE).content.decode()
    assert 'value="200"' in page
    assert 'value="2000"' in page
    both = {**tiers("0", "CNY", "200", "2000"), **tiers("new", "JPY", "", "5000")}
    assert save(desk, time_zone="Asia/Shanghai", **both).status_code == 302
    assert desk.stored().document["approvals"]["JPY"] == [
        {"up_to_minor": 5000, "approver": "operator"},
        {"approver": "admin"},
    ]
    assert save(desk, time_zone="", **tiers("0", ""), **tiers("1", "")).status_code == 302
    assert "approvals" not in desk.stored().document
    assert "time_zone" not in desk.stored().document


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (tiers("new", "CNY", "200", "100"), "must be more"),
        (tiers("new", "JPY", "1.5"), "too many decimals"),
        (tiers("new", "CNY", "200", above="autopilot"), "somebody approves"),
        (tiers("new", "CNY", "", "200", above="operator"), "an admin does"),
        ({"time_zone": "Moon/Sea"}, "not known"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(desk: Desk, fields: dict[str, str], said: str) -> None:
    response = save(desk, **fields)
    assert response.status_code == 422
    assert said in text_of(response)
    assert desk.stored().revision == 1


def test_each_currency_once(desk: Desk) -> None:
    save(desk, **tiers("new", "CNY", "200"))
    response = save(desk, **tiers("0", "CNY", "200"), **tiers("new", "CNY", "300"))
    assert response.status_code == 422
    assert "once only" in text_of(response)


def test_an_older_copy_is_a_conflict(desk: Desk) -> None:
    assert desk.ann.post(WHOLE, {"revision": "9", **tiers("new", "CNY", "200")}).status_code == 409
    assert desk.stored().revision == 1


def test_a_rule_is_put_at_a_place(desk: Desk) -> None:
    first, second, third = desk.ids()[:3]
    response = desk.ann.post(PLACE, {"revision": "1", "rule": first, "place": "3"})
    assert response.status_code == 302
    assert desk.ids()[:3] == [second, third, first]
    desk.ann.post(PLACE, {"revision": "2", "rule": first, "place": "9999"})
    assert desk.ids()[-1] == first
    for wrong in ({"place": "-1"}, {"place": ""}, {"place": "x"}):
        assert desk.ann.post(PLACE, {"revision": "3", "rule": first, **wrong}).status_code == 422
    assert desk.ann.post(PLACE, {"revision": "3", "rule": "nobody", "place": "1"}).status_code == 404
    assert desk.ann.post(PLACE, {"revision": "1", "rule": first, "place": "1"}).status_code == 409
    assert desk.stored().revision == 3


def test_a_rule_is_saved_at_a_place(desk: Desk) -> None:
    first = desk.ids()[0]
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form(place="2")).status_code == 302
    assert desk.ids()[:2] == [first, "small-refunds"]
    page = desk.ann.get(f"{ROOT}draft/rule/", {"id": "small-refunds"})
    assert "It stands at place 2 now." in text_of(page)
    desk.ann.post(f"{ROOT}draft/rule/?id=small-refunds", rule_form(place="", revision="2", reasons_en="Other."))
    assert desk.ids()[:2] == [first, "small-refunds"]
    desk.ann.post(f"{ROOT}draft/rule/?id=small-refunds", rule_form(place="1", revision="3"))
    assert desk.ids()[0] == "small-refunds"
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form(place="0", revision="4")).status_code == 422


def test_readers_read_and_change_nothing(desk: Desk) -> None:
    for reader in (desk.cast.olaf, desk.cast.nina):
        client = desk.cast.client(reader)
        assert client.get(TEMPLATES).status_code == client.get(WHOLE).status_code == 200
        assert client.post(TEMPLATES, {"name": "strict", "revision": "1"}).status_code == 403
        assert client.post(WHOLE, {"revision": "1"}).status_code == 403
        assert client.post(PLACE, {"revision": "1", "rule": desk.ids()[0], "place": "2"}).status_code == 403
    stranger = desk.cast.client(desk.cast.charlie)
    assert stranger.get(TEMPLATES).status_code == stranger.get(WHOLE).status_code == 404
    assert desk.stored().revision == 1
