from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "cs_portal.console"
    label = "console"
