"""The chat page, which the loader shows in an iframe."""

from __future__ import annotations

from uuid import UUID

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from cs_portal.merchants.models import Storefront
from cs_portal.storefront.authentication import storefront_of
from cs_portal.storefront.colours import accent
from cs_portal.storefront.locales import chat_locale
from cs_portal.storefront.origins import frame_ancestors, is_allowed
from cs_portal.storefront.strings import chat_strings, greeting


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
        response = _page(found, origin, locale)
    framed = csp_replace({"frame-ancestors": frame_ancestors(found) or [NONE]})(lambda _request: response)
    return xframe_options_exempt(framed)(request)


def _page(storefront: Storefront, origin: str, locale: str) -> HttpResponse:
    colours = accent(storefront.accent)
    name = storefront.merchant.name_in(locale)
    config = {
        "storefront": str(storefront.public_id),
        "origin": origin,
        "locale": locale,
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
    context = {"config": config, "locale": locale, "name": name, "greeting": greeting(storefront, locale)}
    # Rendered without the request: the page is the same for everyone, whoever may be signed in to the console.
    response = HttpResponse(render_to_string("storefront/chat.html", context))
    response.headers["Cache-Control"] = "private, no-cache"
    return response
