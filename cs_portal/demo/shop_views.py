"""Pages of the demo shop, a merchant's site that carries the chat."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from cs_portal.demo import selectors, shop_presenters
from cs_portal.demo.catalogue import label
from cs_portal.demo.pictures import picture as drawn_picture
from cs_portal.demo.shop_request import (
    SHOPPER_COOKIE,
    SHOPPER_COOKIE_AGE,
    ShopRequest,
    basket,
    keep_basket,
    page,
    shop_page,
)

HERO_PICTURES = ("v-101-1", "v-501-2", "v-802-1", "v-106-1")
BASKET_MOST = 20


@require_safe
@shop_page
def home(request: ShopRequest) -> HttpResponse:
    return page(
        request,
        "demo/home.html",
        hero=[shop_presenters.picture_url(variant_id) for variant_id in HERO_PICTURES],
        rooms=_rooms(request.locale),
        cards=[shop_presenters.card(product, request.locale) for product in selectors.featured_products()],
    )


def _rooms(locale: str) -> list[tuple[str, str, str]]:
    """Code, name and picture of each category."""
    first = {product.category: product for product in reversed(selectors.products())}
    return [
        (code, label("category", code, locale), shop_presenters.card(first[code], locale).picture)
        for code in selectors.categories()
        if code in first
    ]


@require_safe
@shop_page
def category(request: ShopRequest, code: str) -> HttpResponse:
    if code != "all" and code not in selectors.categories():
        raise Http404
    rows = selectors.products(category=None if code == "all" else code)
    cards = [shop_presenters.card(product, request.locale) for product in rows]
    name = "" if code == "all" else label("category", code, request.locale)
    return page(request, "demo/category.html", cards=cards, code=code, category_name=name)


@require_safe
@shop_page
def product(request: ShopRequest, external_id: str) -> HttpResponse:
    row = selectors.product(external_id=external_id)
    if row is None:
        raise Http404
    variants = {variant.external_id: variant for variant in row.variants.all()}
    in_stock = (variant for variant in variants.values() if variant.stock)
    current = variants.get(request.GET.get("variant", "")) or next(in_stock, next(iter(variants.values())))
    related = [other for other in selectors.products(category=row.category) if other.pk != row.pk][:4]
    return page(
        request,
        "demo/product.html",
        product=row,
        variant=current,
        title=shop_presenters.title(row, request.locale),
        description=shop_presenters.description(row, request.locale),
        category_name=label("category", row.category, request.locale),
        price=shop_presenters.price(current.price_minor, current.currency),
        picture=shop_presenters.picture_url(current.external_id),
        choices=shop_presenters.choices(row, current, request.locale),
        low_stock=0 < current.stock <= shop_presenters.LOW_STOCK,
        final_sale="final-sale" in row.tags,
        related=[shop_presenters.card(other, request.locale) for other in related],
    )


@require_safe
@cache_control(public=True, max_age=86400)
def picture(_request: HttpRequest, variant_id: str) -> HttpResponse:
    found = selectors.drawn(variant_id=variant_id)
    if found is None:
        raise Http404
    response = HttpResponse(drawn_picture(*found), content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'"
    # The chat, on the portal's origin, shows these pictures too.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@shop_page
def sign_in(request: ShopRequest) -> HttpResponse:
    return page(request, "demo/sign_in.html", stories=selectors.story_shoppers(locale=request.locale))


@require_POST
@shop_page
def sign_in_as(request: ShopRequest) -> HttpResponse:
    """No password: these shoppers exist to be tried. Only they can be chosen."""
    chosen = request.POST.get("shopper", "")
    if chosen not in {story.id for story in selectors.story_shoppers(locale=request.locale)}:
        raise Http404
    response = redirect("shop:orders")
    response.set_signed_cookie(SHOPPER_COOKIE, chosen, max_age=SHOPPER_COOKIE_AGE, httponly=True, samesite="Lax")
    return response


@require_POST
def sign_out(_request: HttpRequest) -> HttpResponse:
    response = redirect("shop:home")
    response.delete_cookie(SHOPPER_COOKIE, samesite="Lax")
    return response


@require_safe
@shop_page
def orders(request: ShopRequest) -> HttpResponse:
    if request.shopper is None:
        return redirect("shop:sign_in")
    rows = selectors.orders(of=request.shopper)
    return page(request, "demo/orders.html", orders=[shop_presenters.order_view(row, request.locale) for row in rows])


@require_safe
@shop_page
def show_basket(request: ShopRequest) -> HttpResponse:
    quantities = basket(request)
    rows = selectors.variants(external_ids=list(quantities))
    lines = [
        {
            "variant": row.external_id,
            "product": row.product.external_id,
            "title": shop_presenters.title(row.product, request.locale),
            "options": shop_presenters.options_text(row.options, request.locale),
            "picture": shop_presenters.picture_url(row.external_id),
            "quantity": quantities[row.external_id],
            "amount": shop_presenters.price(row.price_minor * quantities[row.external_id], row.currency),
        }
        for row in rows
    ]
    total = sum(row.price_minor * quantities[row.external_id] for row in rows)
    return page(
        request, "demo/basket.html", lines=lines, total=shop_presenters.price(total, request.storefront.currency)
    )


@require_POST
@shop_page
def change_basket(request: ShopRequest) -> HttpResponse:
    """Add one piece of a variant, or take all of it out. A script that accepts JSON reads whether a piece was added."""
    found = selectors.variants(external_ids=[request.POST.get("variant", "")])
    if not found:
        raise Http404
    variant = found[0]
    quantities = basket(request)
    most = min(variant.stock, BASKET_MOST)
    before = quantities.get(variant.external_id, 0)
    wanted = 0 if request.POST.get("remove") else before + 1
    keep_basket(request, {**quantities, variant.external_id: min(wanted, most)})
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"added": before < wanted <= most, "count": sum(basket(request).values())})
    back = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if allowed else "shop:basket")


@shop_page
def not_found(request: ShopRequest, exception: Exception) -> HttpResponse:
    return page(request, "demo/not_found.html", status=404)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "demo/refused.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database, which may be what broke."""
    return render(request, "demo/broken.html", status=500)
