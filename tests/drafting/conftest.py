"""A merchant with the shipped ruleset, a shopper with an order, and a draft that would act on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.drafting.prepare import decide_on
from cs_portal.drafting.staleness import fingerprint
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
)


@dataclass
class Desk:
    """Olaf operates, Ann administers, Nina reads."""

    merchant: Merchant
    olaf: Member
    ann: Member
    nina: Member
    order: Order
    conversation: Conversation
    draft: Draft

    def seen(self) -> str:
        self.draft = Draft.objects.select_related("conversation").get(pk=self.draft.pk)
        return fingerprint(self.draft)


def make_desk(*, now: datetime | None = None, request: dict[str, Any] | None = None, **order: Any) -> Desk:
    now = now or timezone.now()
    merchant = make_merchant()
    shopper = make_shopper(merchant)
    ruleset = make_ruleset(merchant, load_shipped("standard").to_dict())
    made = make_order(merchant, shopper, **{"status": OrderStatus.PENDING, "now": now, **order})
    conversation = make_conversation(merchant, shopper, texts=["Please cancel my order."], now=now)
    wanted = request or {"action": "cancel", "evidence": [], "confirmed": False}
    with scope(merchant=merchant):
        decided = decide_on(made, wanted, now=now)
    assert decided is not None
    draft = make_draft(
        merchant,
        conversation,
        order=made,
        request=wanted,
        verdict=decided[0],
        ruleset=ruleset,
        intent=wanted["action"],
        now=now - timedelta(minutes=1),
    )
    return Desk(
        merchant,
        make_member(merchant, Role.OPERATOR, name="Olaf"),
        make_member(merchant, Role.ADMIN, name="Ann"),
        make_member(merchant, Role.ANALYST, name="Nina"),
        made,
        conversation,
        draft,
    )


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        yield desk
