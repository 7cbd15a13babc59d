"""Measure a part of the product on a file: ``manage.py evaluate policies --ruleset R.json --cases C.jsonl --json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bots.backends.base import ModelMissing
from cs_portal.learning.evaluation import PARTS
from cs_portal.learning.evaluation.files import BadFile


class Command(BaseCommand):
    help = "Measure how good a part of the product is on a file. The formats: docs/evaluation.md"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        for name, part in PARTS.items():
            own = parts.add_parser(name, help=part.HELP)
            part.add_arguments(own)
            own.add_argument("--predictions", type=Path, metavar="FILE", help="write one JSON line per case")
            own.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            measured = PARTS[options["part"]].measure(options, self._progress)
        except (BadFile, ModelMissing) as error:
            # 2, as for arguments: nothing was measured.
            raise CommandError(str(error), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(measured, ensure_ascii=False))
            return
        for key, value in measured.items():
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
            self.stdout.write(f"{key:20} {shown}")

    def _progress(self, done: int, total: int) -> None:
        """A line that counts up, on a terminal only."""
        if sys.stderr.isatty() and (done == total or done % max(1, total // 100) == 0):
            self.stderr.write(f"\r{done:,} of {total:,}", ending="\n" if done == total else "")
