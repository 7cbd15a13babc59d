"""Orders: the list, and one of them with everything that happened to it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from cs_portal.commerce.cards import product_card
from cs_portal.commerce.listing import currencies_of_orders, orders_matching, storefronts_of_orders
from cs_portal.commerce.models import Order, OrderStatus
from cs_portal.commerce.selectors import products_named
from cs_portal.console.forms.commerce import order_filter
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.pictures import with_pictures
from cs_portal.console.presenters.orders import order_page, order_row
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.console.views.commerce.order_state import actions_context, order_history
from cs_portal.conversations.models import Conversation
from cs_portal.core.errors import NotFound
from cs_portal.merchants.selectors import storefront_names

#: Conversations beside an order; older ones are found from the shopper.
SHOWN_CONVERSATIONS = 8


@require_safe
@member_view
def orders(request: ConsoleRequest) -> HttpResponse:
    wanted = order_filter(request.GET)
    rows = orders_matching(wanted)
    page = page_of(rows, request=request, by=("-placed_at", "-id"))
    names = storefront_names()
    context = {
        "section": "commerce",
        "tab": "orders",
        "wanted": wanted,
        "narrowed": any(getattr(wanted, name) for name in wanted.__slots__),
        "count": capped_count(rows),
        "page": page,
        "rows": [order_row(order, names) for order in page.rows],
        "statuses": OrderStatus.choices,
        "storefronts": [(slug, names.get(slug, slug)) for slug in storefronts_of_orders()],
        "currencies": currencies_of_orders(),
    }
    return render(request, "console/commerce/orders.html", context)


@require_safe
@member_view
@with_pictures
def order(request: ConsoleRequest, order_id: UUID) -> HttpResponse:
    rows = Order.objects.select_related("shopper")
    row = rows.prefetch_related("lines", "payments", "refunds", "shipments").filter(public_id=order_id).first()
    if row is None:
        raise NotFound
    named = products_named(external_ids=[line.product for line in row.lines.all()])
    cards = {each.external_id: product_card(each, locale=get_language() or "en") for each in named}
    conversations = Conversation.objects.filter(shopper=row.shopper).order_by("-last_message_at", "-id")
    context = {
        "section": "commerce",
        "tab": "orders",
        "order": row,
        "view": order_page(row, products=cards, storefronts=storefront_names()),
        "timeline": order_history(row),
        **actions_context(row, member=request.member),
        "conversations": list(conversations[:SHOWN_CONVERSATIONS]),
    }
    return render(request, "console/commerce/order.html", context)
