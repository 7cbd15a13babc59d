"""``manage.py up``: the whole product with one command, from an empty folder to a running console and demo shop."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from bots.models import installed
from cs_portal.core import preflight
from cs_portal.core.childlog import Terminal
from cs_portal.core.processes import shop_process, web_process, worker_processes
from cs_portal.core.supervisor import SUPERVISOR, ChildSpec, Supervisor, die_with_parent


class Command(BaseCommand):
    help = "Migrate, load the demo store, start web, workers and the demo shop, and keep them running until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="Load the demo store and serve its shop page (the default); --no-demo for your own merchant.",
        )

    def handle(self, *, demo: bool, **options: Any) -> None:
        self.terminal = Terminal(sys.stdout)
        try:
            self._up(demo=demo)
        except preflight.NotReady as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            # Before the supervisor listens to signals: nothing runs yet that would have to be stopped.
            self._say("Stopped.")
            sys.exit(130)

    def _up(self, *, demo: bool) -> None:
        self._check(demo=demo)
        self._prepare(demo=demo)
        specs = self._specs(demo=demo)
        connections.close_all()
        supervisor = Supervisor(specs, terminal=self.terminal, log_dir=settings.VAR_DIR / "log")
        self._say("Starting " + ", ".join(spec.name for spec in specs) + " …")
        asyncio.run(supervisor.run(lambda: self._welcome(demo=demo)))

    def _check(self, *, demo: bool) -> None:
        preflight.check_port(settings.HOST, settings.PORT, variable="PORT")
        if demo:
            preflight.check_port(settings.HOST, settings.SHOP_PORT, variable="SHOP_PORT")
        preflight.check_disk(settings.VAR_DIR)
        preflight.check_database()
        if not settings.LANGUAGE_MODEL and not all(state.installed for state in installed(settings.MODELS_DIR)):
            self._say("The default models are not installed (`make models` does it); the composer drafts without them.")

    def _prepare(self, *, demo: bool) -> None:
        call_command("compilecatalogues", verbosity=0)
        self._say("Bringing the database up to date …")
        call_command("migrate", interactive=False, verbosity=0)
        if demo:
            self._say("Loading the demo store …")
            try:
                call_command("loaddemo", shop_origin=_shop_origin(), stdout=self.stderr)
            except CommandError as problem:
                raise CommandError(f"{problem} (Without the demo store: make run UP_ARGS=--no-demo)") from None

        self._say("Preparing the bot (a minute the first time) …")
        # A process of its own: it loads torch, which the supervisor must not carry.
        prepared = subprocess.run(
            [sys.executable, "manage.py", "prepareengine"],
            cwd=settings.BASE_DIR,
            check=False,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),
        )
        if prepared.returncode:
            self._say("The bot could not be prepared; its workers will try again.")

    def _specs(self, *, demo: bool) -> list[ChildSpec]:
        specs = [web_process(), *worker_processes(started_at=timezone.now())]
        return [*specs, shop_process()] if demo else specs

    def _welcome(self, *, demo: bool) -> None:
        lines = ["", f"Console    {settings.PORTAL_URL}"]
        if demo:
            lines += [f"           {line}" for line in _accounts(settings.VAR_DIR / "demo-accounts.json")]
            lines += [f"Demo shop  {_shop_origin()}"]
        lines += ["Stop       Ctrl-C", ""]
        for line in lines:
            self._say(line)

    def _say(self, text: str) -> None:
        self.terminal.say(SUPERVISOR, text)


def _shop_origin() -> str:
    """The demo shop's origin: the portal's host, another port, so that the embed crosses origins."""
    portal = urlsplit(settings.PORTAL_URL)
    host = f"[{portal.hostname}]" if ":" in (portal.hostname or "") else portal.hostname
    return f"{portal.scheme}://{host}:{settings.SHOP_PORT}"


def _accounts(path: Path) -> list[str]:
    """One line per demo account of the file that ``loaddemo`` keeps, readable by its owner alone."""
    if not path.exists():
        return []
    accounts = json.loads(path.read_text(encoding="utf-8"))
    return [f"{account['role']:<9} {account['email']:<30} {account['password']}" for account in accounts]
