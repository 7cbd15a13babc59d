"""Facts about the order and its shopper.

Days are whole calendar days in the order's own offset, which is that of `placed_at`: something delivered at 23:59 is
one day old two minutes later. Where the order itself carries no time of shipping or delivery, its shipments' are used:
the first that left, the last that arrived once all arrived. A status that says "shipped" or "delivered" while no time
is recorded makes the fact `DATE_UNKNOWN`, not "no"; a time after today is `DATE_IN_FUTURE`.
"""

from __future__ import annotations

from datetime import date, datetime

from .case import Case
from .catalogue import (
    FactSpec,
    Known,
    boolean,
    choice,
    day,
    days_since,
    given,
    hours_since,
    money,
    number,
    of_order,
    of_shopper,
    string,
    string_set,
)
from .documents import Order, Shopper
from .missing import Missing, Problem
from .refundable import paid_minor, refundable_minor, refunded_minor, total_minor
from .text import Text
from .vocabulary import PAYMENT_METHODS, STATUSES

_AFTER_DELIVERY = frozenset({"delivered", "return_requested", "exchange_requested", "returned", "closed"})
_AFTER_SHIPPING = _AFTER_DELIVERY | {"shipped"}

#: Tags of a shopper that begin so are risk flags: ``risk:chargeback`` is the flag ``chargeback``.
RISK_TAG = "risk:"


def _shipped_at(order: Order) -> datetime | Missing:
    if order.shipped_at is not None:
        return order.shipped_at
    times = [shipment.shipped_at for shipment in order.shipments if shipment.shipped_at is not None]
    if times:
        return min(times)
    return Missing(Problem.DATE_UNKNOWN if order.status in _AFTER_SHIPPING else Problem.NOT_SHIPPED)


def _delivered_at(order: Order) -> datetime | Missing:
    if order.delivered_at is not None:
        return order.delivered_at
    times = [shipment.delivered_at for shipment in order.shipments if shipment.delivered_at is not None]
    if times and len(times) == len(order.shipments):
        return max(times)
    return Missing(Problem.DATE_UNKNOWN if order.status in _AFTER_DELIVERY else Problem.NOT_DELIVERED)


def _paid_at(order: Order) -> datetime | Missing:
    return Missing(Problem.NOT_PAID) if order.paid_at is None else order.paid_at


def _day(moment: datetime | Missing, order: Order) -> date | Missing:
    return moment if isinstance(moment, Missing) else moment.astimezone(order.placed_at.tzinfo).date()


def _days_since(moment: datetime | Missing, order: Order, case: Case) -> Known:
    then = _day(moment, order)
    if isinstance(then, Missing):
        return then
    days = (case.now.astimezone(order.placed_at.tzinfo).date() - then).days
    return Missing(Problem.DATE_IN_FUTURE) if days < 0 else days


def _hours_since(moment: datetime | Missing, case: Case) -> Known:
    """Whole hours, the one begun not counted."""
    if isinstance(moment, Missing):
        return moment
    seconds = (case.now - moment).total_seconds()
    return Missing(Problem.DATE_IN_FUTURE) if seconds < 0 else int(seconds // 3600)


def _days_in_transit(order: Order, case: Case) -> Known:
    """Until delivery when it arrived, until now while it is under way."""
    shipped, delivered = _day(_shipped_at(order), order), _day(_delivered_at(order), order)
    if isinstance(shipped, Missing):
        return shipped
    if isinstance(delivered, date):
        return max(0, (delivered - shipped).days)
    if delivered.problem is Problem.DATE_UNKNOWN:
        return delivered
    return _days_since(_shipped_at(order), order, case)


def _happened(moment: datetime | Missing) -> Known:
    if isinstance(moment, Missing):
        return moment if moment.problem is Problem.DATE_UNKNOWN else False
    return True


def _days_since_joined(case: Case) -> Known:
    """Calendar days since the shopper's account was made, by the clock of `Case.clock`."""
    if case.shopper is None:
        return Missing(Problem.NO_SHOPPER)
    if case.shopper.created_at is None:
        return Missing(Problem.NOT_GIVEN)
    clock = case.clock
    now = case.now if isinstance(clock, Missing) else clock
    days = (now.date() - case.shopper.created_at.astimezone(now.tzinfo).date()).days
    return Missing(Problem.DATE_IN_FUTURE) if days < 0 else days


def _risk_flags(shopper: Shopper) -> frozenset[str]:
    return frozenset(tag.removeprefix(RISK_TAG) for tag in shopper.tags if tag.startswith(RISK_TAG))


def _refund_rate_percent(shopper: Shopper) -> Known | None:
    if shopper.refunds_90_days is None or shopper.orders_count is None:
        return None
    if shopper.orders_count == 0:
        return Missing(Problem.DIVISION_BY_ZERO)
    return shopper.refunds_90_days * 100 // shopper.orders_count


ORDER_FACTS: tuple[FactSpec, ...] = (
    boolean(
        "order.belongs_to_shopper",
        Text("order belongs to the shopper", "订单属于该顾客"),
        Text("the order is the shopper's", "订单属于该顾客"),
        Text("the order is not the shopper's", "订单不属于该顾客"),
        lambda case: case.belongs_to_shopper,
    ),
    choice("order.status", Text("order status", "订单状态"), STATUSES, of_order(lambda order, _: order.status)),
    boolean(
        "order.items_modified",
        Text("items were changed before", "商品已修改过"),
        Text("its items were changed before", "订单商品已修改过"),
        Text("its items were not changed before", "订单商品未修改过"),
        of_order(lambda order, _: order.items_modified),
    ),
    string("order.storefront", Text("storefront", "店铺站点"), of_order(lambda order, _: given(order.storefront))),
    string("order.currency", Text("currency", "币种"), of_order(lambda order, _: order.currency)),
    string(
        "order.country",
        Text("country of delivery", "收货国家或地区"),
        of_order(lambda order, _: given(order.address.country if order.address else None)),
    ),
    days_since(
        "order.days_since_placed",
        Text("days since the order", "下单后天数"),
        Text("placed", "下单"),
        of_order(lambda order, case: _days_since(order.placed_at, order, case)),
    ),
    hours_since(
        "order.hours_since_placed",
        Text("hours since the order", "下单后小时数"),
        Text("placed", "下单"),
        of_order(lambda order, case: _hours_since(order.placed_at, case)),
    ),
    hours_since(
        "order.hours_since_paid",
        Text("hours since payment", "付款后小时数"),
        Text("paid", "付款"),
        of_order(lambda order, case: _hours_since(_paid_at(order), case)),
    ),
    days_since(
        "order.days_since_paid",
        Text("days since payment", "付款后天数"),
        Text("paid", "付款"),
        of_order(lambda order, case: _days_since(_paid_at(order), order, case)),
    ),
    days_since(
        "order.days_since_shipped",
        Text("days since shipping", "发货后天数"),
        Text("shipped", "发货"),
        of_order(lambda order, case: _days_since(_shipped_at(order), order, case)),
    ),
    days_since(
        "order.days_since_delivered",
        Text("days since delivery", "签收后天数"),
        Text("delivered", "签收"),
        of_order(lambda order, case: _days_since(_delivered_at(order), order, case)),
    ),
    number("order.days_in_transit", Text("days in transit", "运输天数"), of_order(_days_in_transit)),
    boolean(
        "order.shipped",
        Text("shipped", "已发货"),
        Text("the order has been shipped", "订单已发货"),
        Text("the order has not been shipped", "订单尚未发货"),
        of_order(lambda order, _: _happened(_shipped_at(order))),
    ),
    boolean(
        "order.delivered",
        Text("delivered", "已签收"),
        Text("the order has been delivered", "订单已签收"),
        Text("the order has not been delivered", "订单尚未签收"),
        of_order(lambda order, _: _happened(_delivered_at(order))),
    ),
    day("order.shipped_on", Text("day of shipping", "发货日期"), of_order(lambda o, _: _day(_shipped_at(o), o))),
    day("order.delivered_on", Text("day of delivery", "签收日期"), of_order(lambda o, _: _day(_delivered_at(o), o))),
    money("order.total_minor", Text("order total", "订单总额"), lambda order, _: total_minor(order)),
    money("order.shipping_minor", Text("shipping fee", "运费"), lambda order, _: order.shipping_minor),
    money("order.paid_minor", Text("amount paid", "已付金额"), lambda order, _: paid_minor(order)),
    money("order.refunded_minor", Text("amount refunded", "已退金额"), lambda order, _: refunded_minor(order)),
    money("order.refundable_minor", Text("amount still refundable", "可退金额"), lambda o, _: refundable_minor(o)),
    number(
        "order.refunds_count",
        Text("refunds of the order so far", "该订单已退款次数"),
        of_order(lambda order, _: len(order.refunds)),
    ),
    string_set(
        "order.payment_methods",
        Text("payment methods", "付款方式"),
        of_order(lambda order, _: frozenset(payment.method for payment in order.payments)),
        PAYMENT_METHODS,
    ),
    boolean(
        "shopper.identified",
        Text("the shopper is identified", "顾客身份已确认"),
        Text("the shopper is identified", "顾客身份已确认"),
        Text("the shopper is anonymous", "顾客为匿名访客"),
        lambda case: case.shopper is not None,
    ),
    number("shopper.days_since_joined", Text("days since the account was made", "注册天数"), _days_since_joined),
    boolean(
        "shopper.flagged",
        Text("the shopper has a risk flag", "顾客有风险标记"),
        Text("the shopper has a risk flag", "顾客有风险标记"),
        Text("the shopper has no risk flag", "顾客没有风险标记"),
        of_shopper(lambda shopper: bool(_risk_flags(shopper))),
    ),
    string_set("shopper.risk_flags", Text("risk flags", "风险标记"), of_shopper(_risk_flags)),
    number("shopper.orders_count", Text("number of orders", "历史订单数"), of_shopper(lambda s: s.orders_count)),
    number(
        "shopper.refunds_90_days",
        Text("refunds in 90 days", "近 90 天退款次数"),
        of_shopper(lambda s: s.refunds_90_days),
    ),
    number("shopper.refund_rate_percent", Text("refund rate (%)", "退款率（%）"), of_shopper(_refund_rate_percent)),
    number(
        "shopper.lifetime_value_minor",
        Text("lifetime value (minor units)", "累计消费（最小货币单位）"),
        of_shopper(lambda shopper: shopper.lifetime_value_minor),
    ),
    string("shopper.locale", Text("language", "语言"), of_shopper(lambda shopper: shopper.locale)),
    string_set("shopper.tags", Text("shopper tags", "顾客标签"), of_shopper(lambda shopper: frozenset(shopper.tags))),
)
