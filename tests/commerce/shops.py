"""A shop for tests of actions: products with two variants each, shoppers with a gift card, and any order one likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from cs_portal.commerce.actions.plan import Plan, StepKind
from cs_portal.commerce.models import (
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    Product,
    Refund,
    Return,
    Shipment,
    Shopper,
    Variant,
)

CARD = "m-card"
OTHER_CARD = "m-other-card"
WECHAT = "m-wechat"
METHODS = {WECHAT: PaymentMethod.WECHAT_PAY, CARD: PaymentMethod.GIFT_CARD, "m-visa": PaymentMethod.CREDIT_CARD}
_numbers = count(1)


def make_shop_order(
    *,
    lines: Sequence[tuple[int, int]] = ((2, 4300),),
    paid_by: Sequence[tuple[str, int]] = (),
    last_is_open: bool = False,
    status: str = OrderStatus.DELIVERED,
    stock: int = 5,
    balance: int = 5000,
    shipping_minor: int = 0,
    currency: str = "CNY",
) -> Order:
    """``lines`` are (quantity, price); each is of a product whose other variant costs 1,000 more than the first's.

    ``paid_by`` is (method id, amount); WeChat pays all when left out. ``last_is_open``: the last is yet to be paid.
    """
    now, key = timezone.now(), next(_numbers)
    shopper = Shopper.objects.create(
        external_id=f"s-{key}",
        name="Li Wei",
        created_at=now,
        payment_methods=[
            {"id": WECHAT, "method": "wechat_pay"},
            {"id": "m-visa", "method": "credit_card"},
            {"id": CARD, "method": "gift_card", "balance_minor": balance},
            {"id": OTHER_CARD, "method": "gift_card", "balance_minor": balance},
        ],
    )
    total = sum(quantity * price for quantity, price in lines) + shipping_minor
    payments = list(paid_by) or [(WECHAT, total)]
    captured = payments[:-1] if last_is_open else payments
    order = Order.objects.create(
        number=f"A{key}",
        shopper=shopper,
        currency=currency,
        status=status,
        placed_at=now - timedelta(days=9),
        paid_at=now - timedelta(days=9),
        shipping_minor=shipping_minor,
        paid_minor=sum(amount for _method, amount in captured),
        address={"line1": "Old road 1"},
    )
    for n, (quantity, price) in enumerate(lines, start=1):
        product = Product.objects.create(external_id=f"p-{key}-{n}", title_en=f"Mug {n}", title_zh="马克杯")
        for letter, extra in (("a", 0), ("b", 1000), ("c", -500)):
            Variant.objects.create(
                product=product,
                external_id=f"v-{key}-{n}{letter}",
                options={"colour": letter},
                price_minor=max(1, price + extra),
                currency=currency,
                stock=stock,
            )
        OrderLine.objects.create(
            order=order,
            external_id=f"l-{n}",
            product=product.external_id,
            variant=f"v-{key}-{n}a",
            title=f"Mug {n}",
            quantity=quantity,
            unit_price_minor=price,
        )
    for n, (method, amount) in enumerate(payments, start=1):
        Payment.objects.create(
            order=order,
            external_id=f"pay-{n}",
            method_id=method,
            method=METHODS[method],
            amount_minor=amount,
            captured_at=order.paid_at if n <= len(captured) else None,
        )
    return order


def variant_of(order: Order, line: int, letter: str) -> str:
    """The id of another variant of the product of the order's line."""
    return f"v-{order.number.removeprefix('A')}-{line}{letter}"


def snapshot(order: Order) -> dict[str, Any]:
    """Everything that an action may change."""
    order = Order.objects.select_related("shopper").get(pk=order.pk)
    return {
        "status": order.status,
        "paid": order.paid_minor,
        "refunded": order.refunded_minor,
        "address": order.address,
        "payments": {
            p.external_id: [p.method_id, p.amount_minor, p.refunded_minor, p.captured_at is not None]
            for p in Payment.objects.filter(order=order)
        },
        "cards": {
            each["id"]: each["balance_minor"] for each in order.shopper.payment_methods if "balance_minor" in each
        },
        "lines": {
            line.external_id: {
                "variant": line.variant,
                "quantity": line.quantity,
                "price": line.unit_price_minor,
                "refunded": line.refunded_quantity,
                "returned": line.returned_quantity,
                "exchanged": line.exchanged_quantity,
                "cancelled": line.cancelled_quantity,
                "resent": line.resent_quantity,
            }
            for line in OrderLine.objects.filter(order=order)
        },
        "stock": dict(Variant.objects.order_by("id").values_list("external_id", "stock")),
        "shipments": Shipment.objects.filter(order=order).count(),
        "refunds": list(Refund.objects.filter(order=order).values_list("amount_minor", flat=True)),
        "returns": list(Return.objects.filter(order=order).values_list("amount_minor", flat=True)),
    }


def foretold(before: Mapping[str, Any], plan: Plan, address: Mapping[str, str] | None) -> dict[str, Any]:
    """What ``snapshot`` must be after ``plan``, told from the plan's words alone."""
    after: dict[str, Any] = {
        **before,
        "payments": {key: list(value) for key, value in before["payments"].items()},
        "cards": dict(before["cards"]),
        "lines": {key: dict(value) for key, value in before["lines"].items()},
        "stock": dict(before["stock"]),
        "refunds": list(before["refunds"]),
        "returns": list(before["returns"]),
    }
    for step in plan.steps:
        line = after["lines"].get(step.line)
        match step.what:
            case StepKind.MONEY_BACK:
                after["payments"][step.payment][2] += step.amount_minor
                after["refunded"] += step.amount_minor
            case StepKind.MONEY_TAKEN:
                after["payments"][step.payment] = [step.method_id, step.amount_minor, 0, True]
                after["paid"] += step.amount_minor
            case StepKind.CARD_CREDITED:
                after["cards"][step.method_id] += step.amount_minor
            case StepKind.CARD_DEBITED:
                after["cards"][step.method_id] -= step.amount_minor
            case StepKind.PAYMENT_MOVED:
                after["payments"][step.payment][0] = step.method_id
            case StepKind.PAYMENT_LOWERED:
                after["payments"][step.payment][1] -= step.amount_minor
            case StepKind.PAYMENT_RAISED:
                after["payments"][step.payment][1] += step.amount_minor
            case StepKind.REFUNDED | StepKind.RETURNED | StepKind.CANCELLED | StepKind.RESENT:
                line[step.what] += step.quantity
            case StepKind.EXCHANGED:
                line["exchanged"] += step.quantity if step.variant else 0
            case StepKind.REPLACED if step.quantity == line["quantity"]:
                line |= {"variant": step.variant, "price": step.amount_minor}
            case StepKind.REPLACED:
                line["quantity"] -= step.quantity
                number = next(n for n in range(2, 99) if f"{step.line}-{n}" not in after["lines"])
                after["lines"][f"{step.line}-{number}"] = {
                    **dict.fromkeys(("refunded", "returned", "exchanged", "cancelled", "resent"), 0),
                    "variant": step.variant,
                    "quantity": step.quantity,
                    "price": step.amount_minor,
                }
            case StepKind.STOCK_TAKEN:
                after["stock"][step.variant] -= step.quantity
            case StepKind.STOCK_BACK:
                after["stock"][step.variant] += step.quantity
            case StepKind.SHIPMENT:
                after["shipments"] += 1
            case StepKind.ADDRESS:
                after["address"] = dict(address or {})
            case StepKind.STATUS:
                after["status"] = step.status
    if money := plan.money_back_minor:
        after["refunds"].append(money)
    if plan.kind == "return":
        after["returns"].append(plan.amount(StepKind.MONEY_PROMISED))
    return after


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments for :func:`make_shop_order`: one to three lines, one to three payments, the last perhaps open."""
    lines = draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9000)), min_size=1, max_size=3))
    shipping = draw(st.sampled_from([0, 0, 700]))
    total = sum(quantity * price for quantity, price in lines) + shipping
    methods = draw(st.lists(st.sampled_from(sorted(METHODS)), min_size=1, max_size=3, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=len(methods) - 1, max_size=len(methods) - 1)))
    amounts = [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]
    return {
        "lines": lines,
        "paid_by": [pair for pair in zip(methods, amounts, strict=True) if pair[1]],
        "last_is_open": draw(st.sampled_from([False, False, True])),
        "status": draw(st.sampled_from(["pending", "processing", "shipped", "delivered", "cancelled"])),
        "stock": draw(st.integers(0, 4)),
        "balance": draw(st.sampled_from([0, 500, 50_000])),
        "shipping_minor": shipping,
    }


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    """What is asked of an order; lines are (line number, pieces, letter of the other variant)."""
    return {
        "kind": draw(
            st.sampled_from(
                [
                    "refund",
                    "return",
                    "cancel",
                    "exchange",
                    "change_items",
                    "resend",
                    "change_address",
                    "change_payment",
                ]
            )
        ),
        "lines": draw(
            st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from(["a", "b", "c", ""])), max_size=3)
        ),
        "amount_minor": draw(st.one_of(st.none(), st.integers(1, 30_000))),
        "payment_method": draw(st.sampled_from([None, WECHAT, CARD, OTHER_CARD, "m-unknown"])),
        "shipping_minor": draw(st.sampled_from([0, 0, 700])),
    }


def wish_fields(order: Order, wish: Mapping[str, Any]) -> dict[str, Any]:
    """A wish as fields of an :class:`~cs_portal.commerce.connectors.base.Action`."""
    lines = []
    for number, quantity, letter in wish["lines"]:
        line = {"id": f"l-{number}", "quantity": quantity}
        if letter and wish["kind"] in {"exchange", "change_items"}:
            line["to_variant"] = variant_of(order, number, letter)
        lines.append(line)
    return {
        **{key: wish[key] for key in ("kind", "amount_minor", "payment_method", "shipping_minor")},
        "lines": lines,
        "address": {"line1": "New road 1"},
    }
