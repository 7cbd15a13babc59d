from typing import Any

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "cs_portal.recommendations"
    label = "recommendations"

    def ready(self) -> None:
        from cs_portal.commerce.signals import records_imported

        records_imported.connect(_orders_moved, dispatch_uid="recommendations.orders_moved")


def _orders_moved(*, kind: str, now: Any, **_: Any) -> None:
    """Orders or products came in: what goes together may be something else now."""
    from cs_portal.recommendations.services import ask_for_refresh

    if kind != "shoppers":
        ask_for_refresh(now=now, at_once=True)
