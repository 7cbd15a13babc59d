"""The filters of the lists of products, orders and shoppers. What cannot be read narrows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from cs_portal.commerce.listing import WAITING_ACTIONS, OrderFilter, ProductFilter, ShopperFilter

Query = Mapping[str, Any]


def product_filter(query: Query) -> ProductFilter:
    return ProductFilter(
        words=_text(query, "q"),
        category=_text(query, "category"),
        status=_text(query, "status"),
        stock=_text(query, "stock"),
    )


def order_filter(query: Query) -> OrderFilter:
    """Days are the merchant's; ``until`` includes its own day."""
    until = _day(query, "until")
    action = _text(query, "action")
    return OrderFilter(
        words=_text(query, "q"),
        status=_text(query, "status"),
        storefront=_text(query, "storefront"),
        currency=_text(query, "currency"),
        product=_text(query, "product"),
        action=action if action in WAITING_ACTIONS else "",
        since=_midnight(_day(query, "since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def shopper_filter(query: Query) -> ShopperFilter:
    kind = _text(query, "kind")
    return ShopperFilter(
        words=_text(query, "q"),
        kind=kind if kind in {"anonymous", "all"} else "identified",
        locale=_text(query, "locale"),
    )


def _text(query: Query, name: str) -> str:
    return str(query.get(name, "")).replace("\x00", "").strip()[:100]


def _day(query: Query, name: str) -> date | None:
    try:
        day = parse_date(_text(query, name))
    except ValueError:
        return None
    return day if day and 1970 <= day.year <= 2200 else None


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
