from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "cs_portal.commerce"
    label = "commerce"
