"""Calendar dates, days named relative to now, and times of day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bots.expressions.folding import fold
from bots.expressions.numerals import parse_cjk

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_HAN_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_PATTERNS = [
    re.compile(r"(?<!\d)(?P<y>20\d{2})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?"),
    re.compile(rf"(?P<m>{_HAN_DAY})月(?P<d>{_HAN_DAY})[日号]?"),
    re.compile(rf"\b(?P<mon>{_MONTH})\.?\s+(?P<d>{_DAY})(?!\d)(?:,?\s+(?P<y>20\d{{2}}))?", re.IGNORECASE | re.ASCII),
    re.compile(
        rf"(?<!\d)(?P<d>{_DAY})\s+(?:of\s+)?(?P<mon>{_MONTH})\b\.?(?:,?\s+(?P<y>20\d{{2}}))?", re.IGNORECASE | re.ASCII
    ),
    re.compile(r"(?<![\d/])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?(?![\d/])"),
]
_RELATIVE = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "today": 0,
    "tonight": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "the day after tomorrow": 2,
    "tomorrow": 1,
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
}
_RELATIVE_WORDS = re.compile(
    "|".join(
        rf"\b{word}\b" if word.isascii() else re.escape(word) for word in sorted(_RELATIVE, key=len, reverse=True)
    ),
    re.IGNORECASE | re.ASCII,
)
_AGO = re.compile(
    r"(?P<n>\d{1,3}|one|two|three|four|five|six|seven|ten|a)\s+(?P<u>day|week)s?\s+ago"
    r"|(?<![过满有])(?P<zn>\d{1,3}|[一二两三四五六七八九十]+)(?P<zu>天|周|个星期)(?:以?前|(?=了))",
    re.IGNORECASE | re.ASCII,
)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAY = re.compile(
    rf"\b(?:(?P<dir>last|next|this)\s+)?(?P<name>{'|'.join(_WEEKDAYS)})s?\b"
    r"|(?P<zdir>上|下|本|这)?(?:个)?(?:周|星期|礼拜)(?P<zname>[一二三四五六日天])",
    re.IGNORECASE | re.ASCII,
)
_TIME = re.compile(
    r"(?<![\d:])(?P<h>[01]?\d|2[0-3]):(?P<min>[0-5]\d)(?!\d)(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?<!\d)(?P<h2>1[0-2]|0?[1-9])\s?(?P<half2>[ap])\.?m\b"
    r"|(?P<zhalf>上午|下午|早上|晚上|中午|凌晨)?(?P<h3>1\d|2[0-4]|\d"
    r"|[一二两三四五六七八九十]{1,3})点(?P<zmin>半|\d{1,2}分?)?"
    r"(?![击评赞子心])",
    re.IGNORECASE | re.ASCII,
)
# "21号已经发出". A size ("41号鞋") is followed by what it is the size of.
_DAY_ALONE = re.compile(r"(?<![\d月.-])(?P<d>[12]?\d|3[01])号(?=[已就发签下到寄送收退取上晚早])")
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_VAGUE = re.compile(
    r"\b(?:next|this|coming)\s+(?:week|weekend|month)\b|下个?(?:周|星期|月)(?![一二三四五六日天])|周末", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """``days`` are all calendar days that the wording may mean (``3/4`` means two); empty when no single day is named.

    ``weekday`` (Monday is 0) is set for a mere day of the week.
    """

    days: frozenset[date]
    start: int
    end: int
    weekday: int | None = None
    relative: bool = False


@dataclass(frozen=True, slots=True)
class TimeMention:
    minutes: int
    start: int
    end: int


def find_dates(text: str, today: date) -> list[DateMention]:
    """Every date in ``text``, from left to right and without overlaps. A date without a year takes the nearest one."""
    folded = fold(text)
    found = [*_calendar(folded, today), *_alone(folded, today), *_relative(folded, today), *_weekdays(folded, today)]
    found.extend(DateMention(frozenset(), m.start(), m.end(), relative=True) for m in _VAGUE.finditer(folded))
    kept: list[DateMention] = []
    for mention in sorted(found, key=lambda each: (each.start, each.start - each.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def find_times(text: str) -> list[TimeMention]:
    """Times of day as minutes after midnight."""
    found = []
    for match in _TIME.finditer(fold(text)):
        hour_text = match["h"] or match["h2"] or match["h3"]
        hour = int(hour_text) if hour_text.isdigit() else parse_cjk(hour_text)
        half = (match["half"] or match["half2"] or "").lower()
        if hour is None or match.group() in {"一点", "两点", "几点"}:  # "a bit", "two points"
            continue
        if (half == "p" or match["zhalf"] in {"下午", "晚上"}) and hour < 12:
            hour += 12
        elif half == "a" and hour == 12:
            hour = 0
        minute = 30 if match["zmin"] == "半" else int((match["min"] or match["zmin"] or "0").rstrip("分"))
        found.append(TimeMention(hour * 60 + minute, match.start(), match.end()))
    return found


def format_date(moment: datetime, language: str) -> str:
    """``11月3日`` or ``November 3``; in the moment's own time zone."""
    if language == "zh-hans":
        return f"{moment.month}月{moment.day}日"
    return f"{moment:%B} {moment.day}"


def format_date_with_year(moment: datetime, language: str) -> str:
    if language == "zh-hans":
        return f"{moment.year}年{format_date(moment, language)}"
    return f"{format_date(moment, language)}, {moment.year}"


def _calendar(text: str, today: date) -> list[DateMention]:
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            first = _MONTHS.index(groups["mon"][:3].lower()) + 1 if groups.get("mon") else _number(groups["m"])
            second = _number(re.sub(r"(?:st|nd|rd|th)$", "", groups["d"], flags=re.IGNORECASE | re.ASCII))
            year = int(groups["y"]) if groups.get("y") else None
            year = year + 2000 if year is not None and year < 100 else year
            pairs = {(first, second)}
            if "/" in match.group() and len(match.group().split("/")[0]) < 4:
                pairs.add((second, first))
            days = {day for month, number in pairs if (day := _day(year, month, number, today)) is not None}
            if days:
                found.append(DateMention(frozenset(days), match.start(), match.end()))
    return found


def _alone(text: str, today: date) -> list[DateMention]:
    """Days without a month, of the month behind, of this one or of the next."""
    around = {(day.year, day.month) for day in (today - timedelta(31), today, today + timedelta(31))}
    found = []
    for match in _DAY_ALONE.finditer(text):
        days = {_day(year, month, int(match["d"]), today) for year, month in around} - {None}
        found.append(DateMention(frozenset(day for day in days if day), match.start(), match.end()))
    return found


def _relative(text: str, today: date) -> list[DateMention]:
    found = [
        DateMention(frozenset({today + timedelta(_RELATIVE[m.group().lower()])}), m.start(), m.end(), relative=True)
        for m in _RELATIVE_WORDS.finditer(text)
    ]
    for match in _AGO.finditer(text):
        word = (match["n"] or match["zn"]).lower()
        number = int(word) if word.isdigit() else (_NUMBERS.get(word) or parse_cjk(word) or 0)
        unit = 1 if (match["u"] or "").lower() == "day" or match["zu"] == "天" else 7
        day = today - timedelta(number * unit)
        found.append(DateMention(frozenset({day}), match.start(), match.end(), relative=True))
    return found


def _weekdays(text: str, today: date) -> list[DateMention]:
    found = []
    for match in _WEEKDAY.finditer(text):
        name = match["name"]
        wanted = _WEEKDAYS.index(name.lower()) if name else "一二三四五六日天".index(match["zname"]) % 7
        wanted = 6 if match["zname"] == "天" else wanted
        direction = (match["dir"] or match["zdir"] or "").lower()
        behind = (today.weekday() - wanted) % 7 or 7
        ahead = (wanted - today.weekday()) % 7 or 7
        day = today + timedelta(ahead) if direction in {"next", "下"} else today - timedelta(behind)
        days = frozenset({day}) if direction else frozenset()
        found.append(DateMention(days, match.start(), match.end(), weekday=wanted, relative=True))
    return found


def _number(text: str) -> int:
    return int(text) if text.isdigit() else (parse_cjk(text) or 0)


def _day(year: int | None, month: int, number: int, today: date) -> date | None:
    years = [year] if year is not None else [today.year - 1, today.year, today.year + 1]
    days = []
    for candidate in years:
        try:
            days.append(date(candidate, month, number))
        except ValueError:
            continue
    return min(days, key=lambda day: abs((day - today).days)) if days else None
