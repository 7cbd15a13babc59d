"""Every URL of the portal. ``tests/security`` walks this list; a URL that it does not know fails."""

from __future__ import annotations

from django.urls import include, path

from cs_portal.core.health import healthz, readyz

urlpatterns = [
    path("", include("cs_portal.console.urls_root")),
    path("console/", include("cs_portal.console.urls")),
    path("chat/", include("cs_portal.storefront.urls")),
    path("widget/", include("cs_portal.storefront.urls_widget")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
