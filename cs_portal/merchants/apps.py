from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    name = "cs_portal.merchants"
    label = "merchants"
