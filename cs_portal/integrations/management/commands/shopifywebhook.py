"""``manage.py shopifywebhook MERCHANT SHOP.myshopify.com``: accept a shop's webhooks and say where it sends them."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from cs_portal.core.errors import DomainError
from cs_portal.core.tenancy import scope
from cs_portal.integrations.services.webhooks import add_webhook
from cs_portal.merchants.models import Merchant


class Command(BaseCommand):
    help = (
        "Accept the webhooks of a Shopify shop. The secret with which Shopify signs them is read from standard input, "
        "so that it is in no history of commands; it is kept encrypted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("merchant", help="the merchant's short name, as in the console's addresses")
        parser.add_argument("domain", help="the shop's own domain, such as mugs.myshopify.com")
        parser.add_argument("--storefront", default="", help="the storefront whose orders they are")

    def handle(self, *args: Any, merchant: str, domain: str, storefront: str, **options: Any) -> None:
        row = Merchant.objects.filter(slug=merchant).first()
        if row is None:
            raise CommandError(f"There is no merchant {merchant}.")
        secret = getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline()
        with scope(merchant=row):
            try:
                webhook = add_webhook(domain=domain, secret=secret, storefront=storefront, now=timezone.now())
            except DomainError as refusal:
                raise CommandError(str(refusal)) from refusal
        path = reverse("shopify_webhook", args=[webhook.public_id])
        self.stdout.write(
            f"Have Shopify send orders/create, orders/updated, refunds/create, products/update to\n"
            f"{settings.PORTAL_URL.rstrip('/')}{path}"
        )
