"""The front door and the preferences of a browser, which belong to no merchant."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from cs_portal.console.views.preferences import set_theme
from cs_portal.console.views.settings.joining import join

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:home"), name="root"),
    path("theme/", set_theme, name="set_theme"),
    path("join/<str:token>/", join, name="invitation"),
]
