"""What every page's shell needs. Safe on every page, signed in or not, of the console or not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from cs_portal.console.paging import capped_count
from cs_portal.console.views.preferences import THEME_COOKIE, THEMES
from cs_portal.drafting.selectors import drafts_awaiting_review
from cs_portal.drafting.services.autopilot import anything_on
from cs_portal.merchants.selectors import memberships_of


def console(request: HttpRequest) -> dict[str, Any]:
    """Queries run only when a template asks for their result."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    member = getattr(request, "member", None)
    user = getattr(request, "user", None)
    shell: dict[str, Any] = {
        "theme": theme if theme in THEMES else "system",
        "member": member,
        "merchant": getattr(request, "merchant", None),
        "languages": [(code, name) for code, name in (("zh-hans", "中文"), ("en", "English"))],
        "language": get_language() or settings.LANGUAGE_CODE,
        "here": request.get_full_path() if request.method == "GET" else "/",
    }
    if member is not None:
        shell["autopilot_is_on"] = SimpleLazyObject(anything_on)
        shell["review_count"] = SimpleLazyObject(lambda: capped_count(drafts_awaiting_review()))
    if user is not None and user.is_authenticated:
        shell["memberships"] = SimpleLazyObject(lambda: memberships_of(user=user))
    return shell
