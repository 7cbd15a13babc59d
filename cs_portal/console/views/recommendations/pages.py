"""Reading: the overview, and trying what would be recommended."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from cs_portal.commerce.cards import title_in
from cs_portal.commerce.listing import ProductFilter, products_matching
from cs_portal.commerce.models import Product, Shopper
from cs_portal.console.forms.recommendations import ExcludeForm
from cs_portal.console.paging import capped_count
from cs_portal.console.pictures import with_pictures
from cs_portal.console.presenters.products import ProductRow, product_row
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.presenters.recommendations import exclusion_rows, offers, pair_rows, pin_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.recommendations.selectors import best_pairs, exclusions, last_refresh, pins, recommend

SHOWN_PAIRS, FOUND, TRIED = 30, 8, 6


@require_safe
@member_view
def recommendations(request: ConsoleRequest) -> HttpResponse:
    return overview(request, ExcludeForm())


def overview(request: ConsoleRequest, form: ExcludeForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    """The page, also after an exclusion that was refused."""
    pairs = best_pairs()
    context = {
        "section": "recommendations",
        "tab": "overview",
        "pairs": pair_rows(pairs[:SHOWN_PAIRS]),
        "pairs_count": capped_count(pairs),
        "pins": pin_rows(pins()),
        "exclusions": exclusion_rows(exclusions()),
        "refresh": last_refresh(),
        "form": form,
        **found_products(request),
    }
    return render(request, "console/recommendations/overview.html", context, status=status)


@require_safe
@member_view
@with_pictures
def recommendations_try(request: ConsoleRequest) -> HttpResponse:
    """``?shopper=`` and ``?product=`` are the shop's own ids; both may be left out."""
    shopper, product = _named(request)
    language = get_language() or "en"
    found = recommend(
        shopper=shopper, products=[product] if product else [], locale=language, limit=TRIED, now=timezone.now()
    )
    context = {
        "section": "recommendations",
        "tab": "try",
        "shopper": shopper,
        "shopper_name": shopper_name(shopper) if shopper else "",
        "product": product,
        "product_title": title_in(product, language) if product else "",
        "offers": offers(found),
        "unknown_shopper": bool(request.GET.get("shopper")) and shopper is None,
        "unknown_product": bool(request.GET.get("product")) and product is None,
    }
    return render(request, "console/recommendations/try.html", context)


def _named(request: ConsoleRequest) -> tuple[Shopper | None, Product | None]:
    """By id, a shopper also by e-mail, a product also by words that fit one alone."""
    who, what = (request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("shopper", "product"))
    shopper = (Shopper.objects.filter(external_id=who).first() or _by_email(who)) if who else None
    product = Product.objects.filter(external_id=what).first() if what else None
    if what and product is None:
        fitting = list(products_matching(ProductFilter(words=what)).order_by("-id")[:2])
        product = fitting[0] if len(fitting) == 1 else None
    return shopper, product


def _by_email(email: str) -> Shopper | None:
    rows = Shopper.objects.filter(search__contains=email.lower(), email__iexact=email, external_id__isnull=False)
    return rows.order_by("-id").first() if "@" in email else None


def found_products(request: ConsoleRequest) -> dict[str, Any]:
    """Products for a pin, by the words of ``?pick=``."""
    words = request.GET.get("pick", "").strip()[:100]
    rows: list[ProductRow] = []
    if words:
        matching = products_matching(ProductFilter(words=words)).order_by("-id")
        rows = [product_row(product) for product in matching[:FOUND]]
    return {"pick": words, "picked": rows}
