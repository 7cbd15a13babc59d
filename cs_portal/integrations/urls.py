"""What programs and shops call."""

from __future__ import annotations

from django.urls import path, re_path

from cs_portal.integrations.api.application import api_urls
from cs_portal.integrations.views.shopify import shopify_webhook
from cs_portal.integrations.views.unknown import no_such_address

urlpatterns = [
    path("v1/", api_urls()),
    path("webhooks/shopify/<uuid:webhook_id>/", shopify_webhook, name="shopify_webhook"),
    re_path("", no_such_address, name="no_such_address"),
]
