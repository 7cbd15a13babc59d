"""Where money goes back to and comes from.

Money goes back by the payments that brought it: first by the one whose method was asked for, then as they were paid,
gift cards last. What a shopper wants on a gift card of theirs that did not pay goes there, and counts against the same
payments. A gift card never gives more than it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions.plan import Step, StepKind
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import Order, Payment, PaymentMethod, Shopper

Share = tuple[Payment, int]

NOTHING: Mapping[str, int] = {}


def left_of(payment: Payment) -> int:
    """What a payment can still give back; what was never taken gives nothing."""
    return payment.amount_minor - payment.refunded_minor if payment.captured_at else 0


def lowered(order: Order, amount_minor: int) -> Iterator[Step]:
    """The steps by which what was not paid yet comes to less, the latest payment first; as far as there is any."""
    for payment in sorted(_open(order), key=lambda each: -each.pk):
        if part := min(max(0, amount_minor), payment.amount_minor):
            amount_minor -= part
            yield _open_step(StepKind.PAYMENT_LOWERED, payment, part)


def raised(order: Order, amount_minor: int, *, method_id: str | None) -> Iterator[Step]:
    """The step by which what was not paid yet comes to more; none where nothing is open by that method."""
    payment = next((each for each in _open(order) if method_id in (None, "", each.method_id)), None)
    if payment is not None:
        yield _open_step(StepKind.PAYMENT_RAISED, payment, amount_minor)


def _open(order: Order) -> list[Payment]:
    return [payment for payment in order.payments.all() if payment.captured_at is None]


def _open_step(what: StepKind, payment: Payment, amount_minor: int) -> Step:
    return Step(
        what,
        payment=payment.external_id,
        method=payment.method,
        method_id=payment.method_id,
        amount_minor=amount_minor,
    )


def split(
    payments: Iterable[Payment], amount_minor: int, *, method_id: str | None, promised: Mapping[str, int] = NOTHING
) -> list[Share]:
    """Which payments ``amount_minor`` goes back by. Raises :class:`ActionRefused` for more than they hold.

    ``promised`` is what open returns hold of each payment.
    """
    shares = []
    ordered = sorted(
        payments,
        key=lambda paid: (not method_id or paid.method_id != method_id, paid.method == PaymentMethod.GIFT_CARD),
    )
    for payment in ordered:
        if part := min(amount_minor, max(0, left_of(payment) - promised.get(payment.external_id, 0))):
            shares.append((payment, part))
            amount_minor -= part
    if amount_minor:
        raise ActionRefused(_("The order does not hold that much any more."), code="order_exhausted")
    return shares


def given(order: Order, parts: Sequence[Mapping[str, Any]], *, promised: Mapping[str, int] = NOTHING) -> list[Share]:
    """The shares that a verdict names. Raises :class:`ActionRefused` where a payment does not hold its share.

    ``promised`` is what open returns hold of each payment.
    """
    by_id = {payment.external_id: payment for payment in order.payments.all()}
    shares: dict[str, int] = {}
    for part in parts:
        shares[part["id"]] = shares.get(part["id"], 0) + part["amount_minor"]
    for key, amount in shares.items():
        if amount < 0 or key not in by_id or amount > left_of(by_id[key]):
            raise ActionRefused(_("The payment does not hold that much any more."), code="payment_exhausted")
        if amount > left_of(by_id[key]) - promised.get(key, 0):
            raise ActionRefused(_("This money is promised to a return that is still open."), code="money_promised")
    if sum(shares.values()) > order.paid_minor - order.refunded_minor:
        raise ActionRefused(_("The order does not hold that much any more."), code="order_exhausted")
    return [(by_id[key], amount) for key, amount in shares.items() if amount]


def back(
    order: Order, shopper: Shopper, shares: Sequence[Share], *, method_id: str | None, anywhere: bool = False
) -> Iterator[Step]:
    """The steps of giving money back. What was paid goes back by its payments or to a gift card; ``anywhere``: a price
    difference goes by whichever of their methods the shopper names.
    """
    for payment, amount in shares:
        yield Step(
            StepKind.MONEY_BACK,
            payment=payment.external_id,
            method=payment.method,
            method_id=payment.method_id,
            amount_minor=amount,
        )
    if (other := _other_method(order, shopper, method_id)) and (anywhere or other["method"] == PaymentMethod.GIFT_CARD):
        total = sum(amount for _payment, amount in shares)
        yield Step(StepKind.MONEY_TO, method=other["method"], method_id=other["id"], amount_minor=total)
        yield from _credited(shopper, other["id"], total)
        return
    for payment, amount in shares:
        if payment.method == PaymentMethod.GIFT_CARD:
            yield from _credited(shopper, payment.method_id, amount)


def _other_method(order: Order, shopper: Shopper, method_id: str | None) -> Mapping[str, Any] | None:
    """The shopper's method that was asked for, where no payment that still holds something was made with it."""
    if not method_id or any(payment.method_id == method_id and left_of(payment) for payment in order.payments.all()):
        return None
    return method_of(shopper, method_id)


def taken(order: Order, shopper: Shopper, amount_minor: int, *, method_id: str | None) -> Iterator[Step]:
    """The steps of paying ``amount_minor`` more; by the method named, or the only one that paid before."""
    method_id, method = charged(order, shopper, method_id)
    number = 1 + max((_number(payment.external_id) for payment in order.payments.all()), default=0)
    yield Step(
        StepKind.MONEY_TAKEN,
        payment=f"pay-{number}",
        method=method,
        method_id=method_id,
        amount_minor=amount_minor,
    )
    yield from debited(shopper, method_id, method, amount_minor)


def charged(order: Order, shopper: Shopper, method_id: str | None) -> tuple[str, str]:
    """The id and the kind of the method that pays. Raises :class:`ActionRefused` where it is not clear."""
    payments = {payment.method_id: payment.method for payment in order.payments.all()}
    if not method_id and len(payments) == 1:
        return next(iter(payments.items()))
    if method_id and (method := method_of(shopper, method_id)):
        return method_id, str(method["method"])
    if method_id and method_id in payments:
        return method_id, payments[method_id]
    raise ActionRefused(_("It is not clear by which of the shopper's payment methods."), code="no_payment_method")


def debited(shopper: Shopper, method_id: str, method: str, amount_minor: int) -> Iterator[Step]:
    """A gift card has to hold the amount; what other methods hold is not for us to know."""
    if method != PaymentMethod.GIFT_CARD:
        return
    known = method_of(shopper, method_id)
    if known is None or (known.get("balance_minor") or 0) < amount_minor:
        raise ActionRefused(_("The gift card does not hold that much."), code="card_exhausted")
    yield Step(StepKind.CARD_DEBITED, method_id=method_id, amount_minor=amount_minor)


def method_of(shopper: Shopper, method_id: str) -> Mapping[str, Any] | None:
    return next((each for each in shopper.payment_methods if each.get("id") == method_id), None)


def _credited(shopper: Shopper, method_id: str, amount_minor: int) -> Iterator[Step]:
    """Only a balance that is known can grow."""
    known = method_of(shopper, method_id) if method_id else None
    if known and known.get("balance_minor") is not None:
        yield Step(StepKind.CARD_CREDITED, method_id=method_id, amount_minor=amount_minor)


def _number(payment_id: str) -> int:
    tail = payment_id.removeprefix("pay-")
    return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 10 else 0
