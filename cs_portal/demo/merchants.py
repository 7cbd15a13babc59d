"""The two merchants of the demo store: Fernhill, and a tea shop whose only purpose is to be somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh-hans"]
STOREFRONT = "main"


@dataclass(frozen=True, slots=True)
class Shipping:
    """Delivery fees in minor units. ``free_from`` applies to standard delivery at home only."""

    free_from: int
    standard: int
    express: int
    near: int
    abroad: int


@dataclass(frozen=True, slots=True)
class DemoStorefront:
    """A further site of the merchant besides the main one. Shoppers of its ``locale`` buy there."""

    slug: str
    name: str
    locale: Language
    currency: str
    accent: str
    greeting: Mapping[Language, str]
    origin: str


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    """``product_tables``, ``faq_tables`` and ``story_table`` name files below ``data/``.

    ``statuses`` says how many orders of each canonical status are made besides those of the stories; ``tax_percent``
    comes on top of the prices. Where ``has_history``, two months of conversations are told; ``open_daily`` are the
    hours of every day of the week.
    """

    slug: str
    name: str
    name_zh: str
    currency: str
    timezone: str
    locale: Language
    country: str
    domain: str
    accent: str
    greeting: Mapping[Language, str]
    product_tables: tuple[str, ...]
    faq_tables: tuple[str, ...]
    story_table: str | None
    shoppers: Mapping[Language, int]
    places: tuple[str, ...]
    payment_methods: tuple[str, ...]
    statuses: Mapping[str, int]
    first_order: int
    order_prefix: str
    shipping: Shipping
    tax_percent: int = 0
    further_storefronts: tuple[DemoStorefront, ...] = ()
    open_daily: tuple[str, str] | None = None
    has_history: bool = False

    def storefront_for(self, locale: Language) -> str:
        """The slug of the storefront where shoppers of this language buy."""
        return next((site.slug for site in self.further_storefronts if site.locale == locale), STOREFRONT)


FERNHILL = DemoMerchant(
    slug="fernhill",
    name="Fernhill",
    name_zh="蕨山家居",
    currency="CNY",
    timezone="Asia/Shanghai",
    locale="zh-hans",
    country="CN",
    domain="fernhill.example",
    accent="#2f6f4f",
    greeting={
        "en": "Hello! Ask us about your order, a return, or what suits your next trip.",
        "zh-hans": "您好！订单、退换货、选购问题，都可以问我们。",
    },
    product_tables=("products-outdoor", "products-home", "products-season"),
    faq_tables=("faqs-orders", "faqs-shop"),
    story_table="stories",
    shoppers={"zh-hans": 196, "en": 128},
    places=(
        "shanghai", "beijing", "guangzhou", "shenzhen", "chengdu", "hangzhou", "nanjing", "wuhan", "xiamen",
        "kunming", "urumqi", "hongkong", "london", "berlin", "washington",
    ),
    payment_methods=("wechat_pay", "wechat_pay", "alipay", "alipay", "credit_card", "debit_card", "paypal"),
    statuses={
        "pending": 30, "processing": 34, "shipped": 60, "delivered": 190, "return_requested": 16,
        "exchange_requested": 12, "returned": 46, "cancelled": 52, "closed": 356,
    },
    first_order=10001,
    order_prefix="",
    shipping=Shipping(free_from=19900, standard=1200, express=2500, near=4500, abroad=12000),
    has_history=True,
    open_daily=("09:00", "21:00"),
    further_storefronts=(
        DemoStorefront(
            slug="international",
            name="Fernhill International",
            locale="en",
            currency="CNY",
            accent="#2b5f8a",
            greeting={
                "en": "Hello! Ask us about delivery abroad, your order, or a return.",
                "zh-hans": "您好！海外配送、订单、退换货，都可以问我们。",
            },
            origin="https://international.fernhill.example",
        ),
    ),
)  # fmt: skip

QUILLMOOR = DemoMerchant(
    slug="quillmoor",
    name="Quillmoor Tea",
    name_zh="",
    currency="USD",
    timezone="America/Los_Angeles",
    locale="en",
    country="US",
    domain="quillmoor.example",
    accent="#7a4b3a",
    greeting={"en": "Hello from Quillmoor. How may we help?"},
    product_tables=("products-tea",),
    faq_tables=("faqs-tea",),
    story_table=None,
    shoppers={"en": 6},
    places=("washington", "portland"),
    payment_methods=("credit_card", "paypal"),
    statuses={"pending": 2, "processing": 1, "shipped": 2, "delivered": 4, "cancelled": 1, "closed": 2},
    first_order=2001,
    order_prefix="Q-",
    shipping=Shipping(free_from=5000, standard=500, express=1200, near=500, abroad=2500),
    tax_percent=6,
)

MERCHANTS: tuple[DemoMerchant, ...] = (FERNHILL, QUILLMOOR)
