"""Finding a card for a reply: products by their words, the shopper's own orders by number; unasked, what fits."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from cs_portal.commerce.listing import ProductFilter, products_matching
from cs_portal.commerce.models import Shopper
from cs_portal.commerce.selectors import orders_of
from cs_portal.console.pictures import with_pictures
from cs_portal.console.presenters.card_choices import card_choices
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.conversations.selectors import conversation
from cs_portal.recommendations.selectors import recommend

FOUND_PRODUCTS, FOUND_ORDERS, OFFERED = 6, 3, 3
#: Forms that cards can be chosen for.
FORMS = ("decision", "composer")


@require_safe
@member_view
@with_pictures
def cards_found(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """A list of boxes, none ticked. ``?form=`` names the form on the page that they belong to."""
    shopper = conversation(public_id=conversation_id).shopper
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context = {
        "choices": card_choices(_references(shopper, words), shopper=shopper, chosen=()),
        "form_id": request.GET.get("form") if request.GET.get("form") in FORMS else FORMS[0],
        "words": words,
        "section": "inbox",
    }
    return render(request, "console/commerce/cards_found.html", context)


def _references(shopper: Shopper, words: str) -> list[dict[str, str]]:
    orders = orders_of(shopper=shopper) if shopper.is_identified else None
    if not words:
        offers = recommend(shopper=shopper, locale=get_language() or "en", limit=OFFERED, now=timezone.now())
        products = [offer.product for offer in offers]
        recent = orders[:1] if orders is not None else []
    else:
        active = ProductFilter(words=words, status="active")
        products = list(products_matching(active).order_by("-id")[:FOUND_PRODUCTS])
        recent = orders.filter(number__icontains=words.removeprefix("#"))[:FOUND_ORDERS] if orders is not None else []
    return [
        *({"kind": "order", "number": order.number} for order in recent),
        *({"kind": "product", "id": product.external_id} for product in products),
    ]
