"""The fixed cast: Alice owns, Ann administers, Olaf and Bob operate, Nina reads, Charlie is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member, Merchant, Role, Storefront
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_order,
    make_shopper,
    make_storefront,
)


@dataclass
class Cast:
    merchant: Merchant
    storefront: Storefront
    alice: Member
    ann: Member
    olaf: Member
    bob: Member
    nina: Member
    charlie: Member
    now: datetime

    def client(self, member: Member | None, *, htmx: bool = False) -> Client:
        client = Client(headers={"HX-Request": "true"} if htmx else None)
        if member is not None:
            with scope(merchant=member.merchant):
                client.force_login(member.user)
        return client

    def draft(self, text: str = "My mug broke", **fields: object) -> Draft:
        conversation = make_conversation(self.merchant, storefront=self.storefront, texts=[text], now=self.now)
        return make_draft(self.merchant, conversation, now=self.now, **fields)

    def refund_draft(self, **fields: object) -> tuple[Draft, Order, Conversation]:
        """An allowed refund of ¥86.00 to WeChat Pay."""
        shopper = make_shopper(self.merchant)
        order = make_order(self.merchant, shopper, number="10533", now=self.now)
        conversation = make_conversation(
            self.merchant, shopper, self.storefront, texts=["My mugs broke, I want my money"], now=self.now
        )
        verdict = {
            "outcome": "allow",
            "amount_minor": 8600,
            "currency": "CNY",
            "payments": [{"id": "pay-1", "amount_minor": 8600}],
            "ruleset": "standard",
            "version": 12,
            "rule": "fault-with-photo",
            "approver": "operator",
            "ask": [],
            "reasons": {"en": "Reported in time.", "zh-hans": "在期限内反馈。"},
            "trace": [
                {"rule": "r1", "matched": False, "because": {"en": "amount too small", "zh-hans": "金额不足"}},
                {"rule": "fault-with-photo", "matched": True, "because": {"en": "a photo", "zh-hans": "有照片"}},
            ],
        }
        given = {"order": order, "request": {"action": "refund"}, "verdict": verdict, "intent": "refund", **fields}
        return make_draft(self.merchant, conversation, now=self.now, **given), order, conversation

    def url(self, draft: Draft, step: str = "") -> str:
        return f"/console/mugs/review/{draft.public_id}/{step}"


@pytest.fixture
def cast(db: None) -> Cast:
    merchant, other = make_merchant("mugs"), make_merchant("rival")
    make_storefront(other)
    return Cast(
        merchant=merchant,
        storefront=make_storefront(merchant, locale="en"),
        alice=make_member(merchant, Role.OWNER, name="Alice"),
        ann=make_member(merchant, Role.ADMIN, name="Ann"),
        olaf=make_member(merchant, Role.OPERATOR, name="Olaf"),
        bob=make_member(merchant, Role.OPERATOR, name="Bob"),
        nina=make_member(merchant, Role.ANALYST, name="Nina"),
        charlie=make_member(other, Role.OWNER, name="Charlie"),
        now=timezone.now().replace(microsecond=0),
    )


def state_of(draft: Draft) -> str:
    with scope(merchant=draft.merchant):
        return Draft.objects.values_list("state", flat=True).get(pk=draft.pk)
