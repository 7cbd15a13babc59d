"""Words that a change of a rule left behind: it grants 14 days now, and its reply or its name still says 7.

A number counts as left behind when the rule held it before, holds it nowhere any more, and the words still say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .amounts import FeePercent, Fixed, PercentOfLines
from .conditions import Comparison, Condition, Not
from .facts import FACTS
from .money import MINOR_DIGITS
from .ruleset import Rule
from .sentences import is_money
from .text import Text

#: What a number belongs to: a fact or a part of the amount, and which of them it is.
_Place = tuple[str, int]
_DAYS_EN = (
    *("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen"),
)
_DAYS_ZH = ("", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五")


@dataclass(frozen=True, slots=True)
class Leftover:
    """``said`` stands in the rule's reply in ``language`` (``en``, ``zh-hans``), or in its name where ``in_name``.

    ``now`` is what the rule holds instead; empty where the number has no successor: the condition is gone.
    """

    language: str
    said: str
    now: str
    in_name: bool = False


def leftovers(before: Rule, after: Rule, currency: str) -> tuple[Leftover, ...]:
    """What the words of ``after`` still say of ``before``; amounts of conditions are in ``currency``."""
    old, new = dict(_numbers(before, currency)), dict(_numbers(after, currency))
    kept = set(new.values())
    texts = [(after.then.reasons, False), *([(after.label, True)] if after.label else [])]
    found: dict[tuple[str, str, bool], Leftover] = {}
    for place, number in old.items():
        if number in kept:
            continue
        for text, in_name in texts:
            for language, words in (("en", text.en), ("zh-hans", text.zh_hans)):
                for match in _said(number, language).finditer(words):
                    left = Leftover(language, match[0], new.get(place, ""), in_name)
                    found.setdefault((language, match[0], in_name), left)
    return tuple(found.values())


def reworded(text: Text, found: Iterable[Leftover]) -> Text:
    """The text with every number that has a successor replaced by it."""
    texts = {"en": text.en, "zh-hans": text.zh_hans}
    for item in found:
        if item.now:
            texts[item.language] = _alone(re.escape(item.said)).sub(lambda _m, to=item.now: to, texts[item.language])  # type: ignore[misc]
    return Text(texts["en"], texts["zh-hans"])


def _numbers(rule: Rule, currency: str) -> Iterator[tuple[_Place, str]]:
    """Every number of the rule as people write it, with its place."""
    counts: dict[str, int] = {}
    for comparison in _comparisons(rule.when):
        value = comparison.value
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, bool) or not isinstance(item, int):
                continue
            counts[comparison.fact] = counts.get(comparison.fact, 0) + 1
            money = is_money(FACTS[comparison.fact])
            yield (comparison.fact, counts[comparison.fact]), _major(item, currency) if money else str(item)
    amount = rule.then.amount
    if amount is None:
        return
    for name, part in (("amount", amount.worth), ("fee", amount.fee), ("at most", amount.at_most)):
        if isinstance(part, PercentOfLines | FeePercent):
            yield (name, 0), str(part.percent)
        elif isinstance(part, Fixed):
            yield (name, 0), _major(part.amount_minor, part.currency)


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    if condition is None:
        return
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from _comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from _comparisons(part)


def _major(minor: int, currency: str) -> str:
    """``500`` for 50000 minor units, ``49.90`` for 4990."""
    digits = MINOR_DIGITS.get(currency, 2)
    shown = f"{Decimal(minor).scaleb(-digits):.{digits}f}"
    return shown.partition(".")[0] if not shown.partition(".")[2].strip("0") else shown


def _said(number: str, language: str) -> re.Pattern[str]:
    """The number in digits, or in words before days."""
    digits = re.escape(number) + (r"(?:\.0+)?" if "." not in number else "")
    grouped = re.escape(f"{int(number):,}") if number.isdecimal() else digits
    ways = [digits, grouped]
    if number.isdecimal() and 0 < int(number) < len(_DAYS_EN):
        ways.append(
            f"{_DAYS_EN[int(number)]}(?=[ -]days?)" if language == "en" else f"{_DAYS_ZH[int(number)]}(?=[ 个]*[天日])"
        )
    return _alone("|".join(dict.fromkeys(ways)))


def _alone(pattern: str) -> re.Pattern[str]:
    """Not within a longer number, a time or a date, nor within a longer word; never within a fact's braces."""
    before = r"(?<![\d.,:/A-Za-z十])(?<!\d-)"
    return re.compile(rf"{before}(?:{pattern})(?![\d:/]|[.,]\d|-\d)(?![^{{}}]*\}})", re.IGNORECASE)
