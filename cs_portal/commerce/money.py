"""Amounts as people read them. Arithmetic stays in minor units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from cs_portal.core.currencies import MINOR_DIGITS

SYMBOLS = {"CNY": "¥", "JPY": "JP¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}
#: How many decimal digits a currency's minor unit has; two where it is unknown.
EXPONENTS = MINOR_DIGITS


def format_minor(amount_minor: int, currency: str) -> str:
    """``8600, "CNY"`` → ``¥86.00``; an unknown currency is named by its code."""
    digits = MINOR_DIGITS.get(currency, 2)
    text = f"{Decimal(amount_minor).scaleb(-digits):,.{digits}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{currency} {text}"


_CODED = re.compile(rf"\b({'|'.join(SYMBOLS)}) (-?)(\d+(?:\.\d+)?)")


def with_symbols(text: str) -> str:
    """``CNY 1599.00`` within a sentence of the rules as :func:`format_minor` writes it: ``¥1,599.00``."""

    def written(found: re.Match[str]) -> str:
        code, sign, number = found.groups()
        return f"{sign}{SYMBOLS[code]}{Decimal(number):,}"

    return _CODED.sub(written, text)


def decimal_text(amount_minor: int, currency: str) -> str:
    """``8600, "CNY"`` → ``86.00``, ``4300, "JPY"`` → ``4300``: as other systems' interfaces want amounts."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


#: More digits than any amount: a short text can name a number that fills the memory.
_MOST_DIGITS = 20


def minor_from_decimal(text: str, currency: str) -> int:
    """The inverse of :func:`decimal_text`; raises ``ValueError`` for no number, or digits that the currency lacks."""
    try:
        amount = Decimal(text).scaleb(MINOR_DIGITS.get(currency, 2))
    except ArithmeticError:
        raise ValueError(text) from None
    if not amount.is_finite() or amount.adjusted() >= _MOST_DIGITS or amount != amount.to_integral_value():
        raise ValueError(text)
    return int(amount)


#: Where amounts are cut in two to be added up.
_CUT = 1_000_000


def sum_parts(name: str, field: str) -> dict[str, Sum]:
    """Annotations that add up ``field`` in two halves: SQLite fails where a sum leaves 64 bits. See ``sum_of``."""
    return {f"{name}_high": Sum(F(field) / _CUT, default=0), f"{name}_low": Sum(F(field) % _CUT, default=0)}


def sum_of(row: Mapping[str, Any], name: str) -> int:
    """The exact sum from a row with the annotations of :func:`sum_parts`."""
    return int(row[f"{name}_high"]) * _CUT + int(row[f"{name}_low"])
