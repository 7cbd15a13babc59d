from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "cs_portal.demo"
    label = "demo"
