"""How much money a rule gives back: its JSON, and the amount for a case.

``percent_of_lines``: that share of what the lines concerned are worth and can still give back, rounded down.
``fixed_minor`` with ``currency``: that amount, or less where less is refundable; another currency is a
`CURRENCY_MISMATCH`. ``everything_refundable``: what is left of the whole order, shipping fee included; of the lines
named where the request names some.

The first and the last take terms: ``shipping`` (``kept``, ``refunded``; left out: as just said), ``restocking_fee``
(``{"percent"}`` of the goods, rounded down, or ``{"fixed_minor", "currency"}``) and ``at_most``
(``{"amount_minor", "currency"}``). A refund never gives more than was asked for, and nothing gives more than paid
minus refunded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .case import Case
from .documents import Order
from .missing import Missing, Problem
from .money import MAX_MINOR, MINOR_DIGITS
from .reading import ObjectReader, RulesetError
from .refundable import line_values, refundable_minor, shipping_refundable_minor
from .vocabulary import MONEY_BACK_ACTIONS

SHIPPING = ("kept", "refunded")


@dataclass(frozen=True, slots=True)
class PercentOfLines:
    percent: int


@dataclass(frozen=True, slots=True)
class Fixed:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class EverythingRefundable:
    pass


@dataclass(frozen=True, slots=True)
class FeePercent:
    percent: int


Worth = PercentOfLines | Fixed | EverythingRefundable


@dataclass(frozen=True, slots=True)
class Amount:
    """What is given back, and on which terms. `shipping` is None where nothing is said of it."""

    worth: Worth
    shipping: str | None = None
    fee: FeePercent | Fixed | None = None
    at_most: Fixed | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """`amount_minor` goes back; `shipping_minor` of it is shipping fee, and `fee_minor` was kept for restocking."""

    amount_minor: int = 0
    shipping_minor: int = 0
    fee_minor: int = 0


NOTHING = Granted()


def granted(amount: Amount | None, case: Case) -> Granted | Missing:
    """What an allowed action gives back, in minor units of the order's currency; nothing where it moves no money.

    A refund or return that would give nothing is `NOTHING_REFUNDABLE`: a promise of no money helps nobody. Cancelling
    an order that nothing was paid for is fine.
    """
    action = case.request.action
    if amount is None or action not in MONEY_BACK_ACTIONS:
        return NOTHING
    if case.order is None:
        return Missing(Problem.NO_ORDER)
    if case.order.currency not in MINOR_DIGITS:
        return Missing(Problem.UNKNOWN_CURRENCY)
    limit = refundable_minor(case.order)
    if limit > MAX_MINOR:
        return Missing(Problem.OVERFLOW)
    found = _on_terms(amount, case, case.order)
    if isinstance(found, Missing):
        return found
    if action == "refund" and case.request.amount_minor is not None:
        limit = min(limit, case.request.amount_minor)
    if amount.at_most is not None:
        limit = min(limit, max(0, amount.at_most.amount_minor - _given_before(case, case.order)))
    if found.amount_minor > limit:
        # Goods come first: what a ceiling leaves out is the shipping fee before it is a piece. Who gets less than what
        # a fee leaves is charged none.
        goods = found.amount_minor - found.shipping_minor
        found = Granted(limit, max(0, limit - goods), found.fee_minor if limit >= goods else 0)
    if found.amount_minor == 0 and action != "cancel":
        return Missing(Problem.NOTHING_REFUNDABLE)
    return found


def _on_terms(amount: Amount, case: Case, order: Order) -> Granted | Missing:
    if any(
        isinstance(term, Fixed) and term.currency != order.currency
        for term in (amount.worth, amount.fee, amount.at_most)
    ):
        return Missing(Problem.CURRENCY_MISMATCH)
    before = _given_before(case, order)
    if isinstance(amount.worth, Fixed):
        return Granted(max(0, amount.worth.amount_minor - before))
    fee_left = shipping_refundable_minor(order)
    whole = isinstance(amount.worth, EverythingRefundable) and not case.request.lines
    if whole:
        left = refundable_minor(order)
        shipping = min(fee_left, left)
        goods = left - shipping
        if amount.shipping == "kept":
            shipping = 0
    else:
        share = before and isinstance(amount.worth, PercentOfLines) and amount.worth.percent < 100
        lines = case.lines_worth_minor if share else case.lines_refundable_minor
        if isinstance(lines, Missing):
            return lines
        goods = lines * amount.worth.percent // 100 if isinstance(amount.worth, PercentOfLines) else lines
        if share:
            goods = max(0, goods - _part_for(case, order, before))
        shipping = fee_left if amount.shipping == "refunded" else 0
    fee = _fee_minor(amount.fee, goods)
    return Granted(goods - fee + shipping, shipping, fee)


def _given_before(case: Case, order: Order) -> int:
    """A share of the whole order settles no piece, so it could be asked for again: what went back before counts in."""
    return order.held.off_minor if case.request.action == "refund" else 0


def _part_for(case: Case, order: Order, before: int) -> int:
    """What of the money that went back before falls to the pieces that the request names: all where it names none."""
    if not case.request.lines or isinstance(case.lines, Missing):
        return before
    values = {line.id: value for line, value in zip(order.lines, line_values(order), strict=True)}
    named = sum(values[asked.line.id] * asked.quantity // asked.line.quantity for asked in case.lines)
    return -(-before * named // max(1, sum(values.values())))


def _fee_minor(fee: FeePercent | Fixed | None, goods: int) -> int:
    """Never more than the goods are worth."""
    if fee is None:
        return 0
    return goods * fee.percent // 100 if isinstance(fee, FeePercent) else min(goods, fee.amount_minor)


# JSON

_KINDS = ("percent_of_lines", "fixed_minor", "everything_refundable")
TERMS = ("shipping", "restocking_fee", "at_most")


def parse_amount(data: object, path: str) -> Amount:
    read = ObjectReader(data, path, known=(*_KINDS, "currency", *TERMS), error=RulesetError)
    kinds = [key for key in _KINDS if read.has(key)]
    if len(kinds) != 1:
        raise RulesetError(path, "must be one of percent_of_lines, fixed_minor, everything_refundable")
    if kinds == ["fixed_minor"]:
        for term in TERMS:
            if read.has(term):
                raise read.fail(term, "does not go with fixed_minor")
        return Amount(_fixed(read, "fixed_minor"))
    if read.has("currency"):
        raise read.fail("currency", "goes with fixed_minor only")
    return Amount(
        worth=_worth(read, kinds[0]),
        shipping=read.optional_choice("shipping", SHIPPING),
        fee=_parse_fee(read) if read.has("restocking_fee") else None,
        at_most=_parse_at_most(read) if read.has("at_most") else None,
    )


def _worth(read: ObjectReader, kind: str) -> Worth:
    if kind == "percent_of_lines":
        return PercentOfLines(_percent(read, "percent_of_lines"))
    if not read.boolean("everything_refundable"):
        raise read.fail("everything_refundable", "must be true")
    return EverythingRefundable()


def _percent(read: ObjectReader, key: str) -> int:
    percent = read.integer(key, least=1)
    if percent > 100:
        raise read.fail(key, "must be from 1 to 100")
    return percent


def _fixed(read: ObjectReader, key: str) -> Fixed:
    fixed = Fixed(read.integer(key, least=1), read.currency("currency"))
    if fixed.currency not in MINOR_DIGITS:
        raise read.fail("currency", f'unknown currency "{fixed.currency}"')
    return fixed


def _parse_fee(parent: ObjectReader) -> FeePercent | Fixed:
    path = parent.at("restocking_fee")
    read = ObjectReader(
        parent.value("restocking_fee"), path, known=("percent", "fixed_minor", "currency"), error=RulesetError
    )
    if read.has("percent") == read.has("fixed_minor"):
        raise RulesetError(path, "must be one of percent, fixed_minor")
    if read.has("fixed_minor"):
        return _fixed(read, "fixed_minor")
    if read.has("currency"):
        raise read.fail("currency", "goes with fixed_minor only")
    return FeePercent(_percent(read, "percent"))


def _parse_at_most(parent: ObjectReader) -> Fixed:
    read = ObjectReader(
        parent.value("at_most"), parent.at("at_most"), known=("amount_minor", "currency"), error=RulesetError
    )
    return _fixed(read, "amount_minor")


def amount_to_dict(amount: Amount) -> dict[str, Any]:
    data: dict[str, Any]
    if isinstance(amount.worth, PercentOfLines):
        data = {"percent_of_lines": amount.worth.percent}
    elif isinstance(amount.worth, Fixed):
        data = {"fixed_minor": amount.worth.amount_minor, "currency": amount.worth.currency}
    else:
        data = {"everything_refundable": True}
    if amount.shipping is not None:
        data["shipping"] = amount.shipping
    if isinstance(amount.fee, FeePercent):
        data["restocking_fee"] = {"percent": amount.fee.percent}
    elif amount.fee is not None:
        data["restocking_fee"] = {"fixed_minor": amount.fee.amount_minor, "currency": amount.fee.currency}
    if amount.at_most is not None:
        data["at_most"] = {"amount_minor": amount.at_most.amount_minor, "currency": amount.at_most.currency}
    return data
