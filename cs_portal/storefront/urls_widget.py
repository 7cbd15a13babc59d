"""The loader, under ``/widget/``."""

from __future__ import annotations

from django.urls import path

from cs_portal.storefront.views.loader import loader

app_name = "widget"
urlpatterns = [path("loader.js", loader, name="loader")]
