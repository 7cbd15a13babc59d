"""Rules as plain sentences in both languages: "When a shopper asks for a refund, the order was delivered at most 7 days
ago and a photo was given: refund the items in full; an operator approves."

What is said of a case, with its facts, is `conditions.Condition.explained`; here nothing is known of any case.
"""

from __future__ import annotations

from collections.abc import Iterable

from .amounts import Amount, FeePercent, Fixed, PercentOfLines
from .approvals import Approvals
from .catalogue import FactSpec, Kind, day_text
from .conditions import AllOf, AnyOf, Comparison, Condition, Not
from .facts import FACTS
from .money import format_money
from .operators import OPERATORS, Operand
from .phrase import AND, OR, Phrase, clauses, joined
from .ruleset import Decision, Rule
from .sentence_words import (
    APPROVER_WORDS,
    ASKED_ACTIONS,
    ASKED_FOR,
    AT_LEAST_WORDS,
    CLAUSES,
    DAYS_CLAUSES,
    JOINED_BY,
    OUTCOMES,
    PLURAL,
    SHIPPING_WORDS,
    SUBJECTS,
    UNITS,
    VALUE_WORDS,
)
from .text import Text
from .validity import Validity
from .vocabulary import ACTIONS, REASONS


def subject(spec: FactSpec) -> Text:
    """The fact as the subject of a sentence."""
    return SUBJECTS.get(spec.name, spec.label)


def is_money(spec: FactSpec) -> bool:
    """Amounts in minor units, also those whose currency the facts do not know."""
    return spec.kind is Kind.MONEY or spec.name.endswith("_minor")


def comparison_phrase(comparison: Comparison, currency: str) -> Phrase:
    """``currency`` is that in which amounts are written."""
    spec = FACTS[comparison.fact]
    if comparison.op == "is_known":
        return _known(spec, comparison.value is True)
    if spec.kind is Kind.BOOLEAN:
        wanted = comparison.value is (comparison.op == "is")
        return Phrase(spec.show(wanted, currency))
    values = _values(spec, comparison, currency)
    if spec.event is not None:
        return _elapsed(spec, comparison, values)
    words = CLAUSES[comparison.op]
    if spec.name in PLURAL:
        words = Text(words.en.replace("{} is", "{} are"), words.zh_hans)
    if OPERATORS[comparison.op].operand is Operand.SEVERAL:
        return Phrase(words, (Phrase(subject(spec)), joined(values, JOINED_BY[comparison.op])))
    return Phrase(words, (Phrase(subject(spec)), *values))


def _known(spec: FactSpec, known: bool) -> Phrase:
    if spec.kind is Kind.BOOLEAN:
        yes = spec.show(True, "")
        if known:
            return Phrase(Text(f"whether {yes.en} is known", f"能确定是否{yes.zh_hans}"))
        return Phrase(Text(f"whether {yes.en} is not known", f"无法确定是否{yes.zh_hans}"))
    if spec.event is not None:
        event = spec.event
        if known:
            return Phrase(Text(f"it is known when the order was {event.en}", f"已知{event.zh_hans}时间"))
        return Phrase(Text(f"it is not known when the order was {event.en}", f"{event.zh_hans}时间未知"))
    who = subject(spec)
    verb = "are" if spec.kind is Kind.SET or spec.name in PLURAL else "is"
    if spec.name == "request.weekday":
        who = spec.label
    if known:
        return Phrase(Text(f"{who.en} {verb} known", f"{who.zh_hans}已知"))
    return Phrase(Text(f"{who.en} {verb} not known", f"{who.zh_hans}未知"))


def _elapsed(spec: FactSpec, comparison: Comparison, values: tuple[Text, ...]) -> Phrase:
    assert spec.event is not None
    done = Phrase(spec.event)
    if spec.unit == "hour" and (
        (comparison.value == 0 and comparison.op in ("is", "at_most"))
        or (comparison.value == 1 and comparison.op == "less_than")
    ):
        return Phrase(Text("the order was {} {}", "{}{}"), (done, Text("less than an hour ago", "不到 1 小时")))
    if comparison.value == 0 and comparison.op in ("is", "at_most"):
        return Phrase(Text("the order was {} {}", "{}{}"), (done, Text("today", "于当天")))
    if comparison.op in ("between", "outside") and isinstance(comparison.value, tuple):
        unit = "" if comparison.op == "between" else UNITS[spec.unit].zh_hans
        low = Text(str(comparison.value[0]), f"{comparison.value[0]}{unit}")
        return Phrase(DAYS_CLAUSES[comparison.op], (done, low, values[1]))
    return Phrase(DAYS_CLAUSES[comparison.op], (done, *values))


def _values(spec: FactSpec, comparison: Comparison, currency: str) -> tuple[Text, ...]:
    if isinstance(comparison.value, frozenset):
        listed = [choice for choice in spec.choices or () if choice in comparison.value]
        given = [*listed, *sorted(comparison.value.difference(listed))]
        return tuple(value_text(spec, item, currency) for item in given)
    given_one = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    return tuple(value_text(spec, item, currency) for item in given_one)


def value_text(spec: FactSpec, value: object, currency: str) -> Text:
    """One value of a condition, as people write it."""
    if is_money(spec):
        shown = money_words(int(str(value)), currency)
        return Text(shown, shown)
    if spec.event is not None:
        unit = UNITS[spec.unit]
        return Text(f"{value} {unit.en}{'' if value == 1 else 's'}", f"{value}{unit.zh_hans}")
    if spec.choices is not None and str(value) in spec.choices:
        return spec.choices[str(value)]
    if spec.name == "request.hour":
        return Text(f"{value}:00", f"{value} 点")
    if spec.name in ("order.days_in_transit", "shopper.days_since_joined"):
        return Text(str(value), f"{value} 天")
    return VALUE_WORDS.get(spec.name, {}).get(str(value), Text(str(value), str(value)))


_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def money_words(minor: int, currency: str) -> str:
    """``¥200.00``; the code where no symbol is known to everybody."""
    shown = format_money(minor, currency)
    symbol = _SYMBOLS.get(currency)
    return shown.replace(f"{currency} -", f"-{symbol}").replace(f"{currency} ", symbol) if symbol else shown


def condition_phrase(condition: Condition, currency: str, *, inner: bool = False) -> Phrase:
    """The whole condition; groups within groups stand in brackets. Negations are pushed down to the comparisons."""
    if isinstance(condition, Not):
        return condition_phrase(condition.part.negated(), currency, inner=inner)
    if isinstance(condition, Comparison):
        return comparison_phrase(condition, currency)
    parts = [condition_phrase(part, currency, inner=True) for part in condition.parts]
    word = Text("and", "且") if isinstance(condition, AllOf) else Text("or", "或")
    row = clauses(parts, word)
    if inner and len(parts) > 1:
        return Phrase(Text("({})", "（{}）"), (row,))
    return row


def asked_phrase(actions: Iterable[str]) -> Phrase:
    """``When a shopper asks for a refund or a return``."""
    named = [ASKED_ACTIONS[action] for action in ACTIONS if action in set(actions)]
    if not named:
        return Phrase(Text("Whatever the shopper asks for", "无论顾客申请什么"))
    return Phrase(Text("When a shopper asks for {}", "当顾客申请{}"), (joined(named, OR),))


def rule_condition_phrase(rule: Rule, currency: str) -> Phrase:
    """What has to hold, from "When …" on, without what then happens."""
    said = _condition_phrase(rule, currency)
    return said if rule.valid is None else Phrase(Text("{}: {}", "{}：{}"), (validity_phrase(rule.valid), said))


def validity_phrase(valid: Validity) -> Phrase:
    """``From 1 November 2026 to 11 November 2026``."""
    days = tuple(day_text(day) for day in (valid.first, valid.last) if day is not None)
    if len(days) == 2:
        return Phrase(Text("From {} to {}", "{}至 {}期间"), days)
    if valid.first is not None:
        return Phrase(Text("From {} on", "自 {}起"), days)
    return Phrase(Text("Until {}", "截至 {}"), days)


def _condition_phrase(rule: Rule, currency: str) -> Phrase:
    asked = asked_phrase(rule.actions)
    if rule.when is None:
        return asked
    link = Text("{} and {}", "{}，{}") if rule.actions else Text("{}, if {}", "{}，只要{}")
    inner = isinstance(rule.when, AnyOf) or (isinstance(rule.when, Not) and isinstance(rule.when.part, AllOf))
    return Phrase(link, (asked, condition_phrase(rule.when, currency, inner=inner)))


def decision_phrase(then: Decision) -> Phrase:
    """What happens: the outcome, the money, and who approves it, where that says something."""
    said = outcome_phrase(then)
    if then.outcome == "escalate" or (then.approver == "operator" and then.outcome != "allow"):
        return said
    if then.approvals is not None:
        tiers = approvals_phrase(then.approvals)
        if then.approver != "autopilot":
            least = Phrase(AT_LEAST_WORDS[then.approver])
            return Phrase(Text("{}; {}, and {}", "{}；{}，且{}"), (said, tiers, least))
        return Phrase(Text("{}; {}", "{}；{}"), (said, tiers))
    return Phrase(Text("{}; {}", "{}；{}"), (said, Phrase(APPROVER_WORDS[then.approver])))


def approvals_phrase(approvals: Approvals) -> Phrase:
    """``up to ¥200.00 may go out without review, above that an operator approves``."""
    said: list[Phrase] = []
    for currency, tiers in approvals.items():
        for index, tier in enumerate(tiers):
            who = Phrase(APPROVER_WORDS[tier.approver])
            if tier.up_to_minor is not None:
                shown = money_words(tier.up_to_minor, currency)
                said.append(Phrase(Text("up to {} {}", "{} 以内{}"), (Text(shown, shown), who)))
            elif index:
                said.append(Phrase(Text("above that {}", "超出部分{}"), (who,)))
            else:
                said.append(Phrase(Text("any amount in {} {}", "{} 任何金额{}"), (Text(currency, currency), who)))
    return Phrase(Text(", ".join(["{}"] * len(said)), "，".join(["{}"] * len(said))), tuple(said))


def outcome_phrase(then: Decision) -> Phrase:
    if then.outcome == "ask":
        asked: list[Phrase | Text] = [ASKED_FOR.get(item, Text(item, item)) for item in then.ask]
        if then.reason_choices:
            place = then.ask.index("reason")
            choices = joined([REASONS[reason] for reason in then.reason_choices], OR)
            asked[place] = Phrase(Text("{} ({})", "{}（{}）"), (asked[place], choices))
        return Phrase(Text("ask the shopper for {}", "请顾客提供{}"), (joined(asked, AND),))
    if then.outcome == "escalate" and then.approver == "admin":
        return Phrase(Text("{}", "{}"), (Text("an admin decides", "转管理员判断"),))
    if then.outcome == "allow" and then.amount is not None:
        return amount_phrase(then.amount)
    return Phrase(Text("{}", "{}"), (OUTCOMES[then.outcome],))


def amount_phrase(amount: Amount) -> Phrase:
    said = _worth_phrase(amount)
    for term in _terms(amount):
        said = Phrase(Text("{}, {}", "{}，{}"), (said, term))
    return said


def _worth_phrase(amount: Amount) -> Phrase:
    worth = amount.worth
    if isinstance(worth, Fixed):
        shown = money_words(worth.amount_minor, worth.currency)
        return Phrase(Text("allow it and give back {}", "同意，退还{}"), (Text(shown, shown),))
    if isinstance(worth, PercentOfLines):
        if worth.percent == 100:
            share = Text("the items in full", "所选商品全款")
            return Phrase(Text("allow it and refund {}", "同意，退还{}"), (share,))
        part = Text(f"{worth.percent}%", f"{worth.percent}%")
        return Phrase(Text("allow it and refund {} of the items", "同意，退还所选商品金额的 {}"), (part,))
    if amount.shipping is not None:
        return Phrase(
            Text("allow it and refund {}", "同意，退还{}"), (Text("everything still refundable", "全部可退金额"),)
        )
    everything = Text("everything still refundable, shipping included", "全部可退金额（含运费）")
    return Phrase(Text("allow it and refund {}", "同意，退还{}"), (everything,))


def _terms(amount: Amount) -> list[Phrase]:
    """The shipping fee, the fee for restocking, and the ceiling."""
    found = []
    if amount.shipping is not None:
        found.append(Phrase(SHIPPING_WORDS[amount.shipping]))
    if isinstance(amount.fee, FeePercent):
        percent = Text(f"{amount.fee.percent}%", f"{amount.fee.percent}%")
        found.append(Phrase(Text("less {} for restocking", "扣除 {} 的重新上架费"), (percent,)))
    elif amount.fee is not None:
        shown = money_words(amount.fee.amount_minor, amount.fee.currency)
        found.append(Phrase(Text("less {} for restocking", "扣除 {} 的重新上架费"), (Text(shown, shown),)))
    if amount.at_most is not None:
        shown = money_words(amount.at_most.amount_minor, amount.at_most.currency)
        found.append(Phrase(Text("at most {}", "最多 {}"), (Text(shown, shown),)))
    return found


def rule_phrase(rule: Rule, currency: str) -> Phrase:
    """The rule as one sentence."""
    return Phrase(Text("{}: {}.", "{}：{}。"), (rule_condition_phrase(rule, currency), decision_phrase(rule.then)))
