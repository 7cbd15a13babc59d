from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "cs_portal.drafting"
    label = "drafting"

    def ready(self) -> None:
        from cs_portal.drafting import receivers  # noqa: F401  connects them
        from cs_portal.drafting.past_requests import DraftedRequests
        from cs_portal.policies.services.past import register

        register(DraftedRequests())
