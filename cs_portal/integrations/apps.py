from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "cs_portal.integrations"

    def ready(self) -> None:
        from cs_portal.commerce.inbound import register
        from cs_portal.integrations.services.senders import ShopifySenders

        register(ShopifySenders())
