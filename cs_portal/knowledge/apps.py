from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "cs_portal.knowledge"
    label = "knowledge"
