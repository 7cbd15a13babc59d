"""Settings → Autopilot: every member reads it, owners and admins switch, one button stops everything."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import AutopilotRule, AutopilotSend
from cs_portal.drafting.services.autopilot import switches
from cs_portal.drafting.services.rejecting import reject_draft
from cs_portal.policies.engine.shipped import load_shipped
from tests.console.conftest import Cast
from tests.drafting.autopilot_desk import TEXT, Pilot, run_sends
from tests.factories import make_ruleset

URL = "/console/mugs/settings/autopilot/"


def _on(cast: Cast) -> list[str]:
    with scope(merchant=cast.merchant):
        return [kind for kind, on in switches().items() if on]


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins_switch(cast: Cast, who: str, status: int) -> None:
    client = cast.client(getattr(cast, who))
    assert client.post(URL + "switch/", {"action": "refund", "on": "1"}).status_code == status
    assert client.post(URL + "rules/new/", {"name": "x", "intents": "delivery"}).status_code == status
    assert _on(cast) == []
    if status == 403:
        page = client.get(URL)
        assert page.status_code == 200 and "switch/" not in page.content.decode()


def test_switching_on_off_and_stopping(cast: Cast) -> None:
    client = cast.client(cast.ann)
    for kind in ("refund", "cancel"):
        assert client.post(URL + "switch/", {"action": kind, "on": "1"}).status_code == 302
    assert _on(cast) == ["refund", "cancel"]
    client.post(URL + "switch/", {"action": "cancel", "on": "0"})
    assert _on(cast) == ["refund"]
    assert "Stop autopilot" in client.get(URL).content.decode()
    client.post(URL + "stop/")
    assert _on(cast) == []
    assert client.post(URL + "switch/", {"action": "nonsense", "on": "1"}).status_code == 422
    assert client.get(URL + "switch/").status_code == 405


def test_it_says_what_the_rules_leave_to_autopilot(cast: Cast) -> None:
    document = load_shipped("standard").to_dict()
    for rule in document["rules"]:
        if rule["id"] == "cancel-before-shipping":
            rule["then"]["approver"] = "autopilot"
    document["approvals"] = {"CNY": [{"up_to_minor": 20000, "approver": "autopilot"}, {"approver": "admin"}]}
    make_ruleset(cast.merchant, document)
    html = cast.client(cast.nina).get(URL).content.decode()
    assert "up to ¥200.00" in html


def test_a_limit_is_written_in_the_shops_currency(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(URL + "limit/", {"action": "refund", "limit": "200.50"}).status_code == 302
    with scope(merchant=cast.merchant):
        rule = AutopilotRule.objects.get(action="refund")
    assert (rule.limit_minor, rule.limit_currency, rule.state) == (20050, "CNY", "off")
    assert "by itself at most ¥200.50 back" in client.get(URL).content.decode()
    for limit in ("-1", "1e30", "abc", "0.001"):
        assert client.post(URL + "limit/", {"action": "refund", "limit": limit}).status_code == 422
    assert client.post(URL + "limit/", {"action": "refund", "limit": ""}).status_code == 302
    with scope(merchant=cast.merchant):
        assert AutopilotRule.objects.get(action="refund").limit_minor is None
    assert cast.client(cast.olaf).post(URL + "limit/", {"action": "refund", "limit": "1"}).status_code == 403


def test_whoever_reviews_stops_from_the_queue_and_the_palette(cast: Cast) -> None:
    queue = "/console/mugs/review/"
    for member in (cast.ann, cast.olaf, cast.nina):
        assert "autopilot/stop/" not in cast.client(member).get(queue).content.decode()
    cast.client(cast.ann).post(URL + "switch/", {"action": "refund", "on": "1"})
    pages = {who: cast.client(getattr(cast, who)).get(queue).content.decode() for who in ("olaf", "nina")}
    assert pages["olaf"].count("autopilot/stop/") == 2 and "autopilot/stop/" not in pages["nina"]
    assert cast.client(cast.nina).post(URL + "stop/").status_code == 403
    assert _on(cast) == ["refund"]
    answer = cast.client(cast.olaf).post(URL + "stop/", {"back": "review"})
    assert (answer.status_code, answer["Location"]) == (302, queue)
    assert _on(cast) == []


FORM = {"name": "Delivery", "intents": ["delivery", "stock"], "min_confidence": "85", "hours": "closed"}


def _rule(cast: Cast) -> AutopilotRule:
    with scope(merchant=cast.merchant):
        rule: AutopilotRule = AutopilotRule.objects.get(name="Delivery")
    return rule


def test_a_rule_is_made_looked_at_changed_and_deleted(cast: Cast) -> None:
    client = cast.client(cast.ann)
    made = client.post(URL + "rules/new/", {**FORM, "shadow": "on", "storefronts": [str(cast.storefront.public_id)]})
    rule = _rule(cast)
    page = f"{URL}rules/{rule.public_id}/"
    assert (made.status_code, made["Location"]) == (302, page)
    assert (rule.state, rule.min_confidence, rule.hours) == ("shadow", 0.85, "closed")
    html = client.get(page).content.decode()
    for said in ("0 of 50 decided", "on 0 of 3 different days", "Main shop", "Outside opening hours", "disabled"):
        assert said in html
    assert "Delivery" in client.get(URL).content.decode()
    assert client.post(page + "state/", {"state": "on", "seen": "1"}).status_code == 409
    assert client.post(page + "delete/").status_code == 409
    assert client.get(page + "edit/").status_code == 200
    assert client.post(page + "edit/", {**FORM, "min_confidence": "80"}).status_code == 302
    assert (_rule(cast).version, _rule(cast).storefronts) == (2, [])
    assert client.post(page + "state/", {"state": "off", "seen": "1"}).status_code == 409
    assert client.post(page + "state/", {"state": "off", "seen": "2"}).status_code == 302
    assert client.post(page + "delete/").status_code == 302
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("fault", [{"intents": ["complaint"]}, {"intents": []}, {"min_confidence": "49"}, {"name": ""}])
def test_what_is_no_rule_is_said_beside_its_field(cast: Cast, fault: dict[str, object]) -> None:
    answer = cast.client(cast.ann).post(URL + "rules/new/", {**FORM, **fault})
    assert answer.status_code == 422 and 'class="errors"' in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert not AutopilotRule.objects.exists()


def _pilot(cast: Cast, **change: Any) -> Pilot:
    return Pilot.ready(cast.merchant, cast.ann, **change)


def test_the_page_says_what_people_did_instead_in_both_languages(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        pilot = _pilot(cast)
        pilot.decide(pilot.shadowed())
        pilot.decide(pilot.shadowed(), text=TEXT + " Bye!")
        wrong = pilot.shadowed()
        reject_draft(draft_id=wrong.public_id, by=cast.olaf, reason="wrong_fact", note="Two <b>", now=timezone.now())
    page = f"{URL}rules/{pilot.rule.public_id}/"
    html = cast.client(cast.nina).get(page).content.decode()
    for said in ("3 of 50 decided", "1 rejected as wrong or unsafe", "Wrong fact", "Two &lt;b&gt;", "<ins>", "1 small"):
        assert said in html, said
    assert f"/inbox/{wrong.conversation.public_id}/" in html and "state/" not in html
    client = cast.client(cast.nina)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert "已处理 3 / 50 条" in client.get(page).content.decode()


def test_as_many_queries_for_many_rules_as_for_one(cast: Cast, django_assert_max_num_queries: Any) -> None:
    with scope(merchant=cast.merchant):
        for number in range(2):
            pilot = _pilot(cast, name=f"r{number}")
            pilot.decide(pilot.shadowed())
    client = cast.client(cast.nina)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    with scope(merchant=cast.merchant):
        for number in range(2, 6):
            pilot = _pilot(cast, name=f"r{number}")
            pilot.decide(pilot.shadowed())
    with django_assert_max_num_queries(len(few)):
        client.get(URL)


CHECKS = "/console/mugs/review/autopilot/"


def _sent(cast: Cast, *, number: int = 1) -> list[AutopilotSend]:
    with scope(merchant=cast.merchant):
        pilot = _pilot(cast, state="on")
        for _ in range(number):
            draft = pilot.draft()
            assert pilot.meet(draft) is not None and run_sends(draft) == 1
        return list(AutopilotSend.objects.order_by("id"))


def test_sampled_replies_are_judged_with_one_deed_and_taken_back(cast: Cast) -> None:
    first, second, third = _sent(cast, number=3)
    client = cast.client(cast.olaf)
    html = client.get(CHECKS).content.decode()
    assert html.count('data-key="r"') == 1 and html.count('value="right"') == 3 and TEXT in html
    home = cast.client(cast.nina).get("/console/mugs/").content.decode()
    assert "Replies by autopilot to check" in home
    assert client.post(f"{CHECKS}{first.public_id}/", {"judgement": "wrong", "reason": "tone"}).status_code == 302
    assert client.post(f"{CHECKS}{first.public_id}/undo/").status_code == 302
    assert client.post(f"{CHECKS}{first.public_id}/", {"judgement": "right"}).status_code == 302
    for send in (second, third):
        assert client.post(f"{CHECKS}{send.public_id}/", {"judgement": "wrong"}).status_code == 422
        client.post(f"{CHECKS}{send.public_id}/", {"judgement": "wrong", "reason": "wrong_fact"})
    with scope(merchant=cast.merchant):
        assert AutopilotRule.objects.get().state == "shadow"
    assert "Nothing to check" in client.get(CHECKS).content.decode()
    page = f"{URL}rules/{_rule(cast).public_id}/"
    assert "Replies that it sent were judged wrong" in client.get(page).content.decode()
    assert "held back after wrong replies" in cast.client(cast.ann).get("/console/mugs/").content.decode()


def test_an_analyst_reads_and_a_stranger_sees_nothing(cast: Cast) -> None:
    (send,) = _sent(cast)
    html = cast.client(cast.nina).get(CHECKS).content.decode()
    assert TEXT in html and 'value="right"' not in html
    assert cast.client(cast.nina).post(f"{CHECKS}{send.public_id}/", {"judgement": "right"}).status_code == 403
    assert cast.client(cast.charlie).get(CHECKS).status_code == 404
    with scope(merchant=cast.merchant):
        assert AutopilotSend.objects.get().judgement == ""


def test_the_list_to_check_takes_as_many_queries_for_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    _sent(cast, number=1)
    client = cast.client(cast.olaf)
    client.get(CHECKS)
    with CaptureQueriesContext(connection) as few:
        client.get(CHECKS)
    with scope(merchant=cast.merchant):
        pilot = Pilot(cast.merchant, cast.ann, _rule(cast))
        for _ in range(4):
            draft = pilot.draft()
            assert pilot.meet(draft) is not None and run_sends(draft) == 1
    with django_assert_max_num_queries(len(few)):
        client.get(CHECKS)


def test_the_conversation_names_the_rule(cast: Cast) -> None:
    (send,) = _sent(cast)
    with scope(merchant=cast.merchant):
        conversation = AutopilotSend.objects.get(pk=send.pk).review.draft.conversation.public_id
    html = cast.client(cast.nina).get(f"/console/mugs/inbox/{conversation}/").content.decode()
    assert f'<a href="{URL}rules/{_rule(cast).public_id}/">Autopilot: Delivery</a>' in html
    transcript = cast.client(cast.nina).get(f"/console/mugs/inbox/{conversation}/transcript/").content.decode()
    assert "Autopilot: Delivery" in transcript


def test_while_it_waits_review_names_the_rule_too(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        pilot = _pilot(cast, state="on")
        draft = pilot.draft()
        assert pilot.meet(draft, at=timezone.now()) is not None
    html = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "Approved by the autopilot rule “Delivery”" in html


def test_the_audit_log_names_rules(cast: Cast) -> None:
    _sent(cast)
    html = cast.client(cast.ann).get("/console/mugs/settings/audit/").content.decode()
    assert "Autopilot: Delivery" in html and "Autopilot rule made" in html
