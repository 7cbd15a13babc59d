from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "cs_portal.storefront"
    label = "storefront"
