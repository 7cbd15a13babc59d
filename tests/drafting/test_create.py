"""A message becomes a draft with its evidence and verdict: exactly one, and only while it is the last word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.models import OrderStatus
from cs_portal.conversations.models import Conversation, HandoverReason, Message
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.models import Event, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    make_conversation,
    make_draft,
    make_faq,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    make_ruleset(merchant, load_shipped("standard").to_dict())
    make_faq(
        merchant,
        "delivery",
        en=("How long does delivery take?", "Delivery takes 3 to 5 days."),
        zh=("多久能送到？", "一般 3 到 5 天送达。"),
    )
    with scope(merchant=merchant):
        yield merchant


def _ask(conversation: Conversation, text: str, client_id: str = "c-1") -> Message:
    message, _ = receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id=client_id, now=timezone.now()
    )
    return message


def _draft_of(conversation: Conversation, text: str) -> Draft:
    message = _ask(conversation, text)
    run_due(["fast"], keep=False)
    return Draft.objects.get(message=message)


def test_a_question_is_drafted_from_the_faq(merchant: Merchant) -> None:
    draft = _draft_of(make_conversation(merchant), "How long does delivery take?")
    assert (draft.state, draft.intent, draft.locale) == (DraftState.READY, "delivery", "en")
    assert "3 to 5 days" in draft.candidates.get(position=1).text
    assert next(piece["kind"] for piece in draft.evidence) == "faq"
    assert Event.objects.filter(name="draft:ready").count() == 1
    assert Event.objects.filter(name="reply:checking").count() == 1


def test_a_chinese_question_gets_a_chinese_draft(merchant: Merchant) -> None:
    draft = _draft_of(make_conversation(merchant), "请问多久能送到？")
    assert draft.locale == "zh-hans"
    assert "3 到 5 天" in draft.candidates.get(position=1).text


def test_a_request_is_decided_by_the_merchants_rules(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, status=OrderStatus.PENDING)
    draft = _draft_of(make_conversation(merchant, shopper), f"Please cancel my order {order.number}")
    assert draft.request is not None
    assert draft.verdict is not None
    assert (draft.request["action"], draft.verdict["outcome"], draft.order) == ("cancel", "allow", order)
    assert draft.verdict["payments"] == [{"id": "pay-1", "amount_minor": 8600}]
    assert draft.verdict["trace"]
    assert (draft.order_version, draft.ruleset.number) == (1, 1)  # type: ignore[union-attr]
    assert order.number in draft.candidates.get(position=1).text


def test_a_shipped_order_is_not_cancelled(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, status=OrderStatus.SHIPPED)
    draft = _draft_of(make_conversation(merchant, shopper), f"Please cancel my order {order.number}")
    assert draft.verdict is not None
    assert draft.verdict["outcome"] == "deny"


def test_the_only_order_is_meant_even_where_it_is_too_late(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, status=OrderStatus.SHIPPED)
    draft = _draft_of(make_conversation(merchant, shopper), "Please cancel my order, I ordered by mistake")
    assert (draft.order, (draft.verdict or {})["outcome"]) == (order, "deny")


def test_a_new_order_is_refused_to_nobody_for_naming_an_order(merchant: Merchant) -> None:
    draft = _draft_of(
        make_conversation(merchant, make_shopper(merchant)), "I want to buy two mugs as in order 99999999"
    )
    assert (draft.request or {}).get("action") != "place_order"
    assert "cannot place" not in draft.candidates.get(position=1).text


def test_an_order_of_somebody_else_is_refused_and_nothing_of_it_is_said(merchant: Merchant) -> None:
    theirs = make_order(merchant, make_shopper(merchant, name="Wang Fang"), status=OrderStatus.PENDING)
    missing = "99999999"
    texts = []
    for number in (theirs.number, missing):
        draft = _draft_of(make_conversation(merchant, make_shopper(merchant)), f"Please cancel my order {number}")
        assert draft.verdict is not None
        assert (draft.verdict["outcome"], draft.order) == ("deny", None)
        assert "Wang" not in str(draft.evidence)
        assert not any(piece["kind"] == "order" for piece in draft.evidence)
        texts.append(draft.candidates.get(position=1).text.replace(number, "N"))
    assert texts[0] == texts[1]


def test_an_anonymous_shopper_sees_no_order(merchant: Merchant) -> None:
    order = make_order(merchant, make_shopper(merchant), status=OrderStatus.PENDING)
    anonymous = make_shopper(merchant, external_id=None)
    draft = _draft_of(make_conversation(merchant, anonymous), f"Where is my order {order.number}?")
    assert draft.order is None
    assert not any(piece["kind"] in {"order", "verdict"} for piece in draft.evidence)


def test_a_later_message_covers_the_earlier_ones(merchant: Merchant) -> None:
    conversation = make_conversation(merchant)
    first = _ask(conversation, "Hello", "c-1")
    second = _ask(conversation, "How long does delivery take?", "c-2")
    run_due(["fast"], keep=False)
    assert not Draft.objects.filter(message=first).exists()
    assert Draft.objects.get().message == second


def test_a_new_message_supersedes_the_open_draft(merchant: Merchant) -> None:
    conversation = make_conversation(merchant, texts=["Hello"])
    old = make_draft(merchant, conversation)
    new = _draft_of(conversation, "How long does delivery take?")
    old.refresh_from_db()
    assert (old.state, new.state) == (DraftState.SUPERSEDED, DraftState.READY)


def test_running_the_job_again_drafts_once(merchant: Merchant) -> None:
    _draft_of(make_conversation(merchant), "How long does delivery take?")
    Job.objects.filter(kind="draft_reply").update(state=JobState.READY)
    run_due(["fast"], keep=False)
    assert Draft.objects.count() == 1


def test_a_wish_for_a_person_is_marked(merchant: Merchant) -> None:
    conversation = make_conversation(merchant)
    assert _draft_of(conversation, "I want to talk to a human, please").needs_person
    conversation.refresh_from_db()
    assert conversation.needs_person


def test_without_rules_nothing_is_decided() -> None:
    merchant = make_merchant()
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, status=OrderStatus.PENDING)
    with scope(merchant=merchant):
        draft = _draft_of(make_conversation(merchant, shopper), f"Please cancel my order {order.number}")
        assert (draft.verdict, draft.ruleset) == (None, None)


@pytest.mark.parametrize(
    "text", ["Your courier was rude to my mother, this is unacceptable", "你们的快递员态度太差了，我要投诉"]
)
def test_a_complaint_that_is_passed_to_a_colleague_calls_one(merchant: Merchant, text: str) -> None:
    """The reply promises a person: the conversation needs one and goes on waiting once it is sent."""
    conversation = make_conversation(merchant)
    draft = _draft_of(conversation, text)
    assert draft.intent == "complaint"
    conversation.refresh_from_db()
    assert (draft.needs_person, conversation.needs_person) == (True, True)
    assert draft.handover_reason == conversation.handover_reason == HandoverReason.COMPLAINT


def test_a_question_that_nobody_could_read_is_named_to_the_operator(merchant: Merchant) -> None:
    draft = _draft_of(make_conversation(merchant), "Where is my order? And what breed is your office dog?")
    assert draft.unanswered == ["what breed is your office dog?"]
    assert draft.confidence <= 0.4
