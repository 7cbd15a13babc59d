"""The columns of a CSV file: the canonical fields, flat. What the pages explain and the templates hold."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import ImportKind


@dataclass(frozen=True, slots=True)
class Column:
    """``path`` leads to the field in the canonical document; ``group`` names the list that a row adds one item to."""

    name: str
    path: tuple[str, ...]
    hint: str | Promise
    required: bool = False
    group: str = ""

    @property
    def is_money(self) -> bool:
        return self.name.endswith("_minor")

    @property
    def plain(self) -> str:
        """The column that may stand in for an amount in minor units, written as people write money."""
        return self.name.removesuffix("_minor")


def _column(name: str, hint: str | Promise, *path: str, required: bool = False, group: str = "") -> Column:
    return Column(name, path or (name,), hint, required, group)


def _of(group: str, prefix: str, *fields: tuple[str, str | Promise, bool]) -> tuple[Column, ...]:
    return tuple(Column(f"{prefix}{name}", (name,), hint, required, group) for name, hint, required in fields)


_MONEY = _("Minor units of the currency; or use the same column without _minor and write 43.00.")
_TIME = _("ISO 8601; without an offset your own time zone counts.")
_TAGS = _("Separated by semicolons.")

PRODUCTS = (
    _column("id", _("The product's id in your shop. Rows with the same id follow each other."), required=True),
    _column("title_en", _("At least one title is needed."), "title", "en"),
    _column("title_zh_hans", _("At least one title is needed."), "title", "zh-hans"),
    _column("category", ""),
    _column("tags", _TAGS),
    _column("status", _("active, draft, archived or inactive; active when left out.")),
    _column("consumable", _("true for what is used up and bought again.")),
    _column("url", _("The product's page.")),
    _column("image", _("The address of a picture.")),
    _column("variant_id", _("One row for each variant."), "id", required=True, group="variants"),
    _column("options", _("colour=white; size=M"), group="variants"),
    _column("price_minor", _MONEY, required=True, group="variants"),
    _column("currency", _("Three letters, such as CNY."), required=True, group="variants"),
    _column("stock", _("Pieces that can be sold."), required=True, group="variants"),
)

SHOPPERS = (
    _column("id", _("The shopper's id in your shop."), required=True),
    _column("name", ""),
    _column("email", ""),
    _column("phone", ""),
    _column("locale", _("en or zh-hans.")),
    _column("tags", _TAGS),
    _column("created_at", _TIME),
    _column("payment_methods", _("m-1:wechat_pay; m-2:gift_card:5000 (id, method, balance in minor units).")),
    _column("orders_count", _("Counted here; read over.")),
    _column("refunds_90_days", _("Counted here; read over.")),
    _column("lifetime_value_minor", _("Counted here; read over.")),
)

ORDERS = (
    _column("number", _("Rows of one order follow each other, one for each line."), required=True),
    _column("shopper", _("The id of a shopper who was imported before."), required=True),
    _column("storefront", ""),
    _column("currency", _("Three letters, such as CNY."), required=True),
    _column("status", _("pending, processing, shipped, delivered, return_requested, …"), required=True),
    _column("items_modified", _("true when a pending order's items were changed already.")),
    _column("placed_at", _TIME, required=True),
    _column("paid_at", _TIME),
    _column("shipped_at", _TIME),
    _column("delivered_at", _TIME),
    _column("cancelled_at", _TIME),
    _column("shipping_minor", _MONEY),
    _column("discount_minor", _("Off the whole order.")),
    _column("tax_minor", _("Tax that comes on top of the prices.")),
    _column("note", ""),
    *(
        _column(f"address_{part}", "", "address", part)
        for part in ("name", "line1", "line2", "city", "region", "postal_code", "country", "phone")
    ),
    *_of(
        "lines",
        "line_",
        ("id", _("Unique within the order."), True),
        ("product", _("The product's id."), True),
        ("variant", _("The variant's id."), True),
        ("title", "", True),
        ("options", _("colour=white; size=M"), False),
        ("quantity", "", True),
        ("unit_price_minor", _MONEY, True),
        ("discount_minor", _("Off the line."), False),
        ("tags", _TAGS, False),
        ("final_sale", "", False),
    ),
    *_of(
        "payments",
        "payment_",
        ("id", _("Unique within the order; further payments in further rows."), True),
        ("method_id", "", False),
        ("method", _("wechat_pay, alipay, credit_card, gift_card, …"), True),
        ("amount_minor", _MONEY, True),
        ("captured_at", _TIME, False),
    ),
    *_of(
        "refunds",
        "refund_",
        ("id", _("One row for each payment that it gives back."), False),
        ("payment", _("The payment's id."), False),
        ("amount_minor", _MONEY, False),
        ("shipping_minor", _("The part of it that is for shipping."), False),
        ("lines", _("l-1:1; l-2:2 (line and pieces)."), False),
        ("created_at", _TIME, False),
    ),
    *_of(
        "shipments",
        "shipment_",
        ("tracking", "", False),
        ("carrier", "", False),
        ("lines", _("l-1; l-2"), False),
        ("shipped_at", _TIME, False),
        ("delivered_at", _TIME, False),
    ),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.SHOPPERS: SHOPPERS,
    ImportKind.ORDERS: ORDERS,
}
#: The column that tells records apart.
KEYS: dict[str, str] = {ImportKind.PRODUCTS: "id", ImportKind.SHOPPERS: "id", ImportKind.ORDERS: "number"}
#: Counted here, so a file may bring it and nothing is done with it.
COMPUTED = frozenset({"orders_count", "refunds_90_days", "lifetime_value_minor"})

_EXAMPLES: dict[str, list[dict[str, str]]] = {
    ImportKind.PRODUCTS: [
        {
            "id": "p-9",
            "title_en": "Mug",
            "title_zh_hans": "马克杯",
            "category": "kitchen",
            "tags": "gift; new",
            "status": "active",
            "consumable": "false",
            "url": "https://shop.example.com/mug",
            "image": "https://shop.example.com/mug.jpg",
            "variant_id": "v-91",
            "options": "colour=white",
            "price_minor": "4300",
            "currency": "CNY",
            "stock": "12",
        },
        {
            "id": "p-9",
            "variant_id": "v-92",
            "options": "colour=blue",
            "price_minor": "4500",
            "currency": "CNY",
            "stock": "3",
        },
    ],
    ImportKind.SHOPPERS: [
        {
            "id": "s-17",
            "name": "Li Wei",
            "email": "li.wei@example.com",
            "phone": "+86 138 0000 0000",
            "locale": "zh-hans",
            "tags": "vip",
            "created_at": "2026-01-05T09:30:00+08:00",
            "payment_methods": "m-1:wechat_pay; m-2:gift_card:5000",
        }
    ],
    ImportKind.ORDERS: [
        {
            "number": "10533",
            "shopper": "s-17",
            "storefront": "main",
            "currency": "CNY",
            "status": "delivered",
            "placed_at": "2026-11-01T10:00:00+08:00",
            "paid_at": "2026-11-01T10:02:00+08:00",
            "delivered_at": "2026-11-05T16:20:00+08:00",
            "shipping_minor": "1000",
            "address_name": "Li Wei",
            "address_line1": "1 Mug Road",
            "address_city": "Hangzhou",
            "address_country": "CN",
            "line_id": "l-1",
            "line_product": "p-9",
            "line_variant": "v-91",
            "line_title": "Mug",
            "line_options": "colour=white",
            "line_quantity": "2",
            "line_unit_price_minor": "4300",
            "payment_id": "pay-1",
            "payment_method": "wechat_pay",
            "payment_amount_minor": "9600",
            "payment_captured_at": "2026-11-01T10:02:00+08:00",
            "shipment_tracking": "SF123",
            "shipment_carrier": "SF",
            "shipment_lines": "l-1",
            "shipment_shipped_at": "2026-11-02T09:00:00+08:00",
        },
        {
            "number": "10533",
            "refund_id": "r-1",
            "refund_payment": "pay-1",
            "refund_amount_minor": "4300",
            "refund_lines": "l-1:1",
            "refund_created_at": "2026-11-06T11:00:00+08:00",
        },
    ],
}


def template_csv(kind: str) -> str:
    """A file with all columns and an example; it can be imported as it is."""
    target = io.StringIO()
    names = [column.name for column in COLUMNS[kind] if column.name not in COMPUTED]
    writer = csv.DictWriter(target, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_EXAMPLES[kind])
    return target.getvalue()
