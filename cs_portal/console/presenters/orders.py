"""Orders and shoppers as lists and pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.listing import Money, ShopperFigures
from cs_portal.commerce.models import Order, OrderLine, OrderStatus, PaymentMethod, Shopper
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import total_minor
from cs_portal.console.presenters.products import State
from cs_portal.console.presenters.queue import shopper_name, visitor_hue

_STATES: dict[str, tuple[str, str]] = {
    OrderStatus.PENDING: ("info", "hourglass"),
    OrderStatus.PROCESSING: ("info", "box"),
    OrderStatus.SHIPPED: ("info", "truck"),
    OrderStatus.DELIVERED: ("good", "circle-check"),
    OrderStatus.RETURN_REQUESTED: ("warn", "arrow-back-up"),
    OrderStatus.EXCHANGE_REQUESTED: ("warn", "switch-horizontal"),
    OrderStatus.RETURNED: ("", "arrow-back-up"),
    OrderStatus.CANCELLED: ("bad", "circle-x"),
    OrderStatus.CLOSED: ("", "archive"),
}


def order_state(order: Order) -> State:
    tone, icon = _STATES.get(order.status, ("", "circle"))
    return State(tone, icon, order.get_status_display())


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: UUID
    number: str
    state: State
    shopper: str
    shopper_id: UUID
    goods: str
    total: str
    refunded: str
    storefront: str
    placed_at: datetime


def order_row(order: Order, storefronts: Mapping[str, str]) -> OrderRow:
    """``order`` comes with shopper and lines; ``storefronts`` are names by short name."""
    lines = list(order.lines.all())
    goods = lines[0].title if lines else ""
    if len(lines) > 1:
        goods = _("%(title)s and %(count)s more") % {"title": goods, "count": len(lines) - 1}
    return OrderRow(
        id=order.public_id,
        number=order.number,
        state=order_state(order),
        shopper=shopper_name(order.shopper),
        shopper_id=order.shopper.public_id,
        goods=goods,
        total=format_minor(total_minor(order), order.currency),
        refunded=format_minor(order.refunded_minor, order.currency) if order.refunded_minor else "",
        storefront=storefronts.get(order.storefront, order.storefront),
        placed_at=order.placed_at,
    )


@dataclass(frozen=True, slots=True)
class LineRow:
    title: str
    options: str
    product_id: UUID | None
    image: str
    quantity: int
    unit_price: str
    discount: str
    amount: str
    happened: list[tuple[str, str]]
    final_sale: bool


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything about an order; amounts are worded in its own currency."""

    row: OrderRow
    lines: list[LineRow]
    sums: list[tuple[str, str]]
    payments: list[tuple[str, str, str, datetime | None]]
    refunds: list[tuple[str, str, str, datetime]]
    shipments: list[tuple[str, str, str, datetime | None, datetime | None]]
    address: list[str]
    note: str


def order_page(order: Order, *, products: Mapping[str, Any], storefronts: Mapping[str, str]) -> OrderPage:
    """``products`` are cards by the shop's id, for the lines' pictures and links."""

    def amount(minor: int) -> str:
        return format_minor(minor, order.currency)

    titles = {line.external_id: line.title for line in order.lines.all()}
    methods = {payment.external_id: str(PaymentMethod(payment.method).label) for payment in order.payments.all()}
    return OrderPage(
        row=order_row(order, storefronts),
        lines=_lines(order, products),
        sums=_sums(order),
        payments=[
            (methods[each.external_id], amount(each.amount_minor), amount(each.refunded_minor), each.captured_at)
            for each in order.payments.all()
        ],
        refunds=[
            (
                amount(refund.amount_minor),
                ", ".join(dict.fromkeys(methods.get(part["id"], part["id"]) for part in refund.payments)),
                ", ".join(f"{line.get('quantity', 1)} × {titles.get(line['id'], line['id'])}" for line in refund.lines),
                refund.created_at,
            )
            for refund in order.refunds.all()
        ],
        shipments=[
            (
                each.carrier,
                each.tracking,
                ", ".join(titles.get(line, line) for line in each.lines),
                each.shipped_at,
                each.delivered_at,
            )
            for each in order.shipments.all()
        ],
        address=address_lines(order.address or {}),
        note=order.note,
    )


def _lines(order: Order, products: Mapping[str, Any]) -> list[LineRow]:
    return [
        LineRow(
            title=line.title,
            options=" · ".join(str(value) for value in line.options.values()),
            product_id=products[line.product].row if line.product in products else None,
            image=products[line.product].image if line.product in products else "",
            quantity=line.quantity,
            unit_price=format_minor(line.unit_price_minor, order.currency),
            discount=format_minor(line.discount_minor, order.currency) if line.discount_minor else "",
            amount=format_minor(line.quantity * line.unit_price_minor - line.discount_minor, order.currency),
            happened=_happened(line),
            final_sale=line.final_sale,
        )
        for line in order.lines.all()
    ]


def _happened(line: OrderLine) -> list[tuple[str, str]]:
    """What became of pieces of the line, worded with its icon."""
    counts = [
        (line.refunded_quantity, "cash-banknote", _("%(count)s refunded")),
        (line.cancelled_quantity, "circle-x", _("%(count)s cancelled")),
        (line.returned_quantity, "arrow-back-up", _("%(count)s sent back")),
        (line.exchanged_quantity, "switch-horizontal", _("%(count)s to be exchanged")),
        (line.resent_quantity, "package", _("%(count)s sent again")),
    ]
    return [(icon, words % {"count": count}) for count, icon, words in counts if count]


def _sums(order: Order) -> list[tuple[str, str]]:
    """Labels and amounts beneath the lines; what is zero is left out, the total never."""
    sums = [
        (_("Discount"), -order.discount_minor),
        (_("Shipping"), order.shipping_minor),
        (_("Tax"), order.tax_minor),
    ]
    shown = [
        (label, ("−" if minor < 0 else "") + format_minor(abs(minor), order.currency)) for label, minor in sums if minor
    ]
    shown.append((_("Total"), format_minor(total_minor(order), order.currency)))
    shown.append((_("Paid"), format_minor(order.paid_minor, order.currency)))
    if order.refunded_minor:
        shown.append((_("Refunded"), format_minor(order.refunded_minor, order.currency)))
    due = sum(each.amount_minor for each in order.payments.all() if each.captured_at is None)
    if due and order.status != OrderStatus.CANCELLED:
        shown.append((_("Still to be paid"), format_minor(due, order.currency)))
    return shown


def address_lines(address: Mapping[str, str]) -> list[str]:
    """Who and where, from the name to the phone; what is not known is left out."""
    place = " ".join(filter(None, (address.get("postal_code"), address.get("city"), address.get("region"))))
    parts = (address.get("name"), address.get("line1"), address.get("line2"), place, address.get("country"))
    return [str(part) for part in (*parts, address.get("phone")) if part]


# --- shoppers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShopperRow:
    id: UUID
    external_id: str
    name: str
    hue: int | None
    email: str
    phone: str
    identified: bool
    locale: str
    orders: int
    value: str
    last_order_at: datetime | None
    created_at: datetime


def shopper_row(shopper: Shopper, figures: ShopperFigures | None) -> ShopperRow:
    figures = figures or ShopperFigures()
    return ShopperRow(
        id=shopper.public_id,
        external_id=shopper.external_id or "",
        name=shopper_name(shopper),
        hue=visitor_hue(shopper),
        email=shopper.email,
        phone=shopper.phone,
        identified=shopper.is_identified,
        locale=shopper.get_locale_display(),
        orders=figures.orders,
        value=amounts(figures.value),
        last_order_at=figures.last_order_at,
        created_at=shopper.created_at,
    )


def amounts(value: Sequence[Money]) -> str:
    """Amounts in several currencies side by side: they are never added up."""
    return " + ".join(format_minor(each.minor, each.currency) for each in value)
