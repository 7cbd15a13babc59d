"""What every page of the demo shop needs: the storefront, who is signed in, the basket, and the tag of the chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from cs_portal.commerce.models import Shopper
from cs_portal.core.tenancy import scope
from cs_portal.demo import selectors
from cs_portal.demo.catalogue import label
from cs_portal.demo.identity import identity_token
from cs_portal.merchants.models import Storefront

SHOPPER_COOKIE = "demo_shop_shopper"
SHOPPER_COOKIE_AGE = timedelta(hours=12)
BASKET_KEY = "basket"
IDENTITY_AGE = timedelta(hours=1)


class ShopRequest(HttpRequest):
    """A request that :func:`shop_page` has prepared. ``basket`` maps a variant's id to a quantity."""

    storefront: Storefront
    shopper: Shopper | None
    locale: str


def shop_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Enter the demo merchant's scope around a view, or say that the demo store is not loaded (503)."""

    @wraps(view)
    def within_scope(request: ShopRequest, **kwargs: Any) -> HttpResponse:
        storefront = selectors.demo_storefront()
        request.locale = "zh-hans" if get_language() == "zh-hans" else "en"
        if storefront is None:
            return render(request, "demo/not_loaded.html", status=503)
        with scope(merchant=storefront.merchant), timezone.override(storefront.merchant.timezone):
            request.storefront = storefront
            request.shopper = _signed_in(request)
            return view(request, **kwargs)

    return within_scope


def basket(request: HttpRequest) -> dict[str, int]:
    """Quantities by variant id, kept in the signed session cookie."""
    return dict(request.session.get(BASKET_KEY, {}))


def keep_basket(request: HttpRequest, quantities: dict[str, int]) -> None:
    request.session[BASKET_KEY] = {variant_id: number for variant_id, number in quantities.items() if number > 0}


def page(request: ShopRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page within the shop's shell. Pages that know a shopper are kept out of caches."""
    shell = {
        "locale": request.locale,
        "shop_name": request.storefront.merchant.name_in(request.locale),
        "storefront": request.storefront,
        "shopper": request.shopper,
        "categories": [(code, label("category", code, request.locale)) for code in selectors.categories()],
        "basket_count": sum(basket(request).values()),
        "portal_url": settings.PORTAL_URL,
        "identity": _identity(request),
        "here": request.get_full_path() if request.method == "GET" else "/",
    }
    response = render(request, template, {**shell, **context}, status=status)
    response["Cache-Control"] = "private, no-store" if request.shopper else "private, no-cache"
    return response


def _signed_in(request: HttpRequest) -> Shopper | None:
    try:
        external_id = request.get_signed_cookie(SHOPPER_COOKIE, max_age=SHOPPER_COOKIE_AGE)
    except (KeyError, signing.BadSignature):
        return None
    return selectors.shopper(external_id=str(external_id))


def _identity(request: ShopRequest) -> str:
    """The token for the chat, made anew with every page; empty for a visitor who is not signed in."""
    if request.shopper is None:
        return ""
    return identity_token(
        request.storefront.identity_secret,
        shopper_id=str(request.shopper.external_id),
        expires_at=int((timezone.now() + IDENTITY_AGE).timestamp()),
        name=request.shopper.name,
        email=request.shopper.email,
    )
