"""Every URL of the portal, and what it is: the walk refuses to pass over one that is not listed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import URLPattern, URLResolver, get_resolver
from django_scopes import scopes_disabled

from cs_portal.core.models import RateWindow, WorkerHeartbeat

READ, REVIEW, CONFIGURE = "read", "review", "configure"


@dataclass(frozen=True)
class Page:
    """A URL of a merchant. ``methods`` are those it answers; ``post`` is the least role that may POST."""

    methods: tuple[str, ...]
    post: str = READ
    get: str = READ


#: Pages of a merchant: members only.
MERCHANT_PAGES: dict[str, Page] = {
    "console:review": Page(("GET",)),
    "console:review_queue": Page(("GET",)),
    "console:review_count": Page(("GET",)),
    "console:draft": Page(("GET",)),
    "console:draft_candidates": Page(("GET",)),
    "console:draft_thread": Page(("GET",)),
    "console:draft_status": Page(("GET",)),
    "console:draft_approve": Page(("POST",), REVIEW),
    "console:draft_reject": Page(("POST",), REVIEW),
    "console:draft_undo": Page(("POST",), REVIEW),
    "console:draft_override": Page(("POST",), CONFIGURE),
    "console:draft_regenerate": Page(("POST",), REVIEW),
    "console:draft_select": Page(("POST",), REVIEW),
    "console:draft_claim": Page(("POST",), REVIEW),
    "console:draft_release": Page(("POST",), REVIEW),
    "console:draft_typing": Page(("POST",), REVIEW),
    "console:storefronts": Page(("GET",)),
    "console:storefront": Page(("GET", "POST"), CONFIGURE),
    "console:storefront_secret": Page(("POST",), CONFIGURE),
    "console:storefront_rotate_secret": Page(("POST",), CONFIGURE),
}

#: Shoppers' interface: a bearer token decides, tests/storefront tries it in depth.
BEARER = {
    "storefront:messages",
    "storefront:typing",
    "storefront:seen",
    "storefront:leave",
    "storefront:email",
}
#: Open to everybody by design; they show nothing of a merchant but its storefront's look.
PUBLIC = {
    "root",
    "set_theme",
    "set_language",
    "healthz",
    "readyz",
    "widget:loader",
    "storefront:chat",
    "storefront:sessions",
    "console:home",
}
#: Sign-in and account pages of allauth, which act on the signed-in user alone.
ACCOUNT_PREFIXES = ("account_", "mfa_")


def named_patterns() -> Iterator[tuple[str, str]]:
    """(qualified name, route) of every pattern of the URLconf; a pattern without a name is named by its route."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[Any], namespace: str, route: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        elif isinstance(pattern, URLPattern):
            yield (f"{namespace}{pattern.name}" if pattern.name else here), here


def database_digest() -> str:
    """A digest of every row that a request could have changed (sessions, rate windows and heartbeats apart)."""
    digest = hashlib.sha256()
    with scopes_disabled():
        for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
            if model in {Session, RateWindow, WorkerHeartbeat}:
                continue
            fields = [field.attname for field in model._meta.concrete_fields if field.attname != "last_login"]
            for row in model._base_manager.order_by("pk").values_list(*fields):
                digest.update(repr((model._meta.label, row)).encode())
    return digest.hexdigest()
