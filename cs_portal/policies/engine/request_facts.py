"""Facts about what is asked for: the lines it concerns, the money, the wanted variants, and the moment.

Where a fact is about several lines, one line that fails decides it even when another is unknown; otherwise one that is
unknown makes the fact unknown.
"""

from __future__ import annotations

from collections.abc import Callable

from .case import Case
from .catalogue import FactSpec, FactValue, Known, boolean, choice, given, money, number, of_order, string, string_set
from .documents import Order, Product
from .exchange_facts import EXCHANGE_FACTS
from .missing import Missing, Problem
from .refundable import RequestedLine
from .text import Text
from .vocabulary import REASONS

_STATUS_AFTER = {
    "cancel": frozenset({"cancelled"}),
    "return": frozenset({"return_requested", "returned"}),
    "exchange": frozenset({"exchange_requested"}),
}

_WEEKDAYS = {
    "monday": Text("Monday", "星期一"),
    "tuesday": Text("Tuesday", "星期二"),
    "wednesday": Text("Wednesday", "星期三"),
    "thursday": Text("Thursday", "星期四"),
    "friday": Text("Friday", "星期五"),
    "saturday": Text("Saturday", "星期六"),
    "sunday": Text("Sunday", "星期日"),
}


def _of_lines(compute: Callable[[tuple[RequestedLine, ...]], FactValue]) -> Callable[[Case], Known]:
    def computed(case: Case) -> Known:
        return case.lines if isinstance(case.lines, Missing) else compute(case.lines)

    return computed


def _of_products(compute: Callable[[list[Product]], FactValue | None]) -> Callable[[Case], Known]:
    def computed(case: Case) -> Known:
        if isinstance(case.lines, Missing):
            return case.lines
        products = [case.products[asked.line.product] for asked in case.lines if asked.line.product in case.products]
        if len(products) < len(case.lines):
            return Missing(Problem.UNKNOWN_PRODUCT)
        return given(compute(products))

    return computed


def _amount_minor(_order: Order, case: Case) -> Known:
    """The amount asked for; everything that the lines concerned can give back when none was said."""
    asked = case.request.amount_minor
    return case.lines_refundable_minor if asked is None else asked


def _action_already_used(order: Order, case: Case) -> Known:
    action = case.request.action
    if action == "refund":
        return bool(order.refunds)
    if action == "change_items":
        return order.items_modified
    return order.status in _STATUS_AFTER.get(action, ())


def _weekday(case: Case) -> Known:
    clock = case.clock
    return clock if isinstance(clock, Missing) else tuple(_WEEKDAYS)[clock.weekday()]


def _hour(case: Case) -> Known:
    clock = case.clock
    return clock if isinstance(clock, Missing) else clock.hour


def _new_country(case: Case) -> Known:
    """The country of the address asked for."""
    return given(case.request.address.country if case.request.address else None)


def _changes_country(order: Order, case: Case) -> Known:
    old, new = order.address.country if order.address else None, _new_country(case)
    if isinstance(new, Missing):
        return new
    return Missing(Problem.NOT_GIVEN) if old is None else new != old


def _exceeds_refundable(_order: Order, case: Case) -> Known:
    """More is asked for than the lines concerned can give back."""
    worth = case.lines_refundable_minor
    if isinstance(worth, Missing):
        return worth
    return case.request.amount_minor is not None and case.request.amount_minor > worth


def _whole_order(order: Order, case: Case) -> Known:
    """Every piece of every line is concerned."""
    if isinstance(case.lines, Missing):
        return case.lines
    return sum(asked.quantity for asked in case.lines) == sum(line.quantity for line in order.lines)


def _any_refunded(order: Order, case: Case) -> Known:
    if isinstance(case.lines, Missing):
        return case.lines
    refunded = {line.id for refund in order.refunds for line in refund.lines}
    return any(asked.line.id in refunded for asked in case.lines)


def _highest_price_minor(_order: Order, case: Case) -> Known:
    if isinstance(case.lines, Missing):
        return case.lines
    return max(asked.line.unit_price_minor for asked in case.lines)


_PLAIN_FACTS: tuple[FactSpec, ...] = (
    choice("request.reason", Text("reason", "原因"), REASONS, lambda case: given(case.request.reason)),
    money("request.amount_minor", Text("amount asked for", "申请金额"), _amount_minor),
    boolean(
        "request.amount_named",
        Text("amount named", "已指明金额"),
        Text("an amount is named", "已指明金额"),
        Text("no amount is named", "未指明金额"),
        lambda case: case.request.amount_minor is not None,
    ),
    money(
        "request.refundable_minor",
        Text("amount that the items can give back", "所选商品可退金额"),
        lambda _, case: case.lines_refundable_minor,
    ),
    boolean(
        "request.photo",
        Text("photo given", "已提供照片"),
        Text("a photo was given", "已提供照片"),
        Text("no photo was given", "未提供照片"),
        lambda case: "photo" in case.request.evidence,
    ),
    string_set("request.evidence", Text("evidence", "凭证"), lambda case: frozenset(case.request.evidence)),
    boolean(
        "request.confirmed",
        Text("confirmed", "已确认"),
        Text("the shopper confirmed it", "顾客已确认"),
        Text("the shopper has not confirmed it", "顾客尚未确认"),
        lambda case: case.request.confirmed,
    ),
    boolean(
        "request.action_already_used",
        Text("action already used on this order", "该订单已申请过此操作"),
        Text("this was already done for the order", "该订单已办理过此操作"),
        Text("this was not done for the order before", "该订单未办理过此操作"),
        of_order(_action_already_used),
    ),
    boolean(
        "request.exceeds_refundable",
        Text("more is asked for than the items can give back", "申请金额超过可退金额"),
        Text("more is asked for than the items can give back", "申请金额超过所选商品可退金额"),
        Text("no more is asked for than the items can give back", "申请金额未超过所选商品可退金额"),
        of_order(_exceeds_refundable),
    ),
    boolean(
        "request.address_given",
        Text("new address given", "已提供新地址"),
        Text("a new address was given", "已提供新地址"),
        Text("no new address was given", "未提供新地址"),
        lambda case: case.request.address is not None,
    ),
    string("request.country", Text("country of the new address", "新地址国家或地区"), _new_country),
    boolean(
        "request.changes_country",
        Text("the new address is in another country", "新地址跨国家或地区"),
        Text("the new address is in another country", "新地址在其他国家或地区"),
        Text("the new address is in the same country", "新地址在同一国家或地区"),
        of_order(_changes_country),
    ),
    choice("request.weekday", Text("weekday", "星期"), _WEEKDAYS, _weekday),
    number("request.hour", Text("hour of the day", "当前小时"), _hour),
    boolean(
        "lines.named",
        Text("items named", "已指明商品"),
        Text("the request names its items", "申请指明了商品"),
        Text("the request names no items", "申请未指明商品"),
        lambda case: bool(case.request.lines),
    ),
    boolean(
        "lines.whole_order",
        Text("the whole order", "整单"),
        Text("the whole order is concerned", "涉及整个订单"),
        Text("a part of the order is concerned", "仅涉及订单的一部分"),
        of_order(_whole_order),
    ),
    number("lines.count", Text("items concerned", "涉及商品行数"), _of_lines(len)),
    boolean(
        "lines.any_refunded",
        Text("an item was refunded before", "含已退款商品"),
        Text("an item was refunded before", "包含已退过款的商品"),
        Text("no item was refunded before", "不包含已退过款的商品"),
        of_order(_any_refunded),
    ),
    money("lines.highest_price_minor", Text("highest price of a piece", "最高单价"), _highest_price_minor),
    string_set(
        "lines.variants",
        Text("variants", "规格"),
        _of_lines(lambda lines: frozenset(asked.line.variant for asked in lines)),
    ),
    number(
        "lines.quantity",
        Text("pieces concerned", "涉及件数"),
        _of_lines(lambda lines: sum(asked.quantity for asked in lines)),
    ),
    boolean(
        "lines.any_final_sale",
        Text("a line is final sale", "含不退不换商品"),
        Text("a line is final sale", "包含不退不换的商品"),
        Text("no line is final sale", "不包含不退不换的商品"),
        _of_lines(lambda lines: any(asked.line.final_sale for asked in lines)),
    ),
    string_set(
        "lines.tags",
        Text("line tags", "商品行标签"),
        _of_lines(lambda lines: frozenset(tag for asked in lines for tag in asked.line.tags)),
    ),
    string_set(
        "lines.products",
        Text("products", "商品"),
        _of_lines(lambda lines: frozenset(asked.line.product for asked in lines)),
    ),
    string_set(
        "lines.categories",
        Text("product categories", "商品类目"),
        _of_products(lambda products: frozenset(product.category for product in products if product.category)),
    ),
    string_set(
        "lines.product_tags",
        Text("product tags", "商品标签"),
        _of_products(lambda products: frozenset(tag for product in products for tag in product.tags)),
    ),
    boolean(
        "lines.any_consumable",
        Text("a product is consumable", "含消耗品"),
        Text("a product is consumable", "包含消耗品"),
        Text("no product is consumable", "不包含消耗品"),
        _of_products(lambda products: any(product.consumable for product in products)),
    ),
)

REQUEST_FACTS: tuple[FactSpec, ...] = _PLAIN_FACTS + EXCHANGE_FACTS
