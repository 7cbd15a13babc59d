"""How a storefront's launcher looks, as a script that the loader reads before it draws."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cs_portal.storefront.authentication import storefront_of
from cs_portal.storefront.presenters import look_json


@require_safe
def look(request: HttpRequest, storefront: UUID) -> HttpResponse:
    """``document.currentScript.look = {…}``: a value for the one who loads it, and no global name."""
    found = storefront_of(storefront)
    if found is None:
        raise Http404
    value = json.dumps(look_json(found), ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    response = HttpResponse(f"document.currentScript.look={value};\n", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
