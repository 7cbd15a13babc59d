"""``manage.py loaddemo``: the demo store, made once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cs_portal.demo.services import RealMerchantPresent, load_demo

DEFAULT_SEED = 1


class Command(BaseCommand):
    help = "Make the demo store: two merchants with products, answers, shoppers and orders. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="Another number makes other orders.")
        parser.add_argument("--reset", action="store_true", help="Delete the demo merchants and make them anew.")
        parser.add_argument("--without-history", action="store_true", help="Leave out the past conversations.")
        parser.add_argument(
            "--shop-origin",
            default=f"http://127.0.0.1:{settings.SHOP_PORT}",
            help="Where the demo shop is served (scheme, host and port); the chat is allowed there.",
        )

    def handle(self, *, seed: int, reset: bool, shop_origin: str, without_history: bool, **_options: Any) -> None:
        accounts_path = settings.VAR_DIR / "demo-accounts.json"
        try:
            loaded = load_demo(
                seed=seed,
                shop_origin=shop_origin.rstrip("/"),
                accounts_path=accounts_path,
                now=timezone.now(),
                reset=reset,
                history=not without_history,
                report=self.stderr.write,
            )
        except RealMerchantPresent:
            raise CommandError(
                "This database has a merchant of its own, so the demo store stays out: use another database for it."
            ) from None
        except ValueError as problem:
            raise CommandError(
                f"{accounts_path} is damaged ({problem}); delete it and new passwords are made."
            ) from None
        made = ", ".join(loaded.created)
        self.stdout.write(f"Made {made}." if made else "The demo store is there already.")
        if loaded.new_passwords:
            self.stdout.write(f"The demo accounts' passwords are in {accounts_path}.")
