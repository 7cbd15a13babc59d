"""How many of last month's orders and requests a rule is about, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.policies.services.touching import Touched


@dataclass(frozen=True, slots=True)
class TouchedView:
    """``requests`` is empty where no shopper asked for anything in that time."""

    orders: str
    requests: str
    sample: str


def touched_view(counted: Touched) -> TouchedView:
    return TouchedView(orders=_orders(counted), requests=_requests(counted), sample=_sample(counted))


def _orders(counted: Touched) -> str:
    if not counted.all_orders:
        return _("No orders in the last 30 days")
    said = ngettext(
        "%(n)s of the last 30 days' %(of)s order, if asked today",
        "%(n)s of the last 30 days' %(of)s orders, if asked today",
        counted.of_orders,
    )
    return said % {"n": _number(counted.orders), "of": _number(counted.of_orders)}


def _requests(counted: Touched) -> str:
    if not counted.of_requests:
        return ""
    said = ngettext("decides %(n)s of %(of)s request", "decides %(n)s of %(of)s requests", counted.of_requests)
    return said % {"n": _number(counted.requests), "of": _number(counted.of_requests)}


def _sample(counted: Touched) -> str:
    if not counted.sampled:
        return ""
    if not counted.all_requests:
        return _("a sample of %(orders)s orders") % {"orders": _number(counted.all_orders)}
    named = {"orders": _number(counted.all_orders), "requests": _number(counted.all_requests)}
    return _("a sample of %(orders)s orders and %(requests)s requests") % named


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)
