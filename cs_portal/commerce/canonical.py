"""The canonical order, product and shopper: one definition, from which files and calls are validated and the
published JSON Schemas are made.

Nothing is coerced: an amount is a whole number of minor units, a flag is true or false, a time has its offset, and a
key that is not named here is refused. A key that is null counts as left out. The limits are those of the rows.
Characters that steer the direction of writing are left out here, for every page that shows what strangers named.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from cs_portal.commerce.models import OrderStatus, PaymentMethod
from cs_portal.core.bidi import unsteered
from cs_portal.merchants.models import Locale

#: Far above every price, far below what the database holds and can add up.
MAX_MINOR = 10**12
#: What all lines of an order, or all its payments, may come to.
MAX_TOTAL_MINOR = 10**14
MAX_COUNT = 10**9
MAX_PIECES = 1_000_000
MAX_ITEMS = 500
#: ISO 4217, active codes.
_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = tuple(_CODES.split())
PRODUCT_STATUSES = ("active", "draft", "archived", "inactive")
#: Statuses, methods and languages in the order in which people meet them.
STATUSES = tuple(OrderStatus.values)
METHODS = tuple(PaymentMethod.values)
LOCALES = tuple(Locale.values)


def moment_or_none(value: object) -> datetime | None:
    """Aware, within the centuries that every database and time zone can move in."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    fits = isinstance(at, datetime) and at.utcoffset() is not None and 1970 <= at.year <= 2200
    return at if isinstance(at, datetime) and fits else None


def _moment(value: object) -> datetime:
    at = moment_or_none(value)
    if at is None:
        raise PydanticCustomError("not_moment", "must be an ISO 8601 time with its offset")
    return at


class OneOf:
    """One of a closed list of words."""

    def __init__(self, *choices: str) -> None:
        self._choices = list(choices)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.literal_schema(self._choices)


def _capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


#: Something that is not white space, which is stripped.
_SOMETHING = r"\S"
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_SOMETHING)]
Title200 = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_SOMETHING)]
Text40 = Annotated[str, StringConstraints(max_length=40)]
Text50 = Annotated[str, StringConstraints(max_length=50)]
Text60 = Annotated[str, StringConstraints(max_length=60)]
Text64 = Annotated[str, StringConstraints(max_length=64)]
Text120 = Annotated[str, StringConstraints(max_length=120)]
Text200 = Annotated[str, StringConstraints(max_length=200)]
Text254 = Annotated[str, StringConstraints(max_length=254)]
Text500 = Annotated[str, StringConstraints(max_length=500)]
Text4000 = Annotated[str, StringConstraints(max_length=4000)]
Status = Annotated[str, OneOf(*STATUSES)]
PayMethod = Annotated[str, OneOf(*METHODS)]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Pieces = Annotated[int, Field(ge=1, le=MAX_PIECES)]
Moment = Annotated[
    datetime, PlainValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40})
]
Currency = Annotated[str, OneOf(*CURRENCIES), BeforeValidator(_capitals)]
Options = Annotated[dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], Text120], Field(max_length=20)]
WebAddress = Annotated[str, StringConstraints(max_length=500, pattern=r"^$|^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]")]
Tags = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_SOMETHING)]], Field(max_length=50)
]


class Canonical(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=False
    )

    @model_validator(mode="before")
    @classmethod
    def _unsteered(cls, data: Any) -> Any:
        return unsteered(data)


# --- orders --------------------------------------------------------------------------------------------------------


class Line(Canonical):
    """``discount_minor`` is off the whole line, not off each piece."""

    id: Id
    product: Id
    variant: Id
    title: Title200
    options: Options | None = None
    quantity: Pieces
    unit_price_minor: Minor
    discount_minor: Minor | None = None
    tags: Tags | None = None
    final_sale: bool | None = None


class Payment(Canonical):
    id: Id
    method_id: Text64 | None = None
    method: PayMethod
    amount_minor: Minor
    captured_at: Moment | None = None


class RefundedLine(Canonical):
    id: Id
    quantity: Pieces


class PaymentShare(Canonical):
    id: Id
    amount_minor: Minor


class Refund(Canonical):
    """``shipping_minor`` is the part of it that was for shipping."""

    id: Id
    lines: Annotated[list[RefundedLine], Field(max_length=MAX_ITEMS)] | None = None
    payments: Annotated[list[PaymentShare], Field(max_length=50)] | None = None
    shipping_minor: Minor | None = None
    created_at: Moment


class Shipment(Canonical):
    tracking: Text64 | None = None
    carrier: Text60 | None = None
    lines: Annotated[list[Id], Field(max_length=MAX_ITEMS)] | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None


class Address(Canonical):
    name: Text200 | None = None
    line1: Text200 | None = None
    line2: Text200 | None = None
    city: Text200 | None = None
    region: Text200 | None = None
    postal_code: Text200 | None = None
    country: Text200 | None = None
    phone: Text200 | None = None


class Order(Canonical):
    """``tax_minor`` is tax on top of the prices; ``discount_minor`` is off the order besides its lines' discounts."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_SOMETHING)]
    shopper: Id
    storefront: Text50 | None = None
    currency: Currency
    status: Status
    items_modified: bool | None = None
    placed_at: Moment
    paid_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    lines: Annotated[list[Line], Field(min_length=1, max_length=MAX_ITEMS)]
    shipping_minor: Minor | None = None
    discount_minor: Minor | None = None
    tax_minor: Minor | None = None
    payments: Annotated[list[Payment], Field(max_length=MAX_ITEMS)]
    refunds: Annotated[list[Refund], Field(max_length=MAX_ITEMS)] | None = None
    shipments: Annotated[list[Shipment], Field(max_length=MAX_ITEMS)] | None = None
    address: Address | None = None
    note: Text4000 | None = None


# --- shoppers ------------------------------------------------------------------------------------------------------


class Method(Canonical):
    id: Id
    method: PayMethod
    balance_minor: Minor | None = None


class Shopper(Canonical):
    """The last three figures are counted here: they may come, and nothing is done with them."""

    id: Id
    name: Text120 | None = None
    email: Text254 | None = None
    phone: Text40 | None = None
    locale: Annotated[str, OneOf(*LOCALES)] | None = None
    tags: Tags | None = None
    created_at: Moment | None = None
    payment_methods: Annotated[list[Method], Field(max_length=50)] | None = None
    orders_count: int | None = None
    refunds_90_days: int | None = None
    lifetime_value_minor: int | None = None


# --- products ------------------------------------------------------------------------------------------------------


class Title(Canonical):
    """At least one of them says something."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    en: Text200 = ""
    zh_hans: Text200 = Field("", alias="zh-hans")


class Variant(Canonical):
    id: Id
    options: Options | None = None
    price_minor: Minor
    currency: Currency
    stock: Count


class Product(Canonical):
    id: Id
    title: Title
    category: Text60 | None = None
    tags: Tags | None = None
    status: Annotated[str, OneOf(*PRODUCT_STATUSES)] | None = None
    consumable: bool | None = None
    url: WebAddress | None = None
    image: WebAddress | None = None
    variants: Annotated[list[Variant], Field(min_length=1, max_length=MAX_ITEMS)]
