"""``manage.py schema order``: the JSON Schema of a canonical document."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cs_portal.integrations.schemas import NAMES, json_schema


class Command(BaseCommand):
    help = "Print the JSON Schema (draft 2020-12) of a canonical document."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=NAMES)

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        self.stdout.write(json.dumps(json_schema(name), ensure_ascii=False, indent=2))
