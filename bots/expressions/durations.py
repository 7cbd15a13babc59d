"""Spans of time (``3-5 business days``, ``七天内``) and percentages (``20% off``, ``八折``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bots.expressions.folding import fold
from bots.expressions.numerals import CJK_NUMERALS, DIGITS, ENGLISH_WORDS, QUANTITY, parse_quantity

_ENGLISH_UNITS = {
    "business day": ("business day", 1),
    "working day": ("business day", 1),
    "weekday": ("business day", 1),
    "minute": ("minute", 1),
    "min": ("minute", 1),
    "hour": ("hour", 1),
    "hr": ("hour", 1),
    "calendar day": ("hour", 24),
    "day": ("hour", 24),
    "night": ("hour", 24),
    "week": ("hour", 168),
    "fortnight": ("hour", 336),
    "month": ("month", 1),
    "year": ("month", 12),
}
_CHINESE_UNITS = {
    "个工作日": ("business day", 1),
    "工作日": ("business day", 1),
    "个工作天": ("business day", 1),
    "分钟": ("minute", 1),
    "个小时": ("hour", 1),
    "小时": ("hour", 1),
    "个钟头": ("hour", 1),
    "个自然日": ("hour", 24),
    "自然日": ("hour", 24),
    "天": ("hour", 24),
    "日内": ("hour", 24),
    "日之内": ("hour", 24),
    "日无理由": ("hour", 24),
    "周": ("hour", 168),
    "个星期": ("hour", 168),
    "星期": ("hour", 168),
    "个礼拜": ("hour", 168),
    "个月": ("month", 1),
    "年": ("month", 12),
}
_UNITS = _ENGLISH_UNITS | _CHINESE_UNITS
_RANGE = r"\s*(?:-|–|—|~|to|or|and|至|到|或)\s*"
_EN = "|".join(name.replace(" ", r"[-\s]") for name in sorted(_ENGLISH_UNITS, key=len, reverse=True))
_ZH = "|".join(sorted(_CHINESE_UNITS, key=len, reverse=True))
_DURATION = re.compile(
    rf"(?<![\d.])(?<!\d,)(?:(?P<low>{QUANTITY}){_RANGE})?(?P<high>{QUANTITY}|\ban?\b|半)\s?-?(?P<few>\s?full)?\s*"
    rf"(?P<unit>(?:{_EN})s?(?![a-z])|{_ZH})",
    re.IGNORECASE | re.ASCII,
)
_PERCENT = re.compile(
    rf"(?P<percent>{DIGITS}|\b{ENGLISH_WORDS})\s?(?:%|percent\b|per cent\b)"
    rf"|百分之(?P<hundredths>{DIGITS}|{CJK_NUMERALS})|(?<!\d)(?P<zhe>\d{{1,2}}(?:\.\d)?"
    rf"|[一二三四五六七八九]{{1,2}})折",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DurationMention:
    """``value`` counts ``unit``: minute, hour, business day or month (days and weeks are hours, years are months)."""

    value: Decimal
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PercentMention:
    value: Decimal
    start: int
    end: int


def find_durations(text: str) -> list[DurationMention]:
    """Every span of time; a range gives its two ends, both over the whole wording."""
    folded = fold(text)
    found = []
    for match in _DURATION.finditer(folded):
        if match["high"].lower() in {"a", "an"} and not _article_counts(match["unit"]):
            continue
        name = re.sub(r"[-\s]+", " ", match["unit"].lower())
        unit, factor = _UNITS.get(name) or _UNITS[name.removesuffix("s")]
        for part in (match["low"], match["high"]):
            value = _count(part)
            if value is not None:
                found.append(DurationMention(value * factor, unit, match.start(), match.end()))
    return found


def find_percentages(text: str) -> list[PercentMention]:
    """Every percentage. ``八折`` is read as 20 (per cent off)."""
    found = []
    for match in _PERCENT.finditer(fold(text)):
        if match["zhe"]:
            found.append(PercentMention(_percent_off(match["zhe"]), match.start(), match.end()))
            continue
        value = parse_quantity(match["percent"] or match["hundredths"])
        if value is not None:
            found.append(PercentMention(value, match.start(), match.end()))
    return found


def _percent_off(zhe: str) -> Decimal:
    value = parse_quantity(zhe) or Decimal(0)
    paid = value if value >= 10 else value * 10
    return Decimal(100) - paid


def _article_counts(unit: str) -> bool:
    """``a week`` is a duration; ``a day`` and ``a night`` are mostly not ("have a nice day", "what a day")."""
    return not unit.lower().startswith(("day", "night", "min"))


def _count(text: str | None) -> Decimal | None:
    if text is None:
        return None
    if text.lower() in {"a", "an"}:
        return Decimal(1)
    return Decimal("0.5") if text == "半" else parse_quantity(text)
