"""``manage.py reindexsearch``: make the search documents of all conversations anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cs_portal.conversations.search import reindex_all
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant


class Command(BaseCommand):
    help = "Make the full-text search of conversations anew, a batch at a time, while the portal runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", metavar="SLUG", help="of this merchant only")

    def handle(self, *, merchant: str | None, **options: Any) -> None:
        merchants = Merchant.objects.order_by("pk")
        for each in merchants.filter(slug=merchant) if merchant else merchants:
            with scope(merchant=each):
                self.stdout.write(f"{each.slug}: {reindex_all()}")
