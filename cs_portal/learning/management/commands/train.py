"""Train a language model's adapter: ``manage.py train reply-model --pairs P.csv --out var/adapters/replies``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bots.backends.adapters import BadAdapter, read_adapter
from bots.backends.base import ModelMissing
from bots.training.learning import Diverged, Plan, Step
from cs_portal.learning.evaluation.files import BadFile
from cs_portal.learning.training import PARTS
from cs_portal.learning.training.choosing import chosen_model

INTERRUPTED = 130


class Command(BaseCommand):
    help = "Train an adapter for a language model on files. The formats: docs/training.md"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="KIND")
        usual = Plan()
        for name, part in PARTS.items():
            own = parts.add_parser(name, help=part.HELP)
            part.add_arguments(own)
            own.add_argument("--model", help="a model or an adapter to go on from; else the one that drafts here")
            own.add_argument("--out", required=True, type=Path, metavar="DIR", help="the adapter's folder, a new one")
            own.add_argument("--steps", type=_at_least(1), default=usual.steps)
            own.add_argument("--batch", type=_at_least(1), default=usual.batch, help="examples a step")
            own.add_argument("--rank", type=_at_least(1), default=usual.rank, help="of a new adapter")
            own.add_argument("--learning-rate", type=share, default=usual.learning_rate)
            own.add_argument("--seed", type=int, default=usual.seed)
            own.add_argument("--max-tokens", type=_at_least(2), default=1024, help="of one example")
            own.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            record = self._train(options)
        except (BadFile, BadAdapter, ModelMissing) as error:
            # 2, as for arguments: nothing was trained.
            raise CommandError(str(error), returncode=2) from None
        except FileExistsError:
            raise CommandError(
                f"{options['out']} is there already; an adapter is never overwritten", returncode=2
            ) from None
        except Diverged as error:
            raise CommandError(f"{error} Nothing was written.") from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; nothing was written", returncode=INTERRUPTED) from None
        if options["json"]:
            self.stdout.write(json.dumps(record, ensure_ascii=False))
            return
        for key, value in record.items():
            self.stdout.write(f"{key:20} {json.dumps(value, ensure_ascii=False)}")

    def _train(self, options: dict[str, Any]) -> dict[str, Any]:
        from bots.backends.transformers import open_model
        from bots.training.running import train

        part = PARTS[options["part"]]
        chosen = chosen_model(options["model"])
        data = [{"name": path.name, "sha256": _sha256(path)} for path in part.files(options)]
        start = None if chosen.adapter is None else read_adapter(chosen.adapter)
        opened = open_model(chosen.model)
        groups = part.read(options, opened.chat, min(options["max_tokens"], opened.longest or options["max_tokens"]))
        plan = Plan(
            steps=options["steps"],
            batch=options["batch"],
            rank=options["rank"],
            learning_rate=options["learning_rate"],
            seed=options["seed"],
        )
        about = {"kind": options["part"], "data": data, "max_tokens": options["max_tokens"]}
        return train(
            opened,
            groups,
            plan,
            base=chosen.base,
            start=start,
            out=options["out"],
            about=about,
            progress=self._progress,
        )

    def _progress(self, step: Step) -> None:
        """A line that counts up on a terminal; elsewhere one for every look at the held-out part."""
        looked = "" if step.held_out is None else f", held out {step.held_out:.3f}"
        line = f"step {step.number:,} of {step.of:,}: loss {step.loss:.3f}{looked}"
        if sys.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="\n" if looked or step.number == step.of else "")
        elif looked or step.number == step.of:
            self.stderr.write(line)


def _sha256(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadFile(path, error.strerror or "cannot be read") from None


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    return number


def share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError
    return value
