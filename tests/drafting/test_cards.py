"""Cards in drafts: put there by what was asked, kept, taken out or added by the operator, sent with the reply."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.models import OrderLine, Variant
from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.errors import Invalid
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import DraftStale
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import fingerprint
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.recommendations.services import exclude
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_order,
    make_product,
    make_shopper,
    make_storefront,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    made = make_merchant()
    make_storefront(made)
    with scope(merchant=made):
        yield made


@pytest.fixture
def olaf(merchant: Merchant) -> Member:
    return make_member(merchant, Role.OPERATOR)


def _approve(draft: Draft, by: Member, cards: list[str] | None, seen: str = "") -> None:
    approve_draft(
        draft_id=draft.public_id,
        by=by,
        candidate=1,
        text=draft.candidates.get(position=1).text,
        seen=seen or fingerprint(draft),
        now=timezone.now(),
        cards=cards,
    )


def _drafted(merchant: Merchant, text: str) -> Draft:
    from cs_portal.conversations.services import receive_shopper_message

    shopper = make_shopper(merchant)
    make_order(merchant, shopper, number="10533", status="shipped")
    conversation = make_conversation(merchant, shopper)
    receive_shopper_message(conversation_id=conversation.pk, text=text, client_id="c-1", now=timezone.now())
    run_due(["fast"], keep=False)
    return Draft.objects.get(conversation=conversation)


def test_a_question_about_an_order_brings_its_card(merchant: Merchant) -> None:
    assert _drafted(merchant, "Where is my order 10533?").cards == [{"kind": "order", "number": "10533"}]


def test_a_wish_for_a_recommendation_brings_products_that_may_be_recommended(merchant: Merchant) -> None:
    first, second, gone, banned = (make_product(merchant, title_en=f"Lamp {n}") for n in range(4))
    Variant.objects.filter(product=gone).update(stock=0)
    exclude(
        kind="product",
        value=banned.external_id,
        by=make_member(merchant, Role.OWNER),
        now=timezone.now(),
    )
    for product in (first, second, gone, banned):
        OrderLine.objects.filter(order=make_order(merchant)).update(product=product.external_id)
    draft = _drafted(merchant, "Can you recommend a lamp for my desk?")
    assert draft.intent == "recommendation"
    assert {card["id"] for card in draft.cards} == {first.external_id, second.external_id}


def test_an_approval_sends_the_drafts_own_cards(merchant: Merchant, olaf: Member) -> None:
    product = make_product(merchant)
    draft = make_draft(merchant, cards=[{"kind": "product", "id": product.external_id}])
    _approve(draft, olaf, None)
    run_due(["fast"], keep=False, clock=lambda: timezone.now().replace(year=2100))
    sent = Message.objects.get(draft_key=draft.public_id)
    assert sent.cards == [{"kind": "product", "id": product.external_id}]


def test_the_operator_takes_cards_out_and_adds_others(merchant: Merchant, olaf: Member) -> None:
    first, second = make_product(merchant), make_product(merchant)
    conversation = make_conversation(merchant, texts=["Hello"])
    order = make_order(merchant, conversation.shopper)
    draft = make_draft(merchant, conversation, cards=[{"kind": "product", "id": first.external_id}])
    _approve(draft, olaf, [f"order:{order.number}", f"product:{second.external_id}"])
    draft.refresh_from_db()
    assert draft.cards == [{"kind": "order", "number": order.number}, {"kind": "product", "id": second.external_id}]
    assert AuditEntry.objects.get(action="draft.approved").data["cards"] == 2


def test_no_card_is_a_choice_too(merchant: Merchant, olaf: Member) -> None:
    draft = make_draft(merchant, cards=[{"kind": "product", "id": make_product(merchant).external_id}])
    _approve(draft, olaf, [])
    draft.refresh_from_db()
    assert draft.cards == []


def test_somebody_elses_order_is_refused_and_nothing_is_approved(merchant: Merchant, olaf: Member) -> None:
    draft = make_draft(merchant)
    stranger = make_order(merchant, make_shopper(merchant))
    with pytest.raises(Invalid):
        _approve(draft, olaf, [f"order:{stranger.number}"])
    draft.refresh_from_db()
    assert (draft.state, draft.cards) == ("ready", [])


def test_cards_are_part_of_what_was_seen(merchant: Merchant, olaf: Member) -> None:
    draft = make_draft(merchant)
    seen = fingerprint(draft)
    Draft.objects.filter(pk=draft.pk).update(cards=[{"kind": "product", "id": make_product(merchant).external_id}])
    draft.refresh_from_db()
    with pytest.raises(DraftStale):
        _approve(draft, olaf, None, seen=seen)
    assert Conversation.objects.get().messages.count() == 1
