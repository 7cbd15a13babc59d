"""The loader and what it reads, under ``/widget/``."""

from __future__ import annotations

from django.urls import path

from cs_portal.storefront.views.loader import loader
from cs_portal.storefront.views.look import look

app_name = "widget"
urlpatterns = [
    path("loader.js", loader, name="loader"),
    path("<uuid:storefront>.js", look, name="look"),
]
