"""What a shop sent, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.inbound import Delivery
from cs_portal.console.presenters.wording import Words

_OUTCOMES: Mapping[str, tuple[Words, str, str]] = {
    "created": (_("Added"), "good", "circle-check"),
    "updated": (_("Updated"), "good", "circle-check"),
    "unchanged": (_("Nothing new"), "", "check"),
    "older": (_("Older than what is known"), "", "clock"),
    "ignored": (_("Not needed"), "", "check"),
    "unknown": (_("Its order is not known yet"), "warn", "clock"),
    "refused": (_("Could not be taken"), "bad", "alert-circle"),
}


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    topic: str
    label: Words
    tone: str
    icon: str
    problem: str
    at: datetime


def delivery_row(delivery: Delivery) -> DeliveryRow:
    label, tone, icon = _OUTCOMES.get(delivery.outcome, (delivery.outcome, "", "check"))
    return DeliveryRow(delivery.topic, label, tone, icon, delivery.problem, delivery.at)
