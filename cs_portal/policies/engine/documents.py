"""Orders, shoppers, products and requests as the engine sees them: the canonical JSON, frozen.

Money is an integer of the currency's minor units, times are aware. Ids are the shop's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`discount_minor` is off the whole line, not off each piece."""

    id: str
    product: str
    variant: str
    title: str
    quantity: int
    unit_price_minor: int
    discount_minor: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    final_sale: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    id: str
    method: str
    amount_minor: int
    method_id: str | None = None
    captured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundedLine:
    id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """An amount that goes back, or went back, by one of the order's payments."""

    id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    lines: tuple[RefundedLine, ...] = ()
    payments: tuple[PaymentShare, ...] = ()
    shipping_minor: int = 0
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    tracking: str | None = None
    carrier: str | None = None
    lines: tuple[str, ...] = ()
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Address:
    name: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What cannot be given back a second time: `pieces` by line that are being exchanged or are on a return that was
    promised money, that money by payment, `shipping_minor` of it, and what was `kept_minor` for restocking.

    `off_minor` went back before for no piece in particular.

    The canonical JSON has no place for it: who keeps the orders says so beside it.
    """

    pieces: Mapping[str, int] = field(default_factory=dict)
    payments: Mapping[str, int] = field(default_factory=dict)
    shipping_minor: int = 0
    kept_minor: int = 0
    off_minor: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """`discount_minor` is off the order besides the lines' own discounts; `tax_minor` is on top of the prices."""

    number: str
    shopper: str
    currency: str
    status: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    storefront: str | None = None
    items_modified: bool = False
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    shipping_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    refunds: tuple[Refund, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    address: Address | None = None
    note: str | None = None
    held: Held = field(default_factory=Held)


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    id: str
    method: str
    balance_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Shopper:
    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    orders_count: int | None = None
    refunds_90_days: int | None = None
    lifetime_value_minor: int | None = None
    payment_methods: tuple[PaymentMethod, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """`stock` may be negative: shops oversell."""

    id: str
    price_minor: int
    currency: str
    stock: int
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    title: Mapping[str, str]
    variants: tuple[Variant, ...]
    category: str | None = None
    tags: tuple[str, ...] = ()
    status: str | None = None
    consumable: bool = False
    url: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`quantity` is the whole line when left out."""

    id: str
    quantity: int | None = None
    to_variant: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """No lines means all lines in full."""

    action: str
    reason: str | None = None
    lines: tuple[RequestLine, ...] = ()
    amount_minor: int | None = None
    payment_method: str | None = None
    address: Address | None = None
    evidence: tuple[str, ...] = ()
    confirmed: bool = False
    said_at: datetime | None = None
