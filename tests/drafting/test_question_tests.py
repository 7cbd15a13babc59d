"""A question is tried on the search that shoppers get: published text only, unless one asks for more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.errors import Invalid
from cs_portal.core.models import Job
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services import question_tests
from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent, LocaleText
from cs_portal.knowledge.models import Faq, QuestionTest
from cs_portal.knowledge.retrieval import entries
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.trying import KEPT, Asker, ask_question
from tests.drafting.conftest import Desk
from tests.factories import make_order


def faq(desk: Desk, question: str, answer: str, *, publish: bool = True, phrasings: tuple[str, ...] = ()) -> Faq:
    content = FaqContent({"en": LocaleText(question, answer, phrasings)})
    return create_faq(by=desk.olaf, content=content, publish=publish, now=desk.draft.created_at).faq


def tried(desk: Desk, question: str, **given: Any) -> dict[str, Any]:
    """What the worker finds."""
    test = ask_question(question=question, by=desk.olaf, now=desk.draft.created_at, **given)
    run_due(["fast"], keep=False)
    test.refresh_from_db()
    assert test.state == "done"
    assert test.result is not None
    result: dict[str, Any] = test.result
    return result


def test_the_answer_the_phrasing_and_the_threshold_are_told(desk: Desk) -> None:
    wanted = faq(desk, "Do you ship abroad?", "To 40 countries.", phrasings=("Send parcels overseas to Spain?",))
    faq(desk, "How do I wash the towels?", "At 40 degrees.")
    result = tried(desk, "Send parcels overseas to Spain?", faq_id=wanted.public_id)
    best = result["hits"][0]
    assert (best["faq"], best["phrasing"]) == (str(wanted.public_id), "Send parcels overseas to Spain?")
    assert best["answers"] is (best["score"] >= result["threshold"])
    assert (result["language"], result["searched"], result["threshold"]) == ("en", 2, 0.5)
    assert result["milliseconds"] > 0
    assert [hit["score"] for hit in result["hits"]] == sorted((h["score"] for h in result["hits"]), reverse=True)


def test_only_published_text_is_found_unless_one_asks_for_more(desk: Desk) -> None:
    live = faq(desk, "Do you ship abroad?", "To 40 countries.")
    draft = faq(desk, "Do you repair broken mugs?", "Not yet.", publish=False)
    new = FaqContent({"en": LocaleText("Do you ship abroad?", "To 50 countries.")})
    edit_faq(faq_id=live.public_id, by=desk.olaf, seen=1, content=new, now=desk.draft.created_at)

    published = tried(desk, "Do you ship abroad?")
    assert [(hit["answer"], hit["revision"]) for hit in published["hits"]] == [("To 40 countries.", 1)]
    everything = tried(desk, "Do you ship abroad?", include_drafts=True)
    assert {hit["answer"] for hit in everything["hits"]} == {"To 50 countries.", "Not yet."}
    assert str(draft.public_id) in {hit["faq"] for hit in everything["hits"]}
    assert [entry.answer for entry in entries()] == ["To 40 countries."]


def test_an_answer_in_the_other_language_does_not_count_as_one(desk: Desk) -> None:
    faq(desk, "Do you ship abroad?", "To 40 countries.")
    result = tried(desk, "你们 ship abroad 吗？可以寄到国外吗")
    assert result["language"] == "zh-hans"
    assert {(hit["native"], hit["answers"]) for hit in result["hits"]} == {(False, False)}


def test_with_nothing_published_nothing_is_found(desk: Desk) -> None:
    result = tried(desk, "Do you ship abroad?")
    assert (result["hits"], result["searched"]) == ([], 0)


def test_a_test_drafts_nothing(desk: Desk) -> None:
    before = Draft.objects.count()
    tried(desk, "Do you ship abroad?")
    assert Draft.objects.count() == before


def test_what_is_understood_and_what_would_be_drafted_is_told(desk: Desk) -> None:
    wanted = faq(desk, "Do you ship abroad?", "To 40 countries.")
    result = tried(desk, "Do you ship abroad? I want a refund for order 99999")
    assert (result["requested_action"], result["injection"]) == ("refund", False)
    assert {"kind": "order_number", "value": "99999"} in result["entities"]
    assert result["intents"][0]["probability"] > 0
    hit = next(hit for hit in result["hits"] if "ship" in hit["query"])
    assert set(hit["words"]) >= {"ship", "abroad"}
    plain = tried(desk, "Do you ship abroad?")
    assert "To 40 countries." in plain["draft"]["text"]
    assert [piece["ref"] for piece in plain["draft"]["evidence"]] == [f"faq:{wanted.public_id}:1"]
    assert (plain["draft"]["handover_reason"], plain["draft"]["violations"]) == ("", [])


def with_cases(desk: Desk) -> Faq:
    """Delivered orders get another answer than those under way."""
    when = AnswerCondition(order_statuses=("delivered",), days_since_delivered=(0, 7))
    late = ConditionalAnswer("a1", when, {"en": "It has arrived abroad."})
    texts = {"en": LocaleText("Do you ship abroad?", "To 40 countries.")}
    return create_faq(
        by=desk.olaf, content=FaqContent(texts, answers=(late,)), publish=True, now=desk.draft.created_at
    ).faq


def test_the_order_decides_which_answer_is_given(desk: Desk) -> None:
    with_cases(desk)
    now = desk.draft.created_at
    order = make_order(desk.merchant, desk.order.shopper, status="delivered", delivered_at=now - timedelta(days=2))
    question = "Do you ship abroad?"
    stranger = tried(desk, question)
    assert stranger["hits"][0]["conditions"][0]["fits"] == {"order_statuses": False, "days_since_delivered": False}
    assert (stranger["hits"][0]["chosen"], "To 40 countries." in stranger["draft"]["text"]) == ("", True)
    about = tried(desk, question, asker=Asker(order=order.number))
    assert about["hits"][0]["conditions"][0]["fits"] == {"order_statuses": True, "days_since_delivered": True}
    assert about["hits"][0]["chosen"] == "a1"
    assert about["order"] == order.number
    assert "It has arrived abroad." in about["draft"]["text"]


def test_an_unpublished_answer_is_drafted_where_one_asks_for_it(desk: Desk) -> None:
    live = faq(desk, "Do you ship abroad?", "To 40 countries.")
    new = FaqContent({"en": LocaleText("Do you ship abroad?", "To 50 countries.")})
    edit_faq(faq_id=live.public_id, by=desk.olaf, seen=1, content=new, now=desk.draft.created_at)
    assert "To 40 countries." in tried(desk, "Do you ship abroad?")["draft"]["text"]
    assert "To 50 countries." in tried(desk, "Do you ship abroad?", include_drafts=True)["draft"]["text"]


def test_an_answer_that_does_not_hold_today_is_shown_and_not_given(desk: Desk) -> None:
    yesterday = desk.draft.created_at.date() - timedelta(days=2)
    content = FaqContent({"en": LocaleText("Do you ship abroad?", "To 40 countries.")}, valid_until=yesterday)
    create_faq(by=desk.olaf, content=content, publish=True, now=desk.draft.created_at)
    result = tried(desk, "Do you ship abroad?")
    assert [(hit["holds"], hit["used"]) for hit in result["hits"]] == [(False, False)]
    assert "To 40 countries." not in result["draft"]["text"]


@pytest.mark.parametrize(
    ("asker", "field"),
    [(Asker(order="4711"), "order"), (Asker(shopper="nobody"), "shopper"), (Asker(product="nothing"), "product")],
)
def test_who_or_what_there_is_not_is_named(desk: Desk, asker: Asker, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ask_question(question="x", by=desk.olaf, asker=asker, now=desk.draft.created_at)
    assert refusal.value.field == field
    assert not QuestionTest.objects.exists()


def test_a_test_writes_nothing_of_its_conversation(desk: Desk) -> None:
    before = (Conversation.objects.count(), Message.objects.count(), Shopper.objects.count())
    tried(desk, "Where is my order?", asker=Asker(order=desk.order.number))
    assert (Conversation.objects.count(), Message.objects.count(), Shopper.objects.count()) == before


def test_a_search_that_fails_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no model")

    monkeypatch.setattr(question_tests.engine, "bot", broken)
    test = ask_question(question="x", by=desk.olaf, now=desk.draft.created_at)
    run_due(["fast"], keep=False)
    Job.objects.filter(kind="test_question").update(execute_after=desk.draft.created_at)
    run_due(["fast"], keep=False)
    test.refresh_from_db()
    assert test.state == "failed"


def test_tests_of_yesterday_are_gone_and_their_jobs_do_no_harm(desk: Desk) -> None:
    old = ask_question(question="old", by=desk.olaf, now=desk.draft.created_at - KEPT - timedelta(minutes=1))
    ask_question(question="new", by=desk.olaf, now=desk.draft.created_at)
    assert list(QuestionTest.objects.values_list("question", flat=True)) == ["new"]
    run_due(["fast"], keep=False)
    assert Job.objects.get(payload={"test": str(old.public_id)}).state == "done"
