"""``manage.py createmerchant``: the first merchant of an installation, with its owner and a storefront."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.text import slugify

from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User
from cs_portal.merchants.services.storefronts import normalised_origin


class Command(BaseCommand):
    help = "Create a merchant with its owner and one storefront. The owner's password is asked for, or read from stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the merchant's name, as shoppers know it")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument(
            "--origin", required=True, metavar="URL", help="where the shop is, https://shop.example.com"
        )
        parser.add_argument("--timezone", default="Asia/Shanghai")
        parser.add_argument("--currency", default="CNY")

    def handle(self, *, name: str, owner: str, origin: str, timezone: str, currency: str, **options: Any) -> None:
        slug = slugify(name)
        if not slug:
            raise CommandError("The name needs some Latin letters or digits, from which the address is made.")
        if Merchant.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a merchant {slug} already.")
        if User.objects.filter(email=owner.lower()).exists():
            raise CommandError(f"{owner} has an account already.")
        password = self._password()
        try:
            allowed = normalised_origin(origin)
            validate_password(password)
        except (Invalid, ValidationError) as problem:
            raise CommandError("; ".join(getattr(problem, "messages", [str(problem)]))) from None
        with transaction.atomic():
            merchant = Merchant.objects.create(slug=slug, name=name, timezone=timezone)
            user = User.objects.create_user(email=owner, password=password, name=owner.split("@")[0])
            with scope(merchant=merchant):
                Member.objects.create(user=user, role=Role.OWNER)
                Storefront.objects.create(slug="main", name=name, currency=currency, allowed_origins=[allowed])
        self.stdout.write(f"{name} is there: sign in as {owner}, then Settings, Storefronts shows the snippet.")

    def _password(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        return getpass.getpass("The owner's password: ")
