"""Conversations of which something can be learned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cs_portal.conversations.models import Author
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Member, Merchant
from tests.factories import make_conversation, make_draft, make_member, make_merchant, make_message, make_shopper
from tests.knowledge.gap_rows import NOW


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("pine")


@pytest.fixture
def member(merchant: Merchant) -> Member:
    return make_member(merchant, name="Sam Hill")


def ask(
    merchant: Merchant,
    text: str,
    *,
    reply: str = "",
    at: datetime = NOW - timedelta(days=1),
    locale: str = "en",
    **fields: Any,
) -> Draft:
    """A question without an answer, and the colleague's ``reply`` to it."""
    conversation = make_conversation(
        merchant, make_shopper(merchant, name="Anna Li"), texts=[text], now=at, locale=locale
    )
    draft = make_draft(
        merchant,
        conversation,
        now=at,
        **{"answered": False, "intents": [{"name": "other", "probability": 0.2, "question": text}], **fields},
    )
    if reply:
        make_message(conversation, reply, author=Author.OPERATOR, now=at + timedelta(minutes=5))
    return draft


def edit(faq: Faq, answer: str, before: str, sent: str, *, at: datetime = NOW - timedelta(days=1)) -> Draft:
    """A draft with the FAQ's ``answer`` that an operator sent in other words."""
    merchant = faq.merchant
    piece = {
        "kind": "faq",
        "ref": f"faq:{faq.public_id}:1",
        "title": {"en": "Delivery"},
        "text": {"en": answer, "zh-hans": answer},
        "score": 0.9,
        "locale": "en",
        "fields": [],
    }
    conversation = make_conversation(merchant, make_shopper(merchant, name="Anna Li"), texts=["How long?"], now=at)
    draft = make_draft(
        merchant, conversation, texts=[before], now=at, answered=True, evidence=[piece], state=DraftState.SENT
    )
    with scope(merchant=merchant):
        Review.objects.create(
            draft=draft,
            member=None,
            decision=Decision.EDITED,
            candidate=DraftCandidate.objects.get(draft=draft),
            text=sent,
            execute_after=at,
            executed_at=at,
            created_at=at,
            public_id=uuid4(),
        )
    return draft
