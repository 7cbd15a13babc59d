"""The working copy says which replies still name a rule's old numbers, and puts the new ones in."""

from __future__ import annotations

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.policies.models import WorkingCopy
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, text_of

WARNING = "Words of this rule still say its old numbers"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    """In the working copy the fault's photo may come for 14 days, not 7."""
    desk = make_desk(cast)
    document = desk.copy.document
    rule = next(rule for rule in document["rules"] if rule["id"] == "fault-with-photo")
    rule["then"]["reasons"] = {"en": "Reported within 7 days.", "zh-hans": "7 天内反馈。"}
    with scope(merchant=cast.merchant):
        type(desk.live).objects.filter(pk=desk.live.pk).update(document=document)
        changed = {**document, "rules": [_with_days(item) for item in document["rules"]]}
        WorkingCopy.objects.filter(pk=desk.copy.pk).update(document=changed)
    return desk


def _with_days(rule: dict) -> dict:
    if rule["id"] != "fault-with-photo":
        return rule
    days = {"fact": "order.days_since_delivered", "op": "at_most", "value": 14}
    parts = [part for part in rule["when"]["all"] if part.get("fact") != "order.days_since_delivered"]
    return {**rule, "when": {"all": [days, *parts]}}


def reasons(desk: Desk) -> dict[str, str]:
    return next(rule for rule in desk.stored().document["rules"] if rule["id"] == "fault-with-photo")["then"]["reasons"]


def test_the_editor_and_the_page_before_publishing_say_so(desk: Desk) -> None:
    page = text_of(desk.ann.get(f"{ROOT}draft/"))
    assert page.count(WARNING) == 1
    assert "→ 14" in page
    assert "The words of 1 rule still say its old numbers" in text_of(desk.ann.get(f"{ROOT}draft/publish/"))


def test_one_click_puts_the_new_numbers_in_and_can_be_undone(desk: Desk) -> None:
    revision = desk.stored().revision
    answer = desk.ann.post(f"{ROOT}draft/reword/", {"rule": "fault-with-photo", "revision": revision})
    assert answer.status_code == 302
    assert reasons(desk) == {"en": "Reported within 14 days.", "zh-hans": "14 天内反馈。"}
    assert WARNING not in text_of(desk.ann.get(f"{ROOT}draft/"))
    name = next(rule for rule in desk.stored().document["rules"] if rule["id"] == "fault-with-photo")["label"]
    assert name == {"en": "Faulty, within 14 days, with a photo", "zh-hans": "14 天内商品问题且有照片"}
    desk.ann.post(f"{ROOT}draft/undo/?revision={desk.stored().revision}")
    assert reasons(desk)["en"] == "Reported within 7 days."


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_those_who_configure_reword(desk: Desk, who: str, status: int) -> None:
    member = getattr(desk.cast, who)
    answer = desk.cast.client(member).post(f"{ROOT}draft/reword/", {"rule": "fault-with-photo", "revision": 1})
    assert answer.status_code == status
    assert reasons(desk)["en"] == "Reported within 7 days."


def test_a_colleague_who_was_quicker_is_not_overwritten(desk: Desk) -> None:
    answer = desk.ann.post(f"{ROOT}draft/reword/", {"rule": "fault-with-photo", "revision": 99})
    assert answer.status_code == 409
    assert reasons(desk)["en"] == "Reported within 7 days."


@pytest.mark.parametrize("rule", ["refund-ceiling", "no-such-rule", ""])
def test_a_rule_without_old_numbers_is_left_alone(desk: Desk, rule: str) -> None:
    revision = desk.stored().revision
    assert desk.ann.post(f"{ROOT}draft/reword/", {"rule": rule, "revision": revision}).status_code == 422
    assert desk.stored().revision == revision
