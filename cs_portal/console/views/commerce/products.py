"""Products: the list, and one of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cs_portal.commerce.listing import categories, orders_with, product_statuses, products_matching
from cs_portal.commerce.models import Product
from cs_portal.commerce.pictures import web_address
from cs_portal.console.forms.commerce import product_filter
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.pictures import with_pictures
from cs_portal.console.presenters.products import STATUSES, product_row, variant_rows
from cs_portal.console.presenters.recommendations import pair_rows, pin_rows
from cs_portal.console.presenters.wording import word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.console.views.recommendations.pages import found_products
from cs_portal.recommendations.selectors import excluded, pairs_of, pins


@require_safe
@member_view
@with_pictures
def products(request: ConsoleRequest) -> HttpResponse:
    wanted = product_filter(request.GET)
    rows = products_matching(wanted)
    page = page_of(rows, request=request, by=("-id",))
    context = {
        "section": "commerce",
        "tab": "products",
        "wanted": wanted,
        "narrowed": any((wanted.words, wanted.category, wanted.status, wanted.stock)),
        "count": capped_count(rows),
        "page": page,
        "rows": [product_row(product) for product in page.rows],
        "categories": categories(),
        "statuses": [(status, word(STATUSES, status)) for status in product_statuses()],
    }
    return render(request, "console/commerce/products.html", context)


@require_safe
@member_view
@with_pictures
def product(request: ConsoleRequest, product_id: UUID) -> HttpResponse:
    row = Product.by_public_id(product_id)
    variants = list(row.variants.all())
    context = {
        "section": "commerce",
        "tab": "products",
        "product": row,
        "row": product_row(row),
        "url": web_address(row.url),
        "variants": variant_rows(variants),
        "orders": capped_count(orders_with(row)),
        "pairs": pair_rows(pairs_of(row)[:8]),
        "pins": pin_rows(pins().filter(product=row)),
        "is_excluded": excluded().covers(row),
        **found_products(request),
    }
    return render(request, "console/commerce/product.html", context)
