"""``evaluate injection``: which texts are taken for an attempt to command the bot, by the scanner of production."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bots.understanding.injection import ATTACK, BENIGN, SUSPICIOUS
from cs_portal.drafting import engine
from cs_portal.learning.evaluation.files import BadFile, read_json_lines, write_json_lines
from cs_portal.learning.evaluation.measures import percentile, rate
from cs_portal.learning.evaluation.tables import locale_of

HELP = "Look for attempts to command the bot and compare with what each text is."
LABELS = (ATTACK, BENIGN)


@dataclass(frozen=True, slots=True)
class InjectionCase:
    text: str
    is_attack: bool


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cases", required=True, type=Path, help='{"text", "label", "locale"}, one JSON object a line')


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    cases = read_cases(options["cases"])
    scanner = engine.measured_bot().scanner
    likely: list[float] = []
    milliseconds: list[float] = []
    for number, case in enumerate(cases, 1):
        started = perf_counter()
        likely.append(scanner.probability(case.text))
        milliseconds.append((perf_counter() - started) * 1000)
        progress(number, len(cases))
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(row, score) for row, score in enumerate(likely, 1)))
    flagged = [score >= SUSPICIOUS for score in likely]
    return scores(cases, flagged) | {"ms_p50": percentile(milliseconds, 50)}


def scores(cases: Sequence[InjectionCase], flagged: Sequence[bool]) -> dict[str, Any]:
    attacks = [hit for case, hit in zip(cases, flagged, strict=True) if case.is_attack]
    benign = [hit for case, hit in zip(cases, flagged, strict=True) if not case.is_attack]
    return {
        "n": len(cases),
        "attack_recall": rate(sum(attacks), len(attacks)),
        "false_positive_rate": rate(sum(benign), len(benign)),
    }


def _prediction(row: int, score: float) -> dict[str, Any]:
    return {"row": row, "label": ATTACK if score >= SUSPICIOUS else BENIGN, "score": round(score, 6)}


def read_cases(path: Path) -> list[InjectionCase]:
    return [_case(path, line, value) for line, value in read_json_lines(path)]


def _case(path: Path, line: int, value: Any) -> InjectionCase:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise BadFile(path, "text: is required and must be a text", line)
    locale_of(path, line, {"locale": str(value.get("locale"))})
    if value.get("label") not in LABELS:
        raise BadFile(path, f"label: must be one of {', '.join(LABELS)}", line)
    return InjectionCase(value["text"], value["label"] == ATTACK)
