"""Amounts of money: wording one for a customer, and finding those that somebody wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bots.expressions.folding import fold
from bots.expressions.numerals import CJK_NUMERALS, DIGITS, ENGLISH_WORDS, parse_quantity

#: Decimal places of ISO 4217 where they are not two.
_PLACES = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
_SYMBOLS = {"CNY": "¥", "JPY": "JP¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"} | {
    "AUD": "A$",
    "CAD": "C$",
    "SGD": "S$",
    "NZD": "NZ$",
}
_DOLLARS = frozenset({"USD", "AUD", "CAD", "SGD", "NZD", "HKD", "TWD"})

#: What a sign or word may mean; a bare ¥ or $ means any currency that is written so.
_MEANINGS: dict[str, frozenset[str]] = {
    "¥": frozenset({"CNY", "JPY"}),
    "$": _DOLLARS,
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "₩": frozenset({"KRW"}),
    "us$": frozenset({"USD"}),
    "cn¥": frozenset({"CNY"}),
    **{symbol.lower(): frozenset({code}) for code, symbol in _SYMBOLS.items() if len(symbol) > 1},
    **dict.fromkeys(("cny", "rmb", "yuan", "元", "元钱", "块", "块钱", "人民币"), frozenset({"CNY"})),
    **dict.fromkeys(("usd", "美元", "美金"), frozenset({"USD"})),
    **dict.fromkeys(("dollar", "dollars", "buck", "bucks"), _DOLLARS),
    **dict.fromkeys(("eur", "euro", "euros", "欧元"), frozenset({"EUR"})),
    **dict.fromkeys(("gbp", "pound", "pounds", "quid", "英镑"), frozenset({"GBP"})),
    **dict.fromkeys(("jpy", "yen", "日元", "円"), frozenset({"JPY"})),
    **dict.fromkeys(("hkd", "港币", "港元"), frozenset({"HKD"})),
    **dict.fromkeys(("krw", "won", "韩元"), frozenset({"KRW"})),
    **{code.lower(): frozenset({code}) for code in ("AUD", "CAD", "SGD", "NZD", "TWD")},
}


def _alternatives(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_LATIN_WORDS = _alternatives([name for name in _MEANINGS if name.isascii() and name.isalpha()])
_SIGNS = _alternatives([name for name in _MEANINGS if not name.isalnum()])
_HAN = _alternatives([name for name in _MEANINGS if not name.isascii() and name.isalpha()])
_AMOUNT = re.compile(
    rf"(?:(?P<sign>{_SIGNS}|(?<![a-z])(?:cny|rmb|usd|eur|gbp|jpy|hkd|aud|cad|sgd|krw|twd|nzd)"
    rf"|人民币)\s?(?P<after>{DIGITS}))"
    rf"|(?:(?<![\d.])(?<!\d,)(?P<before>{DIGITS}|{CJK_NUMERALS}|\b{ENGLISH_WORDS})\s?-?"
    rf"(?P<unit>(?:{_LATIN_WORDS})(?![a-z])|{_SIGNS}|{_HAN}))",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class AmountMention:
    """``value`` is in major units; ``currencies`` are those that the wording may mean."""

    value: Decimal
    currencies: frozenset[str]
    start: int
    end: int


def places(currency: str) -> int:
    """Decimal places of the currency's minor unit: 2 for CNY, 0 for JPY."""
    return _PLACES.get(currency.upper(), 2)


def major_units(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-places(currency))


def format_amount(minor: int, currency: str) -> str:
    """``8600, "CNY"`` is ``¥86.00``; ``1200, "JPY"`` is ``JP¥1,200``; an unknown currency is named by its code."""
    code = currency.upper()
    number = f"{abs(major_units(minor, code)):,.{places(code)}f}"
    sign = "-" if minor < 0 else ""
    symbol = _SYMBOLS.get(code)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{code} {number}"


def find_amounts(text: str) -> list[AmountMention]:
    """Every amount with its currency, in digits, Chinese numerals or English words, from left to right."""
    found = []
    for match in _AMOUNT.finditer(fold(text)):
        number = match["after"] or match["before"]
        value = parse_quantity(number)
        if value is not None:
            name = (match["sign"] or match["unit"]).lower()
            found.append(AmountMention(value, _MEANINGS[name], match.start(), match.end()))
    return found
