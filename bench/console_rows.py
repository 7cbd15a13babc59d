"""Rows for ``bench/console.py``: a busy merchant with a year of conversations, made in bulk and the same every time."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Payment, Product, Shopper, Variant
from cs_portal.conversations import search
from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    ConversationTag,
    Message,
    Note,
    Tag,
)
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, DraftState, Review
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User

ROOT = Path(__file__).resolve().parents[1]
BATCH = 1000
YEAR = 365 * 24 * 60
INTENTS = ("order_status", "refund", "cancel", "exchange", "change_address", "product", "greeting", "other")
NOUNS_EN = [
    "mug",
    "kettle",
    "lamp",
    "blanket",
    "chair",
    "tent",
    "bottle",
    "pillow",
    "bowl",
    "candle",
    "shelf",
    "basket",
]
NOUNS_ZH = ["马克杯", "水壶", "台灯", "毛毯", "椅子", "帐篷", "保温瓶", "枕头", "饭碗", "蜡烛", "篮子"]
REPLIES = {
    "en": "Thank you for your patience. We looked at it and will settle it today; you will hear from us.",
    "zh-hans": "感谢您的耐心等待。我们已经核实，今天会为您处理，结果会通过邮件通知您。",
}
FAMILIES, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡", "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚"
FIRST = ["Anna", "Tom", "Maria", "John", "Sofia", "Emma", "Liam", "Noah", "Olga", "Ivan"]
LAST = ["Keller", "Reed", "Lopez", "Smith", "Rossi", "Brown"]


def questions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"en": [], "zh-hans": []}
    with (ROOT / "bench" / "cases.csv").open() as file:
        for row in csv.DictReader(file):
            found[row["locale"]].append(row["text"])
    return found


@dataclass
class Shop:
    """A merchant under way. ``pick`` draws everything, so that two runs measure the same rows."""

    merchant: Merchant
    owner: User
    member: Member
    storefront: Storefront
    now: datetime
    pick: random.Random
    products: list[Product] = field(default_factory=list)
    shoppers: list[Shopper] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


def make_shop(slug: str, *, conversations: int, now: datetime) -> Shop:
    """A shopper to four conversations, an order to two; five messages each; every other one drafted and reviewed."""
    merchant = Merchant.objects.create(slug=slug, name=slug.title())
    owner = User.objects.create_user(email=f"owner@{slug}.example", password=None, name="Olga Owner")
    with scope(merchant=merchant):
        member = Member.objects.create(user=owner, role=Role.OWNER, last_visit_at=now)
        storefront = Storefront.objects.create(slug="main", name="Main", allowed_origins=["https://shop.example"])
        shop = Shop(merchant, owner, member, storefront, now, random.Random(conversations))
        shop.tags = [Tag.objects.create(name=name) for name in ("damaged", "late", "praise", "批发")]
        _commerce(shop, shoppers=max(conversations // 4, 5), orders=conversations // 2)
        for start in range(0, conversations, BATCH):
            _conversations(shop, start, min(BATCH, conversations - start), conversations)
        search.reindex_all()
    return shop


def found_shop(slug: str) -> Shop:
    """One that was made before."""
    merchant = Merchant.objects.get(slug=slug)
    with scope(merchant=merchant):
        member = Member.objects.select_related("user").get()
        newest = Conversation.objects.order_by("-created_at").values_list("created_at", flat=True)[0]
        shop = Shop(merchant, member.user, member, Storefront.objects.get(), newest, random.Random(1))
        shop.tags = list(Tag.objects.order_by("id"))
    return shop


def _bulk(model: Any, rows: list[Any]) -> list[Any]:
    return model.objects.bulk_create(rows, batch_size=BATCH)


def _commerce(shop: Shop, *, shoppers: int, orders: int) -> None:
    pick, now = shop.pick, shop.now
    titles = [(f"{NOUNS_EN[n % 11].title()} {n}", f"{NOUNS_ZH[n % 11]} {n}") for n in range(150)]
    shop.products = _bulk(
        Product, [Product(external_id=f"p-{n}", title_en=en, title_zh=zh) for n, (en, zh) in enumerate(titles)]
    )
    variants = [
        Variant(product=product, external_id=f"v-{n}", price_minor=4300 + n, currency="CNY", stock=9)
        for n, product in enumerate(shop.products)
    ]
    _bulk(Variant, variants)
    shop.shoppers = _bulk(
        Shopper,
        [
            Shopper(
                external_id=f"s-{n}",
                name=_name(pick, chinese=n % 2 == 1),
                email=f"shopper{n}@example.com",
                locale="zh-hans" if n % 2 else "en",
                created_at=now - timedelta(days=400),
            )
            for n in range(shoppers)
        ],
    )
    for start in range(0, orders, BATCH):
        _orders(shop, start, min(BATCH, orders - start))


def _name(pick: random.Random, *, chinese: bool) -> str:
    if chinese:
        return pick.choice(FAMILIES) + pick.choice(GIVEN) + pick.choice(GIVEN)
    return f"{pick.choice(FIRST)} {pick.choice(LAST)}"


def _orders(shop: Shop, start: int, count: int) -> None:
    pick = shop.pick
    times = [shop.now - timedelta(minutes=pick.randrange(YEAR)) for _ in range(count)]
    rows = [
        Order(
            number=str(10_000 + start + n),
            shopper=pick.choice(shop.shoppers),
            storefront="main",
            currency="CNY",
            status=pick.choice(OrderStatus.values),
            placed_at=at,
            paid_at=at,
            paid_minor=8600,
        )
        for n, at in enumerate(times)
    ]
    orders = _bulk(Order, rows)
    _bulk(OrderLine, [_line(shop, order) for order in orders])
    payments = [
        Payment(order=o, external_id="1", method="alipay", amount_minor=8600, captured_at=o.paid_at) for o in orders
    ]
    _bulk(Payment, payments)
    shop.orders += orders


def _line(shop: Shop, order: Order) -> OrderLine:
    product = shop.pick.choice(shop.products)
    return OrderLine(
        order=order,
        external_id="1",
        product=product.external_id,
        variant="v-1",
        title=product.title_en,
        quantity=2,
        unit_price_minor=4300,
    )


def _conversations(shop: Shop, start: int, count: int, total: int) -> None:
    pick, now = shop.pick, shop.now
    asked = questions()
    rows = []
    for n in range(start, start + count):
        # In order of time, as a merchant's conversations come; the newest two hours ago to now.
        at = now - timedelta(minutes=YEAR * (total - n) / total + pick.random())
        shopper = pick.choice(shop.shoppers)
        state = _state(pick, n, total)
        waiting = state == ConversationState.OPEN and pick.random() < 0.6
        rows.append(
            Conversation(
                storefront=shop.storefront,
                shopper=shopper,
                state=state,
                locale=shopper.locale,
                version=5,
                created_at=at,
                last_message_at=at + timedelta(minutes=40),
                preview=pick.choice(asked[shopper.locale])[:160],
                last_author=Author.SHOPPER if waiting else Author.OPERATOR,
                assignee=shop.member if pick.random() < 0.3 else None,
                snoozed_until=now + timedelta(days=1) if state == ConversationState.SNOOZED else None,
                waiting_since=at if waiting else None,
                reply_due_at=at + timedelta(hours=1) if waiting else None,
                first_reply_at=at + timedelta(minutes=20),
                first_reply_due_at=at + timedelta(hours=1),
                first_person_reply_at=at + timedelta(minutes=20),
                resolved_at=at + timedelta(hours=1) if state == ConversationState.RESOLVED else None,
                resolved_by="member" if state == ConversationState.RESOLVED else "",
                csat_score=pick.choice([None, None, 3, 4, 5]),
                csat_answered_at=at + timedelta(hours=2),
            )
        )
    made = _bulk(Conversation, rows)
    messages = _bulk(Message, [message for row in made for message in _messages(shop, row, asked)])
    _bulk(ConversationTag, [ConversationTag(conversation=row, tag=pick.choice(shop.tags)) for row in made[::5]])
    _bulk(Note, [Note(conversation=row, text=f"Called {row.pk}", created_at=row.created_at) for row in made[::20]])
    kinds = [ActivityKind.ASSIGNED, ActivityKind.RESOLVED, ActivityKind.HANDED_OVER]
    acts = [Activity(conversation=row, kind=pick.choice(kinds), created_at=row.last_message_at) for row in made]
    _bulk(Activity, acts)
    _drafts(shop, made[::2], {message.conversation_id: message for message in messages if message.author == "shopper"})


def _state(pick: random.Random, n: int, total: int) -> str:
    """The newest fortieth is open, as in a shop that keeps up, but more than any page lists; a few sleep."""
    if n >= total - max(total // 40, 400):
        return ConversationState.OPEN
    return ConversationState.SNOOZED if pick.random() < 0.002 else ConversationState.RESOLVED


def _messages(shop: Shop, row: Conversation, asked: dict[str, list[str]]) -> Iterator[Message]:
    pick, nouns = shop.pick, NOUNS_ZH if row.locale == "zh-hans" else NOUNS_EN
    for number in range(5):
        at = row.created_at + timedelta(minutes=10 * number)
        if number % 2 == 0:
            text = f"{pick.choice(asked[row.locale])} {pick.choice(nouns)} {10_000 + pick.randrange(50_000)}"
            yield Message(conversation=row, author=Author.SHOPPER, text=text, client_id=f"c{number}", created_at=at)
        else:
            member = shop.member if number == 3 else None
            author = Author.OPERATOR if member else Author.BOT
            yield Message(conversation=row, author=author, member=member, text=REPLIES[row.locale], created_at=at)


def _drafts(shop: Shop, rows: list[Conversation], messages: dict[int, Message]) -> None:
    pick = shop.pick
    drafts = []
    for row in rows:
        is_open = row.state == ConversationState.OPEN and row.waiting_since is not None
        drafts.append(
            Draft(
                conversation=row,
                message=messages[row.pk],
                state=DraftState.READY if is_open else DraftState.SENT,
                locale=row.locale,
                intent=pick.choice(INTENTS),
                confidence=pick.random(),
                answered=pick.random() < 0.8,
                order=pick.choice(shop.orders) if pick.random() < 0.5 else None,
                verdict={"outcome": pick.choice(["allow", "deny", "ask"]), "amount_minor": 8600},
                conversation_version=5,
                model_state="done",
                created_at=row.created_at + timedelta(minutes=1),
                closed_at=None if is_open else row.created_at + timedelta(minutes=9),
            )
        )
    made = _bulk(Draft, drafts)
    said = {"position": 1, "source": "composer", "model": "composer", "score": 0.9}
    texts = [DraftCandidate(draft=d, text=REPLIES[d.locale], created_at=d.created_at, **said) for d in made]
    _bulk(DraftCandidate, texts)
    decisions = ["approved", "approved", "approved", "edited", "rejected"]
    closed = [(draft, draft.closed_at) for draft in made if draft.closed_at]
    reviews = [
        Review(draft=draft, member=shop.member, decision=pick.choice(decisions), created_at=at, executed_at=at)
        for draft, at in closed
    ]
    _bulk(Review, reviews)
