"""A plan in words: what exactly will happen, for the operator and for the shopper, in the active language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.commerce.actions.plan import Plan, Step, StepKind
from cs_portal.commerce.models import OrderStatus, PaymentMethod
from cs_portal.commerce.money import format_minor

Reader = Literal["operator", "shopper"]


def tell(plan: Plan, *, reader: Reader, locale: str | None = None) -> list[str]:
    """One sentence per thing that will happen, the money first. ``locale`` overrides the active language."""
    if locale is not None:
        with translation.override(locale):
            return tell(plan, reader=reader)
    sayers = _OPERATOR if reader == "operator" else _SHOPPER
    return list(_sentences(plan, sayers))


def _sentences(plan: Plan, sayers: dict[StepKind, Callable[[Plan, Step], str]]) -> Iterator[str]:
    elsewhere = any(plan.of(StepKind.MONEY_TO))
    for step in plan.steps:
        if step.what == StepKind.MONEY_BACK and elsewhere:
            continue
        if (say := sayers.get(step.what)) is not None and (sentence := say(plan, step)):
            yield sentence


def _values(plan: Plan, step: Step) -> dict[str, object]:
    return {
        "order": plan.order,
        "amount": format_minor(step.amount_minor, plan.currency),
        "method": _method(step.method),
        "pieces": f"{step.quantity} × {step.title}",
        "options": ", ".join(str(value) for value in step.options.values()) or step.variant,
        "variant": step.variant,
        "count": step.quantity,
        "status": str(OrderStatus(step.status).label) if step.status else "",
    }


def _method(method: str) -> str:
    return str(PaymentMethod(method).label) if method in PaymentMethod.values else method


# --- the operator's words --------------------------------------------------------------------------------------------


def _operator_money_back(plan: Plan, step: Step) -> str:
    return _("%(amount)s goes back by %(method)s.") % _values(plan, step)


def _operator_money_to(plan: Plan, step: Step) -> str:
    if step.method != PaymentMethod.GIFT_CARD:
        return _operator_money_back(plan, step)
    return _("%(amount)s is credited to the shopper's gift card.") % _values(plan, step)


def _operator_promised(plan: Plan, step: Step) -> str:
    return _("%(amount)s will go back by %(method)s once the items are here.") % _values(plan, step)


def _operator_taken(plan: Plan, step: Step) -> str:
    return _("%(amount)s is charged by %(method)s.") % _values(plan, step)


def _operator_payment_moved(plan: Plan, step: Step) -> str:
    return _("The open payment of %(amount)s will be paid by %(method)s.") % _values(plan, step)


def _operator_payment_lowered(plan: Plan, step: Step) -> str:
    return _("The open payment by %(method)s comes to %(amount)s less.") % _values(plan, step)


def _operator_payment_raised(plan: Plan, step: Step) -> str:
    return _("The open payment by %(method)s comes to %(amount)s more.") % _values(plan, step)


def _operator_shipping(plan: Plan, step: Step) -> str:
    return _("%(amount)s of it is the shipping fee.") % _values(plan, step)


def _operator_fee(plan: Plan, step: Step) -> str:
    return _("%(amount)s is kept for restocking.") % _values(plan, step)


def _operator_off_before(plan: Plan, step: Step) -> str:
    return _("%(amount)s is taken off: that much went back before, for no item in particular.") % _values(plan, step)


def _operator_refunded(plan: Plan, step: Step) -> str:
    return _("Settled by it: %(pieces)s.") % _values(plan, step)


def _operator_left_out(plan: Plan, step: Step) -> str:
    return _("Left out, on a return or an exchange that is still open: %(pieces)s.") % _values(plan, step)


def _operator_received(plan: Plan, step: Step) -> str:
    return _("Arrived: %(pieces)s.") % _values(plan, step)


def _operator_returned(plan: Plan, step: Step) -> str:
    return _("To be sent back: %(pieces)s.") % _values(plan, step)


def _operator_exchanged(plan: Plan, step: Step) -> str:
    if not step.variant:
        return _("To be exchanged, for a variant yet to be chosen: %(pieces)s.") % _values(plan, step)
    return _("To be exchanged: %(pieces)s for %(options)s.") % _values(plan, step)


def _operator_cancelled(plan: Plan, step: Step) -> str:
    return _("Not sent any more: %(pieces)s.") % _values(plan, step)


def _operator_resent(plan: Plan, step: Step) -> str:
    return _("Sent once more at no charge: %(pieces)s.") % _values(plan, step)


def _operator_replaced(plan: Plan, step: Step) -> str:
    return _("%(pieces)s becomes %(options)s at %(amount)s each.") % _values(plan, step)


def _operator_stock_taken(plan: Plan, step: Step) -> str:
    return ngettext(
        "%(count)d piece of %(variant)s leaves the stock.",
        "%(count)d pieces of %(variant)s leave the stock.",
        step.quantity,
    ) % _values(plan, step)


def _operator_stock_back(plan: Plan, step: Step) -> str:
    return ngettext(
        "%(count)d piece of %(variant)s goes back to stock.",
        "%(count)d pieces of %(variant)s go back to stock.",
        step.quantity,
    ) % _values(plan, step)


def _operator_status(plan: Plan, step: Step) -> str:
    if plan.kind == "place_order":
        return ""
    return _("Order %(order)s becomes “%(status)s”.") % _values(plan, step)


def _operator_address(plan: Plan, step: Step) -> str:
    if plan.kind == "place_order":
        return _("It goes to the address that was named.")
    return _("Order %(order)s goes to the new address.") % _values(plan, step)


def _line(plan: Plan, step: Step) -> str:
    if step.options:
        return _("New order: %(pieces)s (%(options)s) at %(amount)s each.") % _values(plan, step)
    return _("New order: %(pieces)s at %(amount)s each.") % _values(plan, step)


def _total(plan: Plan, step: Step) -> str:
    return _("It comes to %(amount)s.") % _values(plan, step)


def _shipment(plan: Plan, step: Step) -> str:
    return _("A new parcel is made ready.")


_OPERATOR: dict[StepKind, Callable[[Plan, Step], str]] = {
    StepKind.MONEY_BACK: _operator_money_back,
    StepKind.MONEY_TO: _operator_money_to,
    StepKind.MONEY_PROMISED: _operator_promised,
    StepKind.MONEY_TAKEN: _operator_taken,
    StepKind.PAYMENT_MOVED: _operator_payment_moved,
    StepKind.PAYMENT_LOWERED: _operator_payment_lowered,
    StepKind.PAYMENT_RAISED: _operator_payment_raised,
    StepKind.SHIPPING_BACK: _operator_shipping,
    StepKind.FEE_KEPT: _operator_fee,
    StepKind.OFF_BEFORE: _operator_off_before,
    StepKind.REFUNDED: _operator_refunded,
    StepKind.LEFT_OUT: _operator_left_out,
    StepKind.RETURNED: _operator_returned,
    StepKind.RECEIVED: _operator_received,
    StepKind.EXCHANGED: _operator_exchanged,
    StepKind.CANCELLED: _operator_cancelled,
    StepKind.RESENT: _operator_resent,
    StepKind.REPLACED: _operator_replaced,
    StepKind.STOCK_TAKEN: _operator_stock_taken,
    StepKind.STOCK_BACK: _operator_stock_back,
    StepKind.LINE: _line,
    StepKind.TOTAL: _total,
    StepKind.ADDRESS: _operator_address,
    StepKind.SHIPMENT: _shipment,
    StepKind.STATUS: _operator_status,
}


# --- the shopper's words: nothing of stock and states ----------------------------------------------------------------


def _shopper_money_back(plan: Plan, step: Step) -> str:
    return _("You get %(amount)s back by %(method)s.") % _values(plan, step)


def _shopper_money_to(plan: Plan, step: Step) -> str:
    if step.method != PaymentMethod.GIFT_CARD:
        return _shopper_money_back(plan, step)
    return _("You get %(amount)s on your gift card.") % _values(plan, step)


def _shopper_promised(plan: Plan, step: Step) -> str:
    return _("You get %(amount)s back by %(method)s once the items have reached us.") % _values(plan, step)


def _shopper_taken(plan: Plan, step: Step) -> str:
    return _("You pay %(amount)s by %(method)s.") % _values(plan, step)


def _shopper_payment_moved(plan: Plan, step: Step) -> str:
    return _("You will pay %(amount)s by %(method)s.") % _values(plan, step)


def _shopper_payment_lowered(plan: Plan, step: Step) -> str:
    return _("You will pay %(amount)s less by %(method)s.") % _values(plan, step)


def _shopper_payment_raised(plan: Plan, step: Step) -> str:
    return _("You will pay %(amount)s more by %(method)s.") % _values(plan, step)


def _shopper_off_before(plan: Plan, step: Step) -> str:
    return _("We gave you %(amount)s back before; that is taken off.") % _values(plan, step)


def _shopper_left_out(plan: Plan, step: Step) -> str:
    return _("Not part of this, for its return or exchange is still under way: %(pieces)s.") % _values(plan, step)


def _shopper_shipping(plan: Plan, step: Step) -> str:
    return _("This includes %(amount)s for shipping.") % _values(plan, step)


def _shopper_fee(plan: Plan, step: Step) -> str:
    return _("We keep %(amount)s for restocking.") % _values(plan, step)


def _shopper_returned(plan: Plan, step: Step) -> str:
    return _("You send back %(pieces)s.") % _values(plan, step)


def _shopper_exchanged(plan: Plan, step: Step) -> str:
    if not step.variant:
        return _("We exchange %(pieces)s and ask you for what.") % _values(plan, step)
    return _("We exchange %(pieces)s for %(options)s.") % _values(plan, step)


def _shopper_cancelled(plan: Plan, step: Step) -> str:
    return _("We do not send %(pieces)s.") % _values(plan, step)


def _shopper_resent(plan: Plan, step: Step) -> str:
    return _("We send %(pieces)s again at no charge.") % _values(plan, step)


def _shopper_replaced(plan: Plan, step: Step) -> str:
    return _("We change %(pieces)s to %(options)s at %(amount)s each.") % _values(plan, step)


def _shopper_address(plan: Plan, step: Step) -> str:
    if plan.kind == "place_order":
        return _("We send it to the address that you named.")
    return _("We send order %(order)s to the new address.") % _values(plan, step)


def _shopper_status(plan: Plan, step: Step) -> str:
    if step.status != OrderStatus.CANCELLED:
        return ""
    return _("Order %(order)s is cancelled.") % _values(plan, step)


def _shopper_line(plan: Plan, step: Step) -> str:
    if step.options:
        return _("You order %(pieces)s (%(options)s) at %(amount)s each.") % _values(plan, step)
    return _("You order %(pieces)s at %(amount)s each.") % _values(plan, step)


_SHOPPER: dict[StepKind, Callable[[Plan, Step], str]] = {
    StepKind.MONEY_BACK: _shopper_money_back,
    StepKind.MONEY_TO: _shopper_money_to,
    StepKind.MONEY_PROMISED: _shopper_promised,
    StepKind.MONEY_TAKEN: _shopper_taken,
    StepKind.PAYMENT_MOVED: _shopper_payment_moved,
    StepKind.PAYMENT_LOWERED: _shopper_payment_lowered,
    StepKind.PAYMENT_RAISED: _shopper_payment_raised,
    StepKind.SHIPPING_BACK: _shopper_shipping,
    StepKind.FEE_KEPT: _shopper_fee,
    StepKind.OFF_BEFORE: _shopper_off_before,
    StepKind.LEFT_OUT: _shopper_left_out,
    StepKind.RETURNED: _shopper_returned,
    StepKind.EXCHANGED: _shopper_exchanged,
    StepKind.CANCELLED: _shopper_cancelled,
    StepKind.RESENT: _shopper_resent,
    StepKind.REPLACED: _shopper_replaced,
    StepKind.LINE: _shopper_line,
    StepKind.TOTAL: _total,
    StepKind.ADDRESS: _shopper_address,
    StepKind.STATUS: _shopper_status,
}
