"""Sentences about the shopper's orders: state, parcel, refunds, and which order is meant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bots.composing.repeating import proof_given, said_before
from bots.composing.writer import ReplyWriter
from bots.expressions.dates import format_date, format_date_with_year
from bots.expressions.money import format_amount
from bots.guard.evidence import own_orders, shown_number
from bots.guard.names import carrier_name
from bots.types import ComposeRequest, OrderFacts

_LISTED_ORDERS = 3


def order_evidence(order: OrderFacts) -> str:
    return f"order:{order.number}"


def local_date(moment: datetime, request: ComposeRequest) -> str:
    """The day in the merchant's time zone; the year only when it is not the present one."""
    zone = ZoneInfo(request.timezone)
    local = moment.astimezone(zone)
    if local.year == request.now.astimezone(zone).year:
        return format_date(local, request.language)
    return format_date_with_year(local, request.language)


def say_status(writer: ReplyWriter, request: ComposeRequest, order: OrderFacts) -> None:
    """Where the order is, with its parcels when it has left the house."""
    evidence = order_evidence(order)
    moment = {
        "shipped": order.shipped_at or _first(order, "shipped_at"),
        "delivered": order.delivered_at or _first(order, "delivered_at"),
        "cancelled": order.cancelled_at,
    }.get(order.status)
    fields = {"number": shown_number(order), "placed": local_date(order.placed_at, request)}
    if order.status in {"shipped", "delivered", "cancelled"}:
        suffix = "" if moment is not None else "_undated"
        if moment is not None:
            fields["date"] = local_date(moment, request)
        writer.say(f"status_{order.status}{suffix}", evidence, **fields)
    else:
        writer.say(f"status_{order.status}", evidence, **fields)
    if order.status in {"shipped", "delivered"}:
        say_parcels(writer, request, order)
    if order.status == "delivered" and request.understanding.reason == "never_arrived":
        writer.say("not_received")


def say_parcels(writer: ReplyWriter, request: ComposeRequest, order: OrderFacts) -> None:
    for shipment in order.shipments:
        if shipment.carrier and shipment.tracking:
            writer.say(
                "tracking",
                order_evidence(order),
                carrier=carrier_name(shipment.carrier, request.language),
                tracking=shipment.tracking,
            )
        elif shipment.carrier:
            name = carrier_name(shipment.carrier, request.language)
            writer.say("carrier_only", order_evidence(order), carrier=name)


def say_refunds(writer: ReplyWriter, request: ComposeRequest, order: OrderFacts) -> None:
    """Every refund on record, or that there is none."""
    evidence = order_evidence(order)
    for refund in order.refunds:
        amount = format_amount(refund.amount_minor, order.currency)
        date = local_date(refund.created_at, request)
        writer.say("refund_recorded", evidence, amount=amount, number=shown_number(order), date=date)
    if not order.refunds:
        writer.say("refund_none", evidence, number=shown_number(order))


def say_payments(writer: ReplyWriter, order: OrderFacts) -> bool:
    """With which methods the order was paid; False when none is on record."""
    names = [writer.table.payment_methods.get(method, "") for method in dict.fromkeys(order.payment_methods)]
    named = [name for name in names if name]
    if named:
        writer.say("paid_with", order_evidence(order), number=shown_number(order), methods=" + ".join(named))
    return bool(named)


def subject_order(request: ComposeRequest) -> OrderFacts | None:
    """The order that the reply may speak about: the one given, or the shopper's only one; never a guess."""
    if request.order is not None:
        return request.order
    if len(request.orders) == 1 and not unknown_number(request):
        return request.orders[0]
    return None


def unknown_number(request: ComposeRequest) -> bool:
    """Whether the shopper named an order number that none of their own orders has."""
    own = {order.number.upper().lstrip("#") for order in own_orders(request)}
    named = {number.upper().lstrip("#") for number in request.understanding.values("order_number")}
    return bool(named) and not named & own


def ask_which_order(writer: ReplyWriter, request: ComposeRequest) -> bool:
    """Ask for what is missing: proof, a number that exists, or a choice. Never repeats a number that was given.

    What was asked before is not asked again: then it is handed to a person, and True is returned.
    """
    if not request.identified:
        return _ask_for_proof(writer, request)
    key = "order_unknown" if unknown_number(request) else "which_order" if request.orders else "orders_none"
    if said_before(request, key):
        writer.say("order_stuck")
        return True
    writer.say(key)
    if key == "which_order":
        latest = sorted(request.orders, key=lambda order: order.placed_at, reverse=True)[:_LISTED_ORDERS]
        for order in latest:
            writer.item(
                "order_item",
                order_evidence(order),
                number=shown_number(order),
                placed=local_date(order.placed_at, request),
                status=writer.table.statuses[order.status],
            )
    return False


def _ask_for_proof(writer: ReplyWriter, request: ComposeRequest) -> bool:
    """How an anonymous shopper proves an order is told once, with what happens then; after that a person goes on."""
    if proof_given(request):
        writer.say("proof_given")
        return True
    if said_before(request, "sign_in"):
        writer.say("proof_stuck")
        return True
    writer.say("sign_in")
    writer.paragraph()
    writer.say("sign_in_or_person")
    return False


def _first(order: OrderFacts, field: str) -> datetime | None:
    moments = [moment for shipment in order.shipments if (moment := getattr(shipment, field)) is not None]
    return min(moments) if moments else None
