"""Shoppers: the list, and one of them with their history."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cs_portal.commerce.listing import REFUND_WINDOW, figures_of, refunds_since, shoppers_matching
from cs_portal.commerce.models import PaymentMethod, Shopper
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import orders_of
from cs_portal.console.forms.commerce import shopper_filter
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.presenters.orders import order_row, shopper_row
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.conversations.models import Conversation
from cs_portal.merchants.models import Locale
from cs_portal.merchants.selectors import storefront_names

SHOWN_ORDERS, SHOWN_CONVERSATIONS = 20, 20


@require_safe
@member_view
def shoppers(request: ConsoleRequest) -> HttpResponse:
    wanted = shopper_filter(request.GET)
    rows = shoppers_matching(wanted)
    page = page_of(rows, request=request, by=("-created_at", "-id"))
    figures = figures_of(page.rows)
    context = {
        "section": "commerce",
        "tab": "shoppers",
        "wanted": wanted,
        "narrowed": bool(wanted.words or wanted.locale or wanted.kind != "identified"),
        "count": capped_count(rows),
        "page": page,
        "rows": [shopper_row(shopper, figures.get(shopper.pk)) for shopper in page.rows],
        "locales": Locale.choices,
    }
    return render(request, "console/commerce/shoppers.html", context)


@require_safe
@member_view
def shopper(request: ConsoleRequest, shopper_id: UUID) -> HttpResponse:
    row = Shopper.by_public_id(shopper_id)
    refunds = refunds_since(shopper=row, since=timezone.now() - REFUND_WINDOW)
    names = storefront_names()
    conversations = Conversation.objects.filter(shopper=row).order_by("-last_message_at", "-id")
    context = {
        "section": "commerce",
        "tab": "shoppers",
        "shopper": row,
        "row": shopper_row(row, figures_of([row]).get(row.pk)),
        "orders": [order_row(order, names) for order in orders_of(shopper=row)[:SHOWN_ORDERS]],
        "conversations": list(conversations[:SHOWN_CONVERSATIONS]),
        "refunds": [(each, format_minor(each.amount_minor, each.order.currency)) for each in refunds],
        "methods": _methods(row),
    }
    return render(request, "console/commerce/shopper.html", context)


def _methods(row: Shopper) -> list[tuple[str, str]]:
    """The ways in which the shopper can pay, with the shop's own ids."""
    known = dict(PaymentMethod.choices)
    return [
        (str(known.get(each.get("method", ""), each.get("method", ""))), str(each.get("id", "")))
        for each in row.payment_methods
        if isinstance(each, dict)
    ]
