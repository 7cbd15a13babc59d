"""Rows for tests, one plain function each. Every function enters the scope of its merchant by itself.

Names are the fixed cast: Alice owns, Ann administers, Olaf operates, Nina reads, Charlie is a stranger.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Payment, PaymentMethod, Product, Shopper, Variant
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate
from cs_portal.knowledge.models import Faq, FaqState, FaqText
from cs_portal.knowledge.services import describe_faqs
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User
from cs_portal.policies.models import RulesetVersion, VersionState, WorkingCopy

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_merchant(slug: str = "", **fields: Any) -> Merchant:
    slug = slug or f"shop-{next(_numbers)}"
    return Merchant.objects.create(slug=slug, **{"name": slug.replace("-", " ").title(), **fields})


def make_user(email: str = "", name: str = "", password: str = PASSWORD, **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        email=email or f"user-{number}@example.com", password=password, name=name or f"User {number}", **fields
    )


def make_member(merchant: Merchant, role: str = Role.OPERATOR, user: User | None = None, name: str = "") -> Member:
    with scope(merchant=merchant):
        return Member.objects.create(merchant=merchant, user=user or make_user(name=name), role=role)


def make_storefront(merchant: Merchant, slug: str = "main", **fields: Any) -> Storefront:
    given: dict[str, Any] = {"name": "Main shop", "allowed_origins": ["https://shop.example.com"], **fields}
    with scope(merchant=merchant):
        return Storefront.objects.create(merchant=merchant, slug=slug, **given)


def make_shopper(merchant: Merchant, external_id: str | None = "", **fields: Any) -> Shopper:
    """An identified shopper; ``external_id=None`` makes an anonymous one."""
    number = next(_numbers)
    given: dict[str, Any] = {"created_at": timezone.now(), **fields}
    if external_id is not None:
        given = {"name": "Li Wei", "email": f"li-{number}@example.com", **given}
    with scope(merchant=merchant):
        return Shopper.objects.create(
            merchant=merchant, external_id=f"s-{number}" if external_id == "" else external_id, **given
        )


def make_product(merchant: Merchant, price_minor: int = 4300, currency: str = "CNY", **fields: Any) -> Product:
    number = next(_numbers)
    given: dict[str, Any] = {"external_id": f"p-{number}", "title_en": "Mug", "title_zh": "马克杯", **fields}
    with scope(merchant=merchant):
        product = Product.objects.create(merchant=merchant, **given)
        Variant.objects.create(
            merchant=merchant,
            product=product,
            external_id=f"v-{number}",
            price_minor=price_minor,
            currency=currency,
            stock=12,
        )
    return product


def make_order(
    merchant: Merchant,
    shopper: Shopper | None = None,
    *,
    number: str = "",
    status: str = OrderStatus.DELIVERED,
    quantity: int = 2,
    unit_price_minor: int = 4300,
    method: str = PaymentMethod.WECHAT_PAY,
    now: datetime | None = None,
    **fields: Any,
) -> Order:
    """One line of mugs, paid in full by one payment; times fit the ``status``."""
    now = now or timezone.now()
    shopper = shopper or make_shopper(merchant)
    times: dict[str, Any] = {"placed_at": now - timedelta(days=10), "paid_at": now - timedelta(days=10)}
    if status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        times["shipped_at"] = now - timedelta(days=8)
    if status == OrderStatus.DELIVERED:
        times["delivered_at"] = now - timedelta(days=6)
    total = quantity * unit_price_minor
    given: dict[str, Any] = {"number": number or str(10500 + next(_numbers)), "currency": "CNY", **times, **fields}
    with scope(merchant=merchant):
        order = Order.objects.create(merchant=merchant, shopper=shopper, status=status, paid_minor=total, **given)
        OrderLine.objects.create(
            merchant=merchant,
            order=order,
            external_id="l-1",
            product="p-1",
            variant="v-1",
            title="Mug",
            options={"colour": "white"},
            quantity=quantity,
            unit_price_minor=unit_price_minor,
        )
        Payment.objects.create(
            merchant=merchant,
            order=order,
            external_id="pay-1",
            method_id="m-1",
            method=method,
            amount_minor=total,
            captured_at=given["paid_at"],
        )
    return order


def make_faq(
    merchant: Merchant,
    key: str = "",
    *,
    en: tuple[str, str] = ("Something arrived broken", "Send us a photo within 7 days and we refund you."),
    zh: tuple[str, str] = ("收到的商品破损", "请在签收后 7 天内提供照片，我们为您退款。"),
    state: str = FaqState.PUBLISHED,
    now: datetime | None = None,
) -> Faq:
    with scope(merchant=merchant):
        faq = Faq.objects.create(
            merchant=merchant, key=key or f"faq-{next(_numbers)}", state=state, updated_at=now or timezone.now()
        )
        for locale, (question, answer) in {"en": en, "zh-hans": zh}.items():
            FaqText.objects.create(merchant=merchant, faq=faq, locale=locale, question=question, answer=answer)
        describe_faqs([faq])
    return faq


def make_ruleset(
    merchant: Merchant, document: Mapping[str, Any], *, number: int = 1, now: datetime | None = None
) -> RulesetVersion:
    now = now or timezone.now()
    with scope(merchant=merchant):
        return RulesetVersion.objects.create(
            merchant=merchant,
            number=number,
            state=VersionState.LIVE,
            document=dict(document),
            created_at=now,
            published_at=now,
        )


def make_working_copy(
    merchant: Merchant, document: Mapping[str, Any], *, base: RulesetVersion | None = None, now: datetime | None = None
) -> WorkingCopy:
    now = now or timezone.now()
    with scope(merchant=merchant):
        return WorkingCopy.objects.create(document=dict(document), base=base, begun_at=now, changed_at=now)


def make_conversation(
    merchant: Merchant,
    shopper: Shopper | None = None,
    storefront: Storefront | None = None,
    *,
    texts: Sequence[str] = (),
    now: datetime | None = None,
    **fields: Any,
) -> Conversation:
    """A conversation with one shopper message per text, made without jobs and events."""
    now = now or timezone.now()
    with scope(merchant=merchant):
        storefront = storefront or Storefront.objects.first() or make_storefront(merchant)
        conversation = Conversation.objects.create(
            merchant=merchant,
            storefront=storefront,
            shopper=shopper or make_shopper(merchant),
            version=len(texts),
            **{"created_at": now, "last_message_at": now, **fields},
        )
    for text in texts:
        make_message(conversation, text, now=now)
    return conversation


def make_message(
    conversation: Conversation, text: str = "Where is my order?", *, author: str = Author.SHOPPER, **fields: Any
) -> Message:
    now = fields.pop("now", None) or timezone.now()
    with scope(merchant=conversation.merchant):
        return Message.objects.create(
            merchant=conversation.merchant,
            conversation=conversation,
            author=author,
            text=text,
            **{"client_id": f"c-{next(_numbers)}", "created_at": now, **fields},
        )


def make_candidate(draft: Draft, text: str = "We are sorry.", **fields: Any) -> DraftCandidate:
    with scope(merchant=draft.merchant):
        given: dict[str, Any] = {
            "generation": draft.generation,
            "position": DraftCandidate.objects.filter(draft=draft, generation=draft.generation).count() + 1,
            "source": "composer",
            "model": "composer",
            "score": 0.9,
            "created_at": draft.created_at,
            **fields,
        }
        return DraftCandidate.objects.create(merchant=draft.merchant, draft=draft, text=text, **given)


def make_draft(
    merchant: Merchant,
    conversation: Conversation | None = None,
    *,
    message: Message | None = None,
    texts: Sequence[str] = ("We are sorry that your mug broke. We refund you.", "Sorry! Your money is on its way."),
    now: datetime | None = None,
    **fields: Any,
) -> Draft:
    """A draft waiting for review with one candidate per text, fresh for its conversation and ``order``."""
    now = now or timezone.now()
    conversation = conversation or make_conversation(merchant, texts=["Where is my order?"], now=now)
    order: Order | None = fields.get("order")
    with scope(merchant=merchant):
        message = message or Message.objects.filter(conversation=conversation).order_by("-id").first()
        message = message or make_message(conversation, now=now)
        given: dict[str, Any] = {
            "locale": conversation.locale,
            "intent": "order_status",
            "intents": [{"name": "order_status", "probability": 0.9}],
            "confidence": 0.91,
            "conversation_version": conversation.version,
            "order_version": order.version if order else None,
            "model_state": "done",
            "created_at": now,
            "selected": 1 if texts else 0,
            **fields,
        }
        draft = Draft.objects.create(merchant=merchant, conversation=conversation, message=message, **given)
    for text in texts:
        make_candidate(draft, text)
    return draft
