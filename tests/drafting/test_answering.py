"""A draft rests on the answer that holds for this shopper: their order, the product, the shop, the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from cs_portal.commerce.models import OrderStatus
from cs_portal.conversations.models import Conversation, HandoverReason
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.errors import DraftStale
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import changes, fingerprint, outdated
from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent, LocaleText
from cs_portal.knowledge.models import Faq
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_conversation, make_member, make_merchant, make_order, make_product, make_shopper

pytestmark = pytest.mark.django_db

QUESTION = "How long does delivery take?"
SHIPPED = ConditionalAnswer("shipped", AnswerCondition(order_statuses=("shipped",)), {"en": "It is 2 days away."})
BASE = FaqContent({"en": LocaleText(QUESTION, "Delivery takes 3 to 5 days.")})


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant(timezone="UTC")
    with scope(merchant=merchant):
        yield merchant


@pytest.fixture
def olaf(merchant: Merchant) -> Member:
    return make_member(merchant, Role.OPERATOR, name="Olaf")


def publish(content: FaqContent, olaf: Member) -> Faq:
    return create_faq(by=olaf, content=content, publish=True, now=timezone.now()).faq


def draft_of(conversation: Conversation, text: str = QUESTION) -> Draft:
    message, _ = receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id=f"c-{timezone.now()}", now=timezone.now()
    )
    run_due(["fast"], keep=False)
    return Draft.objects.select_related("conversation").get(message=message)


def words(draft: Draft) -> str:
    return str(draft.candidates.get(position=1).text)


def faq_piece(draft: Draft) -> dict[str, object]:
    return next(piece for piece in draft.evidence if piece["kind"] == "faq")


def test_the_state_of_the_order_chooses_the_answer(merchant: Merchant, olaf: Member) -> None:
    publish(replace(BASE, answers=(SHIPPED,)), olaf)
    shopper = make_shopper(merchant)
    make_order(merchant, shopper, status=OrderStatus.SHIPPED, shipped_at=timezone.now())
    draft = draft_of(make_conversation(merchant, shopper))
    assert "2 days away" in words(draft) and "3 to 5" not in words(draft)
    piece = faq_piece(draft)
    assert (piece["answer"], piece["when"]) == ("shipped", {"order_statuses": ["shipped"]})
    assert piece["text"] == {"en": "It is 2 days away.", "zh-hans": "It is 2 days away."}


def test_another_shopper_gets_the_answer_for_everybody(merchant: Merchant, olaf: Member) -> None:
    publish(replace(BASE, answers=(SHIPPED,)), olaf)
    draft = draft_of(make_conversation(merchant))
    assert "3 to 5 days" in words(draft)
    assert faq_piece(draft)["answer"] == ""


def test_a_question_about_where_an_order_is_gets_what_holds_for_its_state(merchant: Merchant, olaf: Member) -> None:
    publish(
        FaqContent(
            {"en": LocaleText("Where is my order?", "We ship within a day.")},
            answers=(replace(SHIPPED, texts={"en": "Our carrier delivers until 8 pm."}),),
        ),
        olaf,
    )
    shopper = make_shopper(merchant)
    make_order(merchant, shopper, status=OrderStatus.SHIPPED, shipped_at=timezone.now())
    draft = draft_of(make_conversation(merchant, shopper), "Where is my order?")
    assert "shipped" in words(draft) and "until 8 pm" in words(draft)


def test_days_count_by_the_merchants_calendar(merchant: Merchant, olaf: Member) -> None:
    late = replace(
        SHIPPED,
        when=AnswerCondition(order_statuses=("shipped",), days_since_shipped=(7, None)),
        texts={"en": "That is too long: we look for it."},
    )
    publish(replace(BASE, answers=(SHIPPED, replace(late, id="late"))), olaf)
    shopper = make_shopper(merchant)
    make_order(merchant, shopper, status=OrderStatus.SHIPPED, shipped_at=timezone.now() - timedelta(days=8))
    assert faq_piece(draft_of(make_conversation(merchant, shopper)))["answer"] == "late"


def test_a_product_has_its_own_answer(merchant: Merchant, olaf: Member) -> None:
    make_product(merchant, external_id="p-tent", title_en="Ridge Tent", category="tents")
    make_product(merchant, external_id="p-mug", title_en="Enamel Mug", category="mugs")
    tent = ConditionalAnswer("tent", AnswerCondition(products=("p-tent",)), {"en": "Wipe it with a wet cloth."})
    mugs = ConditionalAnswer("mugs", AnswerCondition(categories=("mugs",)), {"en": "It goes into the dishwasher."})
    publish(
        FaqContent(
            {"en": LocaleText("How do I clean it?", "See the label.", ("How to wash it?",))}, answers=(tent, mugs)
        ),
        olaf,
    )
    asked = {"Ridge Tent": "wet cloth", "Enamel Mug": "dishwasher"}
    for title, said in asked.items():
        assert said in words(draft_of(make_conversation(merchant), f"How do I clean the {title}?"))


def test_an_answer_outside_of_its_days_is_never_given(merchant: Merchant, olaf: Member) -> None:
    today = timezone.now().date()
    publish(replace(BASE, valid_until=today - timedelta(days=1)), olaf)
    publish(replace(BASE, valid_from=today + timedelta(days=1)), olaf)
    draft = draft_of(make_conversation(merchant))
    assert "3 to 5" not in words(draft)
    assert [piece for piece in draft.evidence if piece["kind"] == "faq"] == []
    assert draft.needs_person


def test_whoever_asks_what_is_handed_over_gets_a_person(merchant: Merchant, olaf: Member) -> None:
    publish(replace(BASE, hand_over=True), olaf)
    conversation = make_conversation(merchant)
    draft = draft_of(conversation)
    assert (draft.needs_person, draft.handover_reason) == (True, HandoverReason.ANSWER)
    assert "3 to 5 days" in words(draft) and "colleague" in words(draft)
    conversation.refresh_from_db()
    assert conversation.needs_person


def test_a_hand_over_needs_no_words_of_its_own(merchant: Merchant, olaf: Member) -> None:
    publish(FaqContent({"en": LocaleText(QUESTION)}, hand_over=True), olaf)
    draft = draft_of(make_conversation(merchant))
    assert draft.handover_reason == HandoverReason.ANSWER and "colleague" in words(draft)


def test_an_answer_that_hangs_on_an_order_asks_which_one(merchant: Merchant, olaf: Member) -> None:
    publish(FaqContent({"en": LocaleText(QUESTION)}, answers=(SHIPPED,)), olaf)
    draft = draft_of(make_conversation(merchant))
    assert "order number" in words(draft) and "2 days away" not in words(draft)


def test_marked_up_words_reach_the_shopper_plain_and_pass_the_guard(merchant: Merchant, olaf: Member) -> None:
    marked = "Delivery takes **3 to 5 days**:\n\n- by [post](https://post.example/track)\n- by `bike`"
    publish(FaqContent({"en": LocaleText(QUESTION, marked)}), olaf)
    draft = draft_of(make_conversation(merchant))
    assert "Delivery takes 3 to 5 days:\n\n- by post (https://post.example/track)\n- by bike" in words(draft)
    assert draft.candidates.get(position=1).violations == []
    assert changes(draft, now=timezone.now()) == []


def test_a_draft_is_stale_once_its_answer_is_not_valid_any_more(merchant: Merchant, olaf: Member) -> None:
    now = timezone.now()
    publish(replace(BASE, valid_until=now.date()), olaf)
    draft = draft_of(make_conversation(merchant))
    assert changes(draft, now=now) == []
    tomorrow = now + timedelta(days=1)
    said = [f"The answer “{QUESTION}” is not valid today."]
    assert changes(draft, now=tomorrow) == said
    assert outdated([draft], now=tomorrow) == {draft.pk}
    with pytest.raises(DraftStale) as refused:
        approve_draft(
            draft_id=draft.public_id, by=olaf, candidate=1, text=words(draft), seen=fingerprint(draft), now=tomorrow
        )
    assert refused.value.changes == said


def test_a_draft_is_stale_once_another_answer_holds(merchant: Merchant, olaf: Member) -> None:
    now = timezone.now()
    late = ConditionalAnswer("late", AnswerCondition(days_since_shipped=(1, None)), {"en": "We look for it."})
    publish(replace(BASE, answers=(late,)), olaf)
    shopper = make_shopper(merchant)
    make_order(merchant, shopper, status=OrderStatus.SHIPPED, shipped_at=now)
    draft = draft_of(make_conversation(merchant, shopper))
    assert changes(draft, now=now) == []
    assert changes(draft, now=now + timedelta(days=1)) == [
        f"The FAQ “{QUESTION}” has another answer for this case by now."
    ]


def test_the_merchants_midnight_counts(db: None) -> None:
    shanghai = make_merchant(timezone="Asia/Shanghai")
    assert local_day(shanghai, datetime(2026, 11, 26, 17, tzinfo=UTC)) == date(2026, 11, 27)
