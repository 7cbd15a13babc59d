"""One shopper, two orders and a few answers, from which the tests of composing and guard build their requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bots.types import (
    ComposeRequest,
    FaqEntry,
    FaqHit,
    IntentGuess,
    Language,
    LineFacts,
    OrderFacts,
    PersonalValues,
    ProductFacts,
    RefundFacts,
    ShipmentFacts,
    Turn,
    Understanding,
    VerdictFacts,
)

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def on(day: int, month: int = 11) -> datetime:
    """Eleven o'clock of a day of 2026 in Shanghai."""
    return datetime(2026, month, day, 3, 0, tzinfo=UTC)


MUGS = OrderFacts(
    number="10533",
    status="delivered",
    currency="CNY",
    total_minor=8600,
    refundable_minor=8600,
    placed_at=on(1),
    paid_at=on(1),
    shipped_at=on(3),
    delivered_at=on(18),
    lines=(LineFacts("Mug", 2, 4300, {"colour": "white"}),),
    shipments=(ShipmentFacts("SF", "SF1234567890", on(3), on(18)),),
    payment_methods=("wechat_pay",),
)
POLES = OrderFacts(
    number="10777",
    status="processing",
    currency="CNY",
    total_minor=129900,
    placed_at=on(20),
    lines=(LineFacts("Trekking Poles", 1, 129900),),
    refunds=(RefundFacts(1000, on(22)),),
    payment_methods=("alipay",),
)
LAMP = ProductFacts(
    id="p-1",
    title={"en": "Reading Lamp", "zh-hans": "阅读灯"},
    price_minor=25900,
    currency="CNY",
    stock=12,
    url="https://shop.example/p/lamp",
    description={"en": "A warm light of 8 watts.", "zh-hans": "8瓦暖光。"},
)
ENAMEL_MUG = ProductFacts("p-mug", {"en": "Enamel Mug", "zh-hans": "搪瓷杯"}, 4300, "CNY", 5)
POLES_FOR_SALE = ProductFacts("p-poles", {"en": "Trekking Poles", "zh-hans": "登山杖"}, 12900, "CNY", 0)
ENTRIES = (
    FaqEntry(
        "returns",
        4,
        "en",
        "How long can I return an item?",
        "You can return most items within 30 days. Write to help@pine.example or call 400-820-8820.",
    ),
    FaqEntry(
        "delivery",
        1,
        "en",
        "How long does delivery take?",
        "Delivery takes 3-5 business days. Orders over $50 ship free.",
    ),
    FaqEntry(
        "returns", 4, "zh-hans", "多久可以退货？", "大部分商品签收后30天内可以退货，详情请写信至 help@pine.example。"
    ),
    FaqEntry("delivery", 1, "zh-hans", "多久能到？", "一般3至5个工作日送达，满99元包邮。"),
)


def hits(language: Language) -> tuple[FaqHit, ...]:
    entries = [entry for entry in ENTRIES if entry.language == language]
    return tuple(FaqHit(entry, 0.9, entry.question, 0.5, 0.9) for entry in entries)


def understood(language: Language, *names: str, **fields: Any) -> Understanding:
    return Understanding(language, tuple(IntentGuess(name, 0.9) for name in names or ("other",)), **fields)


def request(language: Language = "en", *names: str, **fields: Any) -> ComposeRequest:
    """A request by the identified owner of both orders, about the mugs, without a verdict."""
    base = ComposeRequest(
        language=language,
        turns=(Turn("shopper", "…"),),
        understanding=understood(language, *names),
        store_name="Pine & Co",
        now=NOW,
        answers=hits(language),
        orders=(MUGS, POLES),
        order=MUGS,
        products=(LAMP,),
        catalogue=("Camping Stove", "露营炉", "Reading Lamp"),
        personal=PersonalValues(names=("Anna Karlsson",), emails=("anna@mail.example",), phones=("13800138000",)),
        identified=True,
    )
    return replace(base, **fields)


def verdict(action: str, outcome: Any, amount: int | None = 8600, **fields: Any) -> VerdictFacts:
    return VerdictFacts(action, outcome, amount, "CNY", order_number="10533", **fields)
