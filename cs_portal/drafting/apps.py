from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "cs_portal.drafting"
    label = "drafting"
