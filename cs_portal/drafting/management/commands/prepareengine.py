"""``manage.py prepareengine``: learn once what every worker would otherwise learn at its start."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from cs_portal.core.tenancy import scope
from cs_portal.drafting import engine
from cs_portal.knowledge.retrieval import index
from cs_portal.merchants.models import Merchant


class Command(BaseCommand):
    help = "Learn the intents and from the published answers, and embed these, where that was not done before."

    def handle(self, **options: Any) -> None:
        started = time.monotonic()
        bot = engine.bot()
        bot.warm_up()
        for merchant in Merchant.objects.order_by("pk"):
            with scope(merchant=merchant):
                index(bot=bot, wait=True)
        self.stdout.write(f"The engine is prepared ({time.monotonic() - started:.0f} s).")
