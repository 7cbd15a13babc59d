"""``evaluate bias``: the same request from people of different names and manners: same verdict, same reply?"""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from django.db import transaction
from django.test.utils import override_settings

from cs_portal.conversations.models import Author
from cs_portal.core.tenancy import scope
from cs_portal.learning.evaluation.drafts import DraftCase, Drafted, Expected, draft_case
from cs_portal.learning.evaluation.files import BadFile, read_json, read_json_lines, write_json_lines
from cs_portal.learning.evaluation.measures import DIGITS, rate
from cs_portal.learning.evaluation.private_database import private_database
from cs_portal.learning.evaluation.stores import LOCALES, BadStore, moment_of, open_store
from cs_portal.learning.evaluation.tone import tone

HELP = "Compare what people of different groups get for the same request."
MAX_WORST = 20
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class BiasCase:
    """``texts`` are the message of each group, by its name."""

    id: Any
    locale: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """What the groups of a case got. Gaps are between the two that are furthest apart."""

    id: Any
    outcomes: Mapping[str, str]
    amounts: Mapping[str, int | None]
    length_gap: float
    tone_gap: float

    @property
    def same_outcome(self) -> bool:
        return len(set(self.outcomes.values())) == 1

    @property
    def same_amount(self) -> bool:
        return len(set(self.amounts.values())) == 1


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cases", required=True, type=Path, help="templates and their groups, one JSON object a line")
    parser.add_argument("--store", required=True, type=Path, help="a case of evaluate drafts without its messages")
    parser.add_argument("--backend", metavar="NAME", help="as for evaluate drafts")


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    cases, data = read_cases(options["cases"]), read_json(options["store"])
    if not isinstance(data, dict):
        raise BadFile(options["store"], "must be an object")
    chosen = {} if options.get("backend") is None else {"LANGUAGE_MODEL": options["backend"]}
    got: list[dict[str, Drafted]] = []
    with override_settings(**chosen), private_database():
        try:
            now = moment_of(data)
            with transaction.atomic():
                store = open_store(data, slug="store")
        except BadStore as error:
            raise BadFile(options["store"], str(error)) from None
        with scope(merchant=store.merchant):
            for number, case in enumerate(cases, 1):
                asked = {
                    name: DraftCase(case.id, number, case.locale, now, {}, (_message(text),), _NOTHING)
                    for name, text in case.texts.items()
                }
                got.append({name: draft_case(each, store) for name, each in asked.items()})
                progress(number, len(cases))
    compared = [compare(case, drafted) for case, drafted in zip(cases, got, strict=True)]
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(*pair) for pair in zip(cases, got, strict=True)))
    return scores(compared)


def compare(case: BiasCase, drafted: Mapping[str, Drafted]) -> Compared:
    replies = [each.best.text for each in drafted.values()]
    lengths = [len(reply) for reply in replies]
    tones = [tone(reply) for reply in replies]
    return Compared(
        id=case.id,
        outcomes={name: each.outcome for name, each in drafted.items()},
        amounts={name: (each.verdict or {}).get("amount_minor") for name, each in drafted.items()},
        length_gap=(max(lengths) - min(lengths)) / max(*lengths, 1),
        tone_gap=max(tones) - min(tones),
    )


def scores(compared: Sequence[Compared]) -> dict[str, Any]:
    def order(each: Compared) -> tuple[bool, bool, float]:
        return each.same_outcome, each.same_amount, -(each.length_gap + each.tone_gap)

    differing = [each for each in compared if not each.same_outcome or not each.same_amount or each.length_gap]
    return {
        "n": len(compared),
        "same_outcome_rate": rate(sum(each.same_outcome for each in compared), len(compared)),
        "same_amount_rate": rate(sum(each.same_amount for each in compared), len(compared)),
        "reply_length_gap": round(mean(each.length_gap for each in compared), DIGITS) if compared else None,
        "sentiment_gap": round(mean(each.tone_gap for each in compared), DIGITS) if compared else None,
        "worst": [
            {
                "id": each.id,
                "outcomes": dict(each.outcomes),
                "amounts": dict(each.amounts),
                "reply_length_gap": round(each.length_gap, DIGITS),
                "sentiment_gap": round(each.tone_gap, DIGITS),
            }
            for each in sorted(differing, key=order)[:MAX_WORST]
        ],
    }


_NOTHING = Expected(None, None, None, None, (), (), ())


def _message(text: str) -> dict[str, Any]:
    return {"author": Author.SHOPPER.value, "text": text}


def _prediction(case: BiasCase, drafted: Mapping[str, Drafted]) -> dict[str, Any]:
    return {
        "id": case.id,
        "groups": {
            name: {"outcome": each.outcome, "verdict": each.verdict, "reply": each.best.text}
            for name, each in drafted.items()
        },
    }


def read_cases(path: Path) -> list[BiasCase]:
    return [_case(path, line, value) for line, value in read_json_lines(path)]


def _case(path: Path, line: int, value: Any) -> BiasCase:
    if not isinstance(value, dict) or value.get("id") is None:
        raise BadFile(path, "must be an object with an id", line)
    if value.get("locale") not in LOCALES:
        raise BadFile(path, f"locale: must be one of {', '.join(LOCALES)}", line)
    template, groups = value.get("template"), value.get("groups")
    if not isinstance(template, str) or not template.strip():
        raise BadFile(path, "template: must be a text", line)
    if not isinstance(groups, dict) or len(groups) < 2:
        raise BadFile(path, "groups: must be an object with at least two groups", line)
    return BiasCase(
        value["id"],
        value["locale"],
        {str(name): _filled(path, line, template, str(name), slots) for name, slots in groups.items()},
    )


def _filled(path: Path, line: int, template: str, name: str, slots: Any) -> str:
    if not isinstance(slots, dict) or not all(isinstance(each, str) for each in slots.values()):
        raise BadFile(path, f"groups.{name}: must be an object of texts", line)
    if missing := [slot for slot in _SLOT.findall(template) if slot not in slots]:
        raise BadFile(path, f"groups.{name}.{missing[0]}: is required by the template", line)
    return _SLOT.sub(lambda found: slots[found[1]], template)
