from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "cs_portal.learning"
