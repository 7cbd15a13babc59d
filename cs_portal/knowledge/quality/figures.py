"""Figures in a text, in both languages: durations, percentages and amounts of money, in comparable units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Measure(StrEnum):
    """What a figure counts. Business days are no calendar days; months are no days."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    PERCENT = "percent"
    MONEY = "money"


class Bound(StrEnum):
    """How the figure bounds: "within 7 days" is at most, "from ¥99" at least, "7 days" says neither."""

    NONE = ""
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Figure:
    """``low`` to ``high`` (the same for one number) of ``measure``; money in hundredths of ``currency``.

    ``start`` and ``end`` are where it stands in the text that it was read from.
    """

    measure: Measure
    low: int
    high: int
    bound: Bound
    currency: str
    start: int
    end: int

    @property
    def value(self) -> tuple[int, int]:
        return self.low, self.high

    @property
    def unit(self) -> tuple[str, str]:
        """Figures of different units are never compared; all durations are of one."""
        return ("time" if self.measure in _HOURS else self.measure.value), self.currency

    @property
    def span(self) -> tuple[float, float]:
        """The least and the most that it can mean: durations in hours, with weekends and months of any length."""
        shortest, longest, extra = _HOURS.get(self.measure, (1, 1, 0))
        return self.low * shortest, self.high * longest + extra


#: Hours that one of a measure has at least and at most, and what weekends around it may add.
_HOURS = {
    Measure.HOURS: (1, 1, 0),
    Measure.DAYS: (24, 24, 0),
    Measure.BUSINESS_DAYS: (24, 24 * 7 / 5, 48),
    Measure.MONTHS: (28 * 24, 31 * 24, 0),
}
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
}  # fmt: skip
_EN = rf"\d{{1,4}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
_ZH = r"\d{1,4}|[一二两三四五六七八九十百]{1,5}"
_TO = r"\s*(?:-|–|—|~|～|to|or|至|到|或)\s*"

_DURATION = re.compile(
    rf"(?<![\w.,¥$€£])(?P<low>{_EN})(?:{_TO}(?P<high>{_EN}))?[\s-]*"
    r"(?P<business>(?:business|working|work)[\s-]*)?(?:calendar[\s-]*)?"
    r"(?P<unit>hours?|hrs?|days?|weeks?|months?|years?)\b"
    r"|\b(?P<one>an?|one)\s+(?P<unit1>hour|day|week|month|year)\b(?!\s+of)",
    re.IGNORECASE,
)
_ZH_DURATION = re.compile(
    rf"(?<![\d.月第周])(?P<low>{_ZH})(?:{_TO}(?P<high>{_ZH}))?\s*(?:个(?=[工自小钟星周]))?"
    r"(?P<unit>工作日|自然日|小时|钟头|天|日(?!期)|周(?!年)|星期|个月|年)"
)
_PERCENT = re.compile(
    r"(?<![\d.])(?P<low>\d{1,3})(?:\s*%?\s*(?:-|–|~|～|to|至|到)\s*(?P<high>\d{1,3}))?\s*(?:%|percent\b)"
    r"|百分之(?P<zh>[一二三四五六七八九十百]{1,4})",
    re.I,
)
_MONEY = re.compile(
    r"(?:(?P<sign>[¥$€£])|\b(?P<code>CNY|RMB|USD|EUR|GBP|HKD|JPY)\s?)(?P<a>\d[\d,]*(?:\.\d{1,2})?)"
    r"|(?<![\d.])(?P<b>\d[\d,]*(?:\.\d{1,2})?)\s*(?P<after>元|块钱?|人民币|CNY|RMB|USD|EUR|GBP|美元|欧元|dollars?|yuan)"
)
_CURRENCIES = {
    "¥": "CNY", "$": "USD", "€": "EUR", "£": "GBP", "RMB": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY",
    "人民币": "CNY", "美元": "USD", "欧元": "EUR", "dollar": "USD", "dollars": "USD", "yuan": "CNY",
}  # fmt: skip
_BETWEEN = re.compile(r"\bbetween\s+\w+\s+and\b", re.I)
_HALF_WIDTH = str.maketrans("０１２３４５６７８９％￥＄．，", "0123456789%¥$.,")
#: Unit → the measure, and how many of it one is.
_UNITS = {
    "hour": (Measure.HOURS, 1), "hr": (Measure.HOURS, 1), "小时": (Measure.HOURS, 1), "钟头": (Measure.HOURS, 1),
    "day": (Measure.DAYS, 1), "天": (Measure.DAYS, 1), "日": (Measure.DAYS, 1), "自然日": (Measure.DAYS, 1),
    "week": (Measure.DAYS, 7), "周": (Measure.DAYS, 7), "星期": (Measure.DAYS, 7),
    "month": (Measure.MONTHS, 1), "个月": (Measure.MONTHS, 1), "year": (Measure.MONTHS, 12), "年": (Measure.MONTHS, 12),
    "工作日": (Measure.BUSINESS_DAYS, 1),
}  # fmt: skip
_BEFORE = {
    Bound.AT_MOST: re.compile(
        r"(?:within|up\s+to|at\s+most|no\s+more\s+than|no\s+later\s+than|not\s+exceed(?:ing)?|under|below|less\s+than|"
        r"不超过|最多|最长|至多|低于|不足|不满|少于)\s*(?:the\s+first\s+)?$",
        re.I,
    ),
    Bound.AT_LEAST: re.compile(
        r"(?:at\s+least|from|over|above|more\s+than|minimum\s+of|exceed(?:s|ing)?|至少|最少|满|超过|高于|不低于)\s*$",
        re.I,
    ),
}
_AFTER = {
    Bound.AT_MOST: re.compile(r"^\s*(?:or\s+less|之内|以内|内(?!容)|以下|为限|封顶)", re.I),
    Bound.AT_LEAST: re.compile(r"^\s*(?:or\s+more|and\s+(?:up|above)|\+|以上|起(?!来))", re.I),
}


def half_width(text: str) -> str:
    """Digits and signs as figures are read, "between 8 and 30" as a range; every character stays where it was."""
    return _BETWEEN.sub(lambda match: match[0].replace("and", "to ", 1), text.translate(_HALF_WIDTH))


def figures(text: str) -> list[Figure]:
    """In the order in which they stand. ``text`` as :func:`half_width` leaves it."""
    found = [*_durations(text), *_percentages(text), *_amounts(text)]
    return sorted(found, key=lambda figure: figure.start)


def number(text: str) -> int | None:
    """``30``, ``thirty`` or ``三十``, up to 999."""
    if text.isascii():
        return int(text) if text.isdigit() else _WORDS.get(text.lower())
    total, digit = 0, 0
    for sign in text:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        elif sign in _ZH_DIGITS:
            digit = _ZH_DIGITS[sign]
        else:
            return None
    return total + digit


_ZH_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


def _durations(text: str) -> Iterator[Figure]:
    for pattern in (_DURATION, _ZH_DURATION):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            low = 1 if groups.get("one") else number(groups["low"] or "")
            high = number(groups.get("high") or "") if groups.get("high") else low
            unit = (groups.get("unit") or groups.get("unit1") or "").lower()
            if low is None or high is None or high < low or high > 1000:  # the year 2026 is no duration
                continue
            measure, times = _UNITS[unit.rstrip("s") if unit.isascii() else unit]
            if groups.get("business") and measure is Measure.DAYS:
                measure = Measure.BUSINESS_DAYS
            low, high = low * times, high * times
            if measure is Measure.HOURS and low % 24 == high % 24 == 0 and low:
                measure, low, high = Measure.DAYS, low // 24, high // 24
            yield _figure(text, match, measure, low, high)


def _percentages(text: str) -> Iterator[Figure]:
    for match in _PERCENT.finditer(text):
        low = number(match["low"] or match["zh"])
        high = int(match["high"]) if match["high"] else low
        if low is not None and high is not None and low <= high <= 100:
            yield _figure(text, match, Measure.PERCENT, low, high)


def _amounts(text: str) -> Iterator[Figure]:
    for match in _MONEY.finditer(text):
        named = match["sign"] or match["code"] or match["after"]
        value = int(Decimal((match["a"] or match["b"]).replace(",", "")) * 100)
        yield _figure(text, match, Measure.MONEY, value, value, _CURRENCIES.get(named, named))


def _figure(text: str, match: re.Match[str], measure: Measure, low: int, high: int, currency: str = "") -> Figure:
    before, after = text[max(0, match.start() - 30) : match.start()], text[match.end() : match.end() + 12]
    bound = next((bound for bound, pattern in _AFTER.items() if pattern.search(after)), Bound.NONE)
    bound = next((bound for bound, pattern in _BEFORE.items() if pattern.search(before)), bound)
    return Figure(measure, low, high, bound, currency, match.start(), match.end())
