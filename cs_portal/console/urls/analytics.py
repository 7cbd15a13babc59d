"""The dashboard."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.analytics import dashboard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.analytics, name="analytics"),
    path("<slug:table>.csv", dashboard.analytics_csv, name="analytics_csv"),
    path("<slug:part>/", dashboard.analytics_section, name="analytics_section"),
]
