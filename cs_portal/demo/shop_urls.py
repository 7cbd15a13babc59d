"""Every URL of the demo shop (``ROOT_URLCONF`` of :mod:`cs_portal.settings.demo_shop`)."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from cs_portal.core.health import healthz, readyz
from cs_portal.demo import shop_views

pages = [
    path("", shop_views.home, name="home"),
    path("categories/<slug:code>/", shop_views.category, name="category"),
    path("products/<slug:external_id>/", shop_views.product, name="product"),
    path("pictures/<slug:variant_id>.svg", shop_views.picture, name="picture"),
    path("basket/", shop_views.show_basket, name="basket"),
    path("basket/change/", shop_views.change_basket, name="change_basket"),
    path("sign-in/", shop_views.sign_in, name="sign_in"),
    path("sign-in/as/", shop_views.sign_in_as, name="sign_in_as"),
    path("sign-out/", shop_views.sign_out, name="sign_out"),
    path("orders/", shop_views.orders, name="orders"),
    path("language/", set_language, name="language"),
]

urlpatterns = [
    path("", include((pages, "shop"))),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]

handler404 = "cs_portal.demo.shop_views.not_found"
handler500 = "cs_portal.demo.shop_views.broken"
