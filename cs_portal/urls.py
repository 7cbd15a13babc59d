"""Every URL of the portal. ``tests/security`` walks this list; a URL that it does not know fails."""

from __future__ import annotations

from allauth.account.views import email
from django.urls import include, path
from django.views.decorators.http import require_safe

from cs_portal.core.health import healthz, readyz

urlpatterns = [
    path("", include("cs_portal.console.urls_root")),
    path("console/", include("cs_portal.console.urls")),
    path("chat/", include("cs_portal.storefront.urls")),
    path("api/", include("cs_portal.integrations.urls")),
    path("widget/", include("cs_portal.storefront.urls_widget")),
    # The page tells the address and changes none: nobody proves here that a new one is theirs.
    path("accounts/email/", require_safe(email), name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
