from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "cs_portal.commerce"
    label = "commerce"

    def ready(self) -> None:
        from cs_portal.commerce import action_tasks  # noqa: F401  registers their handlers
