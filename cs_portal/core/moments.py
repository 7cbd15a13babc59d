"""Which moments a request may name: at the very edges of the calendar, time zones leave what Python can hold."""

from __future__ import annotations

from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2200


def is_sensible(day: date) -> bool:
    """Of a date or a datetime."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
