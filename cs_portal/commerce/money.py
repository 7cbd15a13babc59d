"""Amounts as people read them. Arithmetic stays in minor units."""

from __future__ import annotations

from decimal import Decimal

SYMBOLS = {"CNY": "¥", "JPY": "JP¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}
#: Currencies whose minor unit is not a hundredth (ISO 4217).
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3}


def format_minor(amount_minor: int, currency: str) -> str:
    """``8600, "CNY"`` → ``¥86.00``; an unknown currency is named by its code."""
    digits = EXPONENTS.get(currency, 2)
    amount = Decimal(amount_minor).scaleb(-digits)
    text = f"{amount:,.{digits}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{currency} {text}"
