"""The chat page, which the loader shows in an iframe."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from csp.constants import NONE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from cs_portal.commerce.pictures import picture_origins
from cs_portal.core.tenancy import scope
from cs_portal.merchants.colours import accent, is_colour
from cs_portal.merchants.models import Look, Storefront
from cs_portal.storefront.authentication import storefront_of
from cs_portal.storefront.locales import chat_locale
from cs_portal.storefront.origins import frame_ancestors, is_allowed
from cs_portal.storefront.presenters import quick_replies
from cs_portal.storefront.strings import chat_strings, greeting, offline_notice, scores


@require_safe
def chat(request: HttpRequest, storefront: UUID) -> HttpResponseBase:
    """200 for an origin that the storefront allows, framed by those alone; 403, framed by nobody, otherwise."""
    found = storefront_of(storefront)
    if found is None:
        raise Http404
    origin = request.GET.get("origin", "")
    locale = chat_locale(request.GET.get("locale", ""), default=found.locale)
    with translation.override(locale):
        if not is_allowed(found, origin):
            return HttpResponse(render_to_string("storefront/refused.html", {"locale": locale}), status=403)
        response = _page(found, origin, locale, request.GET)
    with scope(merchant=found.merchant):
        pictures = picture_origins()
    # Pictures of products come from where the shop keeps them, and from nowhere else.
    framed = csp_replace({"frame-ancestors": frame_ancestors(found) or [NONE]})(lambda _request: response)
    # Photos of the conversation are fetched with the session's token and shown from memory.
    pictured = csp_update({"img-src": ["blob:", *pictures]})(framed)
    return xframe_options_exempt(pictured)(request)


def _page(storefront: Storefront, origin: str, locale: str, wishes: Mapping[str, str]) -> HttpResponse:
    """``wishes`` are what the shop's page asks for instead of the storefront's own look."""
    wish = wishes.get("accent", "")
    colours = accent(wish if is_colour(wish) else storefront.accent)
    look = wishes.get("look", "")
    name = storefront.merchant.name_in(locale)
    config = {
        "storefront": str(storefront.public_id),
        "origin": origin,
        "locale": locale,
        "timezone": storefront.merchant.timezone,
        "name": name,
        "limit": settings.MESSAGE_MAX_CHARACTERS,
        "accent": {
            "colour": colours.colour,
            "on": colours.on,
            "onLight": colours.on_light,
            "onDark": colours.on_dark,
        },
        "strings": chat_strings(),
    }
    context = {
        "config": config,
        "locale": locale,
        "look": look if look in Look.values else storefront.look,
        "name": name,
        "greeting": greeting(storefront, locale),
        "offline_notice": offline_notice(storefront, locale),
        "quick_replies": quick_replies(storefront, locale),
        "offers_person": storefront.offers_person,
        "scores": scores(),
    }
    # Rendered without the request: the page is the same for everyone, whoever may be signed in to the console.
    response = HttpResponse(render_to_string("storefront/chat.html", context))
    response.headers["Cache-Control"] = "private, no-cache"
    return response
