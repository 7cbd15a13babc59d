"""Money in whole minor units: digits of a currency, and shares that add up to the cent. No floats anywhere."""

from __future__ import annotations

from collections.abc import Sequence

#: Amounts above this are refused: the largest integer that every JSON reader keeps exact (RFC 8259, section 6).
MAX_MINOR = 2**53 - 1

_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
_TWO_DIGITS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)

#: ISO 4217: how many decimal digits the minor unit of each currency has.
MINOR_DIGITS: dict[str, int] = {
    code: digits
    for codes, digits in ((_NO_MINOR_UNIT, 0), (_TWO_DIGITS, 2), (_THREE_DIGITS, 3), (_FOUR_DIGITS, 4))
    for code in codes.split()
}


class UnknownCurrency(ValueError):
    """The code is not one of ISO 4217's."""


def minor_digits(currency: str) -> int:
    """Decimal digits of the currency's minor unit; raises `UnknownCurrency`."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def format_money(amount_minor: int, currency: str) -> str:
    """An amount for a trace: ``CNY 43.00``, ``JPY 4300``. Raises `UnknownCurrency`."""
    digits = minor_digits(currency)
    sign = "-" if amount_minor < 0 else ""
    units = str(abs(amount_minor)).rjust(digits + 1, "0")
    if digits == 0:
        return f"{currency} {sign}{units}"
    return f"{currency} {sign}{units[:-digits]}.{units[-digits:]}"


def apportion(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `total` by `weights` with the largest remainder method (Hamilton); ties go to the earlier share.

    The shares add up to `total` exactly, and no share differs from its exact quota by a whole unit. Weights that are
    all zero share equally. Raises `ValueError` on a negative number, or on a total that nobody is there to take.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("shares of negative amounts are not defined")
    if not weights:
        if total:
            raise ValueError("nobody is there to take a share")
        return ()
    used = weights if any(weights) else [1] * len(weights)
    whole = sum(used)
    shares = [total * weight // whole for weight in used]
    by_remainder = sorted(range(len(used)), key=lambda index: (-(total * used[index] % whole), index))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return tuple(shares)


def pieces_value(value: int, quantity: int, *, after: int, count: int) -> int:
    """What `count` of a line's `quantity` pieces are worth once `after` pieces were settled before.

    Differences of cumulative floors: whatever the steps, all pieces together give `value` exactly, and an early piece
    never gets the odd unit that a later one is due.
    """
    return value * (after + count) // quantity - value * after // quantity
