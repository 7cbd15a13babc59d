"""Numbers in digits and in words."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ENGLISH = {word: value for value, word in enumerate(_ONES)} | _TENS
_TEEN_OR_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
ENGLISH_WORDS = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|(?:{_TEEN_OR_ONE}|a)\s+hundred"
    rf"|(?:{_TEEN_OR_ONE}))"
)

_CJK_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_CJK_UNITS = {"十": 10, "百": 100, "千": 1000}
#: Bounded, so that a run of thousands of them is no work for thousands of matches.
CJK_NUMERALS = r"[零〇一二两三四五六七八九十百千万]{1,9}"

#: A quantity in any of the three ways; case-insensitive patterns only.
QUANTITY = rf"(?:{DIGITS}|{CJK_NUMERALS}|\b{ENGLISH_WORDS}\b)"


def parse_cjk(text: str) -> int | None:
    """The value of a Chinese numeral such as ``三百二十`` or ``二〇二六``; ``None`` when it is not one."""
    if not text or re.fullmatch(CJK_NUMERALS, text) is None:
        return None
    if not any(char in _CJK_UNITS or char == "万" for char in text):
        return int("".join(str(_CJK_DIGITS[char]) for char in text))
    total, section, digit = 0, 0, None
    for char in text:
        if char == "万":
            total = (total + section + (digit or 0)) * 10_000
            section, digit = 0, None
        elif char in _CJK_UNITS:
            section += (1 if digit is None else digit) * _CJK_UNITS[char]
            digit = None
        else:
            digit = _CJK_DIGITS[char]
    return total + section + (digit or 0)


def parse_english(text: str) -> int | None:
    """The value of ``seven``, ``forty-two`` or ``two hundred``; ``None`` when it is not a number word."""
    words = re.split(r"[-\s]+", text.strip().lower())
    if words[-1] == "hundred" and len(words) == 2:
        first = 1 if words[0] == "a" else _ENGLISH.get(words[0])
        return None if first is None else first * 100
    values = [_ENGLISH.get(word) for word in words]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def parse_quantity(text: str) -> Decimal | None:
    """The value of a match of :data:`QUANTITY`."""
    if re.fullmatch(DIGITS, text):
        return Decimal(text.replace(",", ""))
    value = parse_cjk(text)
    if value is None:
        value = parse_english(text)
    return None if value is None else Decimal(value)
