"""How much money a rule gives back: its JSON, and the amount for a case.

``percent_of_lines``: that share of what the lines concerned are worth and can still give back, rounded down.
``fixed_minor`` with ``currency``: that amount, or less where less is refundable; another currency is a
`CURRENCY_MISMATCH`. ``everything_refundable``: what is left of the whole order, shipping fee included; of the lines
named where the request names some. A refund never gives more than was asked for, and nothing gives more than paid
minus refunded.
"""

from __future__ import annotations

from dataclasses import dataclass

from .case import Case
from .missing import Missing, Problem
from .money import MINOR_DIGITS
from .reading import ObjectReader, RulesetError
from .refundable import refundable_minor
from .vocabulary import MONEY_BACK_ACTIONS


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


Amount = PercentOfLines | Fixed | EverythingRefundable


def granted_minor(amount: Amount | None, case: Case) -> int | Missing:
    """What an allowed action gives back, in minor units of the order's currency; 0 where it moves no money.

    A refund or return that would give nothing is `NOTHING_REFUNDABLE`: a promise of no money helps nobody. Cancelling
    an order that nothing was paid for is fine.
    """
    action = case.request.action
    if amount is None or action not in MONEY_BACK_ACTIONS:
        return 0
    if case.order is None:
        return Missing(Problem.NO_ORDER)
    if case.order.currency not in MINOR_DIGITS:
        return Missing(Problem.UNKNOWN_CURRENCY)
    granted = _worth(amount, case)
    if isinstance(granted, Missing):
        return granted
    granted = min(granted, refundable_minor(case.order))
    if action == "refund" and case.request.amount_minor is not None:
        granted = min(granted, case.request.amount_minor)
    return Missing(Problem.NOTHING_REFUNDABLE) if granted == 0 and action != "cancel" else granted


def _worth(amount: Amount, case: Case) -> int | Missing:
    if isinstance(amount, Fixed):
        if case.order is None or amount.currency != case.order.currency:
            return Missing(Problem.CURRENCY_MISMATCH)
        return amount.amount_minor
    if isinstance(amount, EverythingRefundable) and case.order is not None and not case.request.lines:
        return refundable_minor(case.order)
    lines = case.lines_refundable_minor
    if isinstance(lines, Missing) or isinstance(amount, EverythingRefundable):
        return lines
    return lines * amount.percent // 100


def parse_amount(data: object, path: str) -> Amount:
    read = ObjectReader(
        data, path, known=("percent_of_lines", "fixed_minor", "currency", "everything_refundable"), error=RulesetError
    )
    kinds = [key for key in ("percent_of_lines", "fixed_minor", "everything_refundable") if read.has(key)]
    if len(kinds) != 1:
        raise RulesetError(path, "must be one of percent_of_lines, fixed_minor, everything_refundable")
    if kinds == ["fixed_minor"]:
        fixed = Fixed(read.integer("fixed_minor", least=1), read.currency("currency"))
        if fixed.currency not in MINOR_DIGITS:
            raise read.fail("currency", f'unknown currency "{fixed.currency}"')
        return fixed
    if read.has("currency"):
        raise read.fail("currency", "goes with fixed_minor only")
    if kinds == ["everything_refundable"]:
        if not read.boolean("everything_refundable"):
            raise read.fail("everything_refundable", "must be true")
        return EverythingRefundable()
    percent = read.integer("percent_of_lines", least=1)
    if percent > 100:
        raise read.fail("percent_of_lines", "must be from 1 to 100")
    return PercentOfLines(percent)


def amount_to_dict(amount: Amount) -> dict[str, int | str | bool]:
    if isinstance(amount, PercentOfLines):
        return {"percent_of_lines": amount.percent}
    if isinstance(amount, Fixed):
        return {"fixed_minor": amount.amount_minor, "currency": amount.currency}
    return {"everything_refundable": True}
