"""How a fact is described: its name, its kind, how it is computed and how a person reads it.

The facts themselves are listed in `order_facts.py` and `request_facts.py`; `facts.py` computes them, each at most once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .case import Case
from .documents import Order, Shopper
from .missing import Missing, Problem
from .money import MAX_MINOR, MINOR_DIGITS, format_money
from .text import Text, join_texts

FactValue = bool | int | str | date | frozenset[str]
Known = FactValue | Missing


class Kind(StrEnum):
    BOOLEAN = "boolean"
    NUMBER = "number"
    DAYS = "days"
    MONEY = "money"
    CHOICE = "choice"
    STRING = "string"
    SET = "set"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact. `show` words a bare value, `state` a sentence about it; both get the order's currency.

    `event` is what happened to the order that many days ago, or hours where `unit` says so.
    """

    name: str
    kind: Kind
    label: Text
    compute: Callable[[Case], Known]
    show: Callable[[FactValue, str], Text]
    state: Callable[[FactValue, str], Text]
    choices: Mapping[str, Text] | None = None
    event: Text | None = None
    unit: str = "day"


def of_order(compute: Callable[[Order, Case], Known]) -> Callable[[Case], Known]:
    """A computation that needs an order; a request without one (a new order) has no such fact."""

    def computed(case: Case) -> Known:
        return Missing(Problem.NO_ORDER) if case.order is None else compute(case.order, case)

    return computed


def of_shopper(compute: Callable[[Shopper], Known | None]) -> Callable[[Case], Known]:
    """A computation that needs to know the shopper; what the shop left out about them is `NOT_GIVEN`."""

    def computed(case: Case) -> Known:
        if case.shopper is None:
            return Missing(Problem.NO_SHOPPER)
        return given(compute(case.shopper))

    return computed


def given(value: FactValue | Missing | None) -> Known:
    return Missing(Problem.NOT_GIVEN) if value is None else value


def within_bounds(value: Known) -> Known:
    """Amounts beyond `MAX_MINOR` either way are an `OVERFLOW`."""
    return Missing(Problem.OVERFLOW) if isinstance(value, int) and abs(value) > MAX_MINOR else value


def boolean(name: str, label: Text, yes: Text, no: Text, compute: Callable[[Case], Known]) -> FactSpec:
    def show(value: FactValue, _currency: str) -> Text:
        return yes if value else no

    return FactSpec(name, Kind.BOOLEAN, label, compute, show, show)


def number(name: str, label: Text, compute: Callable[[Case], Known], kind: Kind = Kind.NUMBER) -> FactSpec:
    return _labelled(name, kind, label, compute, _show_plain)


def days_since(name: str, label: Text, event: Text, compute: Callable[[Case], Known]) -> FactSpec:
    """Whole calendar days since an event, worded as in "delivered 9 days ago"."""

    def state(value: FactValue, _currency: str) -> Text:
        if value == 0:
            return Text(f"{event.en} today", f"今天{event.zh_hans}")
        return Text(f"{event.en} {value} {'day' if value == 1 else 'days'} ago", f"{value} 天前{event.zh_hans}")

    return FactSpec(name, Kind.DAYS, label, compute, _show_plain, state, event=event)


def hours_since(name: str, label: Text, event: Text, compute: Callable[[Case], Known]) -> FactSpec:
    """Whole hours since an event, worded as in "placed 3 hours ago"."""

    def state(value: FactValue, _currency: str) -> Text:
        if value == 0:
            return Text(f"{event.en} less than an hour ago", f"不到 1 小时前{event.zh_hans}")
        return Text(f"{event.en} {value} {'hour' if value == 1 else 'hours'} ago", f"{value} 小时前{event.zh_hans}")

    return FactSpec(name, Kind.NUMBER, label, compute, _show_plain, state, event=event, unit="hour")


def money(name: str, label: Text, compute: Callable[[Order, Case], Known]) -> FactSpec:
    """An amount in the order's currency; a currency that ISO 4217 does not know gives no amount."""

    def computed(order: Order, case: Case) -> Known:
        if order.currency not in MINOR_DIGITS:
            return Missing(Problem.UNKNOWN_CURRENCY)
        return within_bounds(compute(order, case))

    return _labelled(name, Kind.MONEY, label, of_order(computed), _show_money)


def choice(name: str, label: Text, choices: Mapping[str, Text], compute: Callable[[Case], Known]) -> FactSpec:
    def show(value: FactValue, _currency: str) -> Text:
        return choices[str(value)]

    return _labelled(name, Kind.CHOICE, label, compute, show, choices)


def string(name: str, label: Text, compute: Callable[[Case], Known]) -> FactSpec:
    return _labelled(name, Kind.STRING, label, compute, _show_plain)


def string_set(
    name: str, label: Text, compute: Callable[[Case], Known], choices: Mapping[str, Text] | None = None
) -> FactSpec:
    def show(value: FactValue, _currency: str) -> Text:
        words = sorted(value) if isinstance(value, frozenset) else [str(value)]
        if not words:
            return Text("none", "无")
        return join_texts(
            (choices[word] if choices and word in choices else Text(word, word) for word in words),
            en=", ",
            zh_hans="、",
        )

    return _labelled(name, Kind.SET, label, compute, show, choices)


def day(name: str, label: Text, compute: Callable[[Case], Known]) -> FactSpec:
    return _labelled(name, Kind.DATE, label, compute, _show_day)


def _labelled(
    name: str,
    kind: Kind,
    label: Text,
    compute: Callable[[Case], Known],
    show: Callable[[FactValue, str], Text],
    choices: Mapping[str, Text] | None = None,
) -> FactSpec:
    def state(value: FactValue, currency: str) -> Text:
        shown = show(value, currency)
        return Text(f"{label.en}: {shown.en}", f"{label.zh_hans}：{shown.zh_hans}")

    return FactSpec(name, kind, label, compute, show, state, choices)


def _show_plain(value: FactValue, _currency: str) -> Text:
    return Text(str(value), str(value))


def _show_money(value: FactValue, currency: str) -> Text:
    # Amounts can be named in a requirement although the order's own currency is unknown or there is no order.
    shown = format_money(int(str(value)), currency) if currency in MINOR_DIGITS else str(value)
    return Text(shown, shown)


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _show_day(value: FactValue, _currency: str) -> Text:
    return day_text(value) if isinstance(value, date) else _show_plain(value, _currency)


def day_text(value: date) -> Text:
    return Text(
        f"{value.day} {_MONTHS[value.month - 1]} {value.year}", f"{value.year} 年 {value.month} 月 {value.day} 日"
    )
