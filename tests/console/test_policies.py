"""The pages of the rules: reading, editing, trying, publishing; who may; and what is written by others stays text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import translation

from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.autopilot import switch_autopilot
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.models import RulesetVersion, WorkingCopy
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, rule_form, text_of
from tests.factories import make_draft, make_merchant, make_order, make_ruleset, make_shopper

XSS = "<script>alert(1)</script>"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def test_the_live_rules_are_sentences_in_the_readers_language(desk: Desk) -> None:
    client = desk.cast.client(desk.cast.nina)
    english = text_of(client.get(ROOT))
    assert "When a shopper asks for a refund and the amount asked for is more than ¥500.00" in english
    assert "Ask the shopper for a photo" in english
    with translation.override("zh-hans"):
        chinese = text_of(client.get(ROOT, headers={"Accept-Language": "zh-hans"}))
    assert "当顾客申请退款，申请金额超过 ¥500.00" in chinese


def test_the_rules_of_one_request_keep_their_numbers(desk: Desk) -> None:
    page = desk.ann.get(ROOT, {"action": "resend"}).content.decode()
    numbers = re.findall(r'rule-number figures" aria-hidden="true">(\d+)<', page)
    rules = load_shipped("standard").rules
    assert numbers == [str(n) for n, rule in enumerate(rules, 1) if rule.concerns("resend")]
    assert desk.ann.get(ROOT, {"action": "<b>"}).status_code == 200


def test_without_rules_the_page_says_how_to_begin(cast: Cast) -> None:
    page = text_of(cast.client(cast.ann).get(ROOT))
    assert "No rules are live yet" in page and "Begin with the standard rules" in page
    assert b"draft/begin/" not in cast.client(cast.nina).get(ROOT).content
    response = cast.client(cast.ann).post(f"{ROOT}draft/begin/")
    assert response.status_code == 302
    assert "Fault" in text_of(cast.client(cast.ann).get(f"{ROOT}draft/"))


def test_a_new_rule_is_saved_checked_and_shown(desk: Desk) -> None:
    response = desk.ann.post(f"{ROOT}draft/rule/", rule_form())
    assert response.status_code == 302
    assert desk.stored().document["rules"][-1] == {
        "id": "small-refunds",
        "actions": ["refund"],
        "label": {"en": "Small refunds", "zh-hans": "小额退款"},
        "when": {"fact": "request.amount_minor", "op": "at_most", "value": 20000},
        "then": {
            "outcome": "allow",
            "amount": {"percent_of_lines": 100},
            "approver": "autopilot",
            "reasons": {"en": "A small amount.", "zh-hans": "金额较小。"},
        },
    }
    page = text_of(desk.ann.get(f"{ROOT}draft/"))
    assert "the amount asked for is at most ¥200.00" in page and "1 rule added" in page


def test_editing_a_rule_leaves_its_place_and_code(desk: Desk) -> None:
    before = desk.ids()
    fields = rule_form(label_en="Renamed", outcome="deny")
    assert desk.ann.post(f"{ROOT}draft/rule/?id={before[4]}", fields).status_code == 302
    assert desk.ids() == before
    assert desk.stored().document["rules"][4]["label"]["en"] == "Renamed"


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(desk: Desk) -> None:
    response = desk.ann.post(f"{ROOT}draft/rule/", {**rule_form(reasons_zh=""), "c.0-value": "a lot"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="c.0-errors"' in page and "Enter a number." in page and 'value="a lot"' in page
    assert 'id="id_reasons_zh-errors"' in page
    response = desk.ann.post(f"{ROOT}draft/rule/", rule_form(reasons_en="On {order.moon}"))
    assert response.status_code == 422 and "unknown fact &quot;order.moon&quot;" in response.content.decode()
    response = desk.ann.post(f"{ROOT}draft/rule/", rule_form(amount="none"))
    assert response.status_code == 422 and "is required where money goes back" in response.content.decode()
    assert desk.stored().revision == 1


def test_a_colleague_who_was_quicker_is_not_overwritten_and_the_words_are_kept(desk: Desk) -> None:
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form()).status_code == 302
    response = desk.ann.post(f"{ROOT}draft/rule/", rule_form(label_en="Mine"))
    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="Mine"' in page and 'name="revision" value="2"' in page
    assert desk.stored().revision == 2


def test_words_survive_a_colleague_who_deletes_the_rule_or_ends_the_working_copy(desk: Desk) -> None:
    rule_id = desk.ids()[2]
    desk.ann.post(f"{ROOT}draft/arrange/", {"rule": rule_id, "deed": "delete", "revision": "1"})
    page = desk.ann.post(f"{ROOT}draft/rule/?id={rule_id}", rule_form(label_en="Kept"))
    assert page.status_code == 409 and 'value="Kept"' in page.content.decode()
    assert f'action="{ROOT}draft/rule/"' in page.content.decode()
    desk.ann.post(f"{ROOT}draft/discard/", {"revision": "2"})
    page = desk.ann.post(f"{ROOT}draft/rule/", rule_form(label_en="Kept"))
    assert page.status_code == 409 and 'value="Kept"' in page.content.decode()
    desk.ann.post(f"{ROOT}draft/begin/")
    fresh = re.search(r'name="revision" value="(\d*)"', page.content.decode())
    assert fresh is not None and fresh[1] == ""
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form(revision="")).status_code == 409
    # A page that still shows the copy that was thrown away knows nothing of the new one.
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form(revision="1")).status_code == 409
    assert desk.ann.post(f"{ROOT}draft/rule/", rule_form(revision=str(desk.stored().revision))).status_code == 302


@pytest.mark.parametrize("htmx", [False, True])
def test_rows_are_added_by_the_server_and_nothing_is_saved(desk: Desk, htmx: bool) -> None:
    client = desk.cast.client(desk.cast.ann, htmx=htmx)
    response = client.post(f"{ROOT}draft/rule/", rule_form(do="add:c", reasons_en=""))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="c.1-fact"' in page and 'value="200"' in page
    assert ("<html" in page) is not htmx
    assert "This field is required" not in page
    assert desk.stored().revision == 1


def test_the_sentence_follows_what_is_typed(desk: Desk) -> None:
    client = desk.cast.client(desk.cast.ann, htmx=True)
    page = text_of(client.post(f"{ROOT}draft/rule/", {**rule_form(do="preview", reasons_en=""), "c.0-value": "12.5"}))
    assert "the amount asked for is at most ¥12.50" in page and "Small refunds" not in page
    page = text_of(client.post(f"{ROOT}draft/rule/", {**rule_form(do="preview"), "c.0-value": "x"}))
    assert "When a shopper asks for a refund" in page


def test_the_default_is_edited_like_a_rule(desk: Desk) -> None:
    assert desk.ann.get(f"{ROOT}draft/rule/?id=default").status_code == 200
    assert desk.ann.post(f"{ROOT}draft/rule/?id=default", rule_form(outcome="deny")).status_code == 302
    assert desk.stored().document["default"]["outcome"] == "deny"


def test_a_rule_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.ann.get(f"{ROOT}draft/rule/?id=nowhere").status_code == 404
    arranged = desk.ann.post(f"{ROOT}draft/arrange/", {"rule": "nowhere", "deed": "delete", "revision": "1"})
    assert arranged.status_code == 404
    assert desk.ann.post(f"{ROOT}draft/arrange/", {"rule": "x", "deed": "explode", "revision": "1"}).status_code == 422


def test_a_deleted_rule_comes_back_by_the_notices_undo(desk: Desk) -> None:
    before = desk.ids()
    client = desk.ann
    client.post(f"{ROOT}draft/arrange/", {"rule": before[3], "deed": "delete", "revision": "1"})
    assert desk.ids() == before[:3] + before[4:]
    page = client.get(f"{ROOT}draft/").content.decode()
    undo = re.search(r'action="([^"]+undo[^"]+)"', page)
    assert undo is not None
    assert client.post(undo[1]).status_code == 302
    assert desk.ids() == before
    assert client.post(undo[1]).status_code == 409


def test_a_member_who_only_reads_sees_no_tools(desk: Desk) -> None:
    for member in (desk.cast.olaf, desk.cast.nina):
        client = desk.cast.client(member)
        assert 'name="deed"' not in client.get(f"{ROOT}draft/").content.decode()
        assert "<select" not in client.get(f"{ROOT}draft/rule/?id=default").content.decode()
        assert client.post(f"{ROOT}draft/rule/", rule_form()).status_code == 403
        assert client.post(f"{ROOT}draft/import/", {"text": "{}", "revision": "1"}).status_code == 403
    assert desk.stored().revision == 1


def test_publishing_from_the_page(desk: Desk) -> None:
    make_order(desk.cast.merchant, now=desk.cast.now)
    desk.ann.post(f"{ROOT}draft/rule/?id={desk.ids()[0]}", rule_form(outcome="deny"))
    page = desk.ann.get(f"{ROOT}draft/publish/")
    assert "1 rule changed" in text_of(page)
    assert "would be decided differently" in text_of(page)
    form = {"note": "Smaller", "revision": "2", "live": str(desk.live.public_id)}
    assert desk.ann.post(f"{ROOT}draft/publish/", {**form, "revision": "1"}).status_code == 409
    assert desk.ann.post(f"{ROOT}draft/publish/", form).status_code == 302
    assert "Version 2" in text_of(desk.ann.get(ROOT))
    versions = text_of(desk.ann.get(f"{ROOT}versions/"))
    assert "Smaller" in versions and "1 rule changed" in versions and "Ann" in versions
    back = desk.ann.post(
        f"{ROOT}versions/{desk.live.public_id}/restore/", {"live": _live(desk), "note": "", "revision": ""}
    )
    assert back.status_code == 302
    assert "Rolled back to version 1" in text_of(desk.ann.get(f"{ROOT}versions/"))


def _live(desk: Desk) -> str:
    with scope(merchant=desk.cast.merchant):
        return str(RulesetVersion.objects.get(state="live").public_id)


def test_the_replay_counts_what_real_requests_would_get(desk: Desk) -> None:
    merchant, now = desk.cast.merchant, desk.cast.now
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, now=now)
    request = {"action": "refund", "reason": "damaged", "evidence": ["photo"], "confirmed": True}
    make_draft(merchant, order=order, request=request, now=now)
    make_draft(merchant, order=order, request={"action": "cancel"}, now=now)
    document = json.loads(json.dumps(desk.live.document))
    document["rules"].insert(0, {"id": "no", "actions": ["refund"], "then": document["rules"][2]["then"]})
    desk.ann.post(f"{ROOT}draft/import/", {"text": json.dumps(document), "revision": "1"})
    page = text_of(desk.ann.get(f"{ROOT}draft/publish/"))
    assert "1 of 2 requests would be decided differently." in page
    assert "¥86.00 → ¥0.00" in page


def test_an_import_names_the_rule_and_the_field_that_are_wrong(desk: Desk) -> None:
    document = json.loads(json.dumps(desk.live.document))
    document["rules"][1]["when"]["op"] = "about"
    response = desk.ann.post(f"{ROOT}draft/import/", {"text": json.dumps(document), "revision": "1"})
    assert response.status_code == 422
    page = text_of(response)
    assert "Rule 2 “Cancel before shipping”, field when.op" in page and "unknown operator" in page
    with translation.override("zh-hans"):
        chinese = text_of(
            desk.ann.post(
                f"{ROOT}draft/import/",
                {"text": json.dumps(document), "revision": "1"},
                headers={"Accept-Language": "zh-hans"},
            )
        )
    assert "第 2 条规则“发货前取消" in chinese and "未知的运算符" in chinese
    assert desk.stored().revision == 1


def test_an_export_can_be_imported(desk: Desk) -> None:
    response = desk.ann.get(f"{ROOT}versions/{desk.live.public_id}/export/")
    assert response["Content-Disposition"] == 'attachment; filename="orders-and-refunds-v1.json"'
    changed = json.loads(response.content)
    changed["rules"].pop()
    assert desk.ann.post(f"{ROOT}draft/import/", {"text": json.dumps(changed), "revision": "1"}).status_code == 302
    assert json.loads(desk.ann.get(f"{ROOT}draft/export/").content) == desk.stored().document


def test_another_merchants_orders_and_versions_do_not_exist(desk: Desk) -> None:
    other = make_merchant("other-mugs")
    make_order(other, number="99001")
    theirs = make_ruleset(other, load_shipped("standard").to_dict())
    page = text_of(desk.ann.get(f"{ROOT}test/", {"order": "99001", "action": "refund"}))
    assert "No order whose number begins with “99001”" in page
    for step in ("", "export/", "restore/"):
        assert desk.ann.get(f"{ROOT}versions/{theirs.public_id}/{step}").status_code == 404
    compared = desk.ann.get(f"{ROOT}versions/compare/", {"from": str(theirs.public_id), "to": "working"})
    assert compared.status_code == 200
    assert f'<option value="{theirs.public_id}"' not in compared.content.decode()


def test_what_merchants_write_is_text_on_every_page(desk: Desk) -> None:
    make_order(desk.cast.merchant, number="77005", now=desk.cast.now)
    document = json.loads(json.dumps(desk.live.document))
    rule = document["rules"][0]
    rule["id"] = XSS
    rule["label"] = {"en": XSS, "zh-hans": XSS}
    rule["when"] = {"fact": "lines.tags", "op": "has_none", "value": [XSS]}
    rule["then"]["reasons"] = {"en": XSS, "zh-hans": XSS}
    document["name"] = XSS
    text = json.dumps(document)
    assert desk.ann.post(f"{ROOT}draft/import/", {"text": text, "revision": "1"}).status_code == 302
    trial = {"order": "77005", "action": "refund"}
    pages = [
        desk.ann.get(f"{ROOT}draft/"),
        desk.ann.get(f"{ROOT}draft/rule/", {"id": XSS}),
        desk.ann.get(f"{ROOT}draft/publish/"),
        desk.ann.get(f"{ROOT}draft/discard/"),
        desk.ann.get(f"{ROOT}test/", trial),
        desk.ann.get(f"{ROOT}test/", {"q": XSS}),
        desk.ann.post(f"{ROOT}draft/rule/", rule_form(label_en=XSS, reasons_zh="", **{"c.0-value": XSS})),
        desk.ann.post(f"{ROOT}draft/import/", {"text": text.replace('"lines.tags"', '"x"'), "revision": "2"}),
    ]
    form = {"note": XSS, "revision": "2", "live": str(desk.live.public_id)}
    assert desk.ann.post(f"{ROOT}draft/publish/", form).status_code == 302
    pages += [desk.ann.get(ROOT), desk.ann.get(f"{ROOT}versions/"), desk.ann.get(f"{ROOT}versions/compare/")]
    for page in pages:
        assert page.status_code in {200, 422}
        assert XSS.encode() not in page.content
        assert b"&lt;script&gt;" in page.content
    exported = desk.ann.get(f"{ROOT}versions/{_live(desk)}/export/")
    assert exported["Content-Type"].startswith("application/json") and "<" not in exported["Content-Disposition"]


def test_throwing_the_working_copy_away_asks_first(desk: Desk) -> None:
    assert desk.ann.get(f"{ROOT}draft/discard/").status_code == 200
    assert desk.ann.post(f"{ROOT}draft/discard/", {"revision": "9"}).status_code == 409
    assert desk.ann.post(f"{ROOT}draft/discard/", {"revision": "1"}).status_code == 302
    with scope(merchant=desk.cast.merchant):
        assert not WorkingCopy.objects.exists()
    for step in ("", "rule/", "publish/", "discard/", "import/"):
        assert desk.ann.get(f"{ROOT}draft/{step}").status_code == 200
    assert desk.ann.get(f"{ROOT}draft/export/").status_code == 404


def test_the_lists_cost_the_same_however_long_they_are(desk: Desk, django_assert_max_num_queries: Any) -> None:
    merchant, now = desk.cast.merchant, desk.cast.now
    with scope(merchant=merchant):
        for number in range(2, 45):
            RulesetVersion.objects.create(
                number=number, state="retired", document=desk.live.document, created_at=now, published_at=now
            )
    for number in range(30):
        make_order(merchant, number=f"88{number:03}", now=now)
    client = desk.ann
    client.get(ROOT)
    with django_assert_max_num_queries(14):
        assert "Version 44" in text_of(client.get(f"{ROOT}versions/"))
    with django_assert_max_num_queries(14):
        client.get(f"{ROOT}test/")


def test_what_may_go_out_without_review_waits_until_autopilot_is_on(desk: Desk) -> None:
    pages = (f"{ROOT}draft/", f"{ROOT}draft/publish/")
    assert not any("autopilot is off" in text_of(desk.ann.get(page)) for page in pages)
    desk.ann.post(f"{ROOT}draft/rule/?id={desk.ids()[0]}", rule_form(actions=["refund", "cancel"]))
    _switch_on(desk, "cancel")
    for page in pages:
        assert "autopilot is off for Refund." in text_of(desk.ann.get(page))
    _switch_on(desk, "refund")
    assert not any("autopilot is off" in text_of(desk.ann.get(page)) for page in pages)


def _switch_on(desk: Desk, action: str) -> None:
    with scope(merchant=desk.cast.merchant):
        switch_autopilot(by=desk.cast.ann, action=action, on=True, now=desk.cast.now)
