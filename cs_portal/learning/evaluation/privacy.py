"""``evaluate privacy``: what is found of personal data, by the reader that masks it in production."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.utils import timezone

from bots.understanding.personal import PersonalSpan, find_personal
from cs_portal.learning.evaluation.files import BadFile, read_json_lines, write_json_lines
from cs_portal.learning.evaluation.measures import percentile, rate
from cs_portal.learning.evaluation.tables import locale_of

HELP = "Find personal data in texts and compare with the spans that are marked."
TYPES = ("PHONE", "EMAIL", "CARD", "ID_NUMBER", "IBAN", "IP", "URL", "NAME", "ADDRESS", "ORDER")
#: What our reader tells apart beyond the types of the contract.
_AS_TYPE = {"TRACKING": "ORDER", "ACCOUNT": "ID_NUMBER"}


@dataclass(frozen=True, slots=True)
class Gold:
    """``text[start:end]``, in code points, is personal data of that type; ``ignore``: it counts neither way."""

    start: int
    end: int
    type: str
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class PrivacyCase:
    text: str
    spans: tuple[Gold, ...]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cases", required=True, type=Path, help='{"text", "locale", "spans"}, one JSON object a line')


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    cases = read_cases(options["cases"])
    today = timezone.now().date()
    found: list[tuple[PersonalSpan, ...]] = []
    milliseconds: list[float] = []
    for number, case in enumerate(cases, 1):
        started = perf_counter()
        found.append(find_personal(case.text, today=today))
        milliseconds.append((perf_counter() - started) * 1000)
        progress(number, len(cases))
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(row, spans) for row, spans in enumerate(found, 1)))
    return scores(cases, found) | {"ms_p50": percentile(milliseconds, 50)}


def scores(cases: Sequence[PrivacyCase], found: Sequence[Iterable[PersonalSpan]]) -> dict[str, Any]:
    """A marked span is recalled when each of its characters but for spaces is covered, whatever the type; a find is
    right when it overlaps a marked span."""
    recalled = {kind: [0, 0] for kind in TYPES}
    right = {kind: [0, 0] for kind in TYPES}
    leaked = 0
    for case, spans in zip(cases, found, strict=True):
        covered = {place for span in spans for place in range(span.start, span.end)}
        for gold in case.spans:
            if gold.ignore:
                continue
            bare = sum(not case.text[place].isspace() and place not in covered for place in range(gold.start, gold.end))
            leaked += bare
            recalled[gold.type][0] += not bare
            recalled[gold.type][1] += 1
        for span in spans:
            beside = [gold for gold in case.spans if gold.start < span.end and span.start < gold.end]
            if beside and all(gold.ignore for gold in beside):
                continue
            kind = _type(span)
            right[kind][0] += bool(beside)
            right[kind][1] += 1
    return {
        "n": len(cases),
        "recall": _sum_rate(recalled),
        "precision": _sum_rate(right),
        "by_type": {
            kind: {"recall": rate(*recalled[kind]), "precision": rate(*right[kind]), "n": recalled[kind][1]}
            for kind in TYPES
            if recalled[kind][1] or right[kind][1]
        },
        "leaked_characters": leaked,
    }


def _sum_rate(counts: Mapping[str, Sequence[int]]) -> float | None:
    return rate(sum(count[0] for count in counts.values()), sum(count[1] for count in counts.values()))


def _type(span: PersonalSpan) -> str:
    return _AS_TYPE.get(span.kind, span.kind)


def _prediction(row: int, spans: Iterable[PersonalSpan]) -> dict[str, Any]:
    return {"row": row, "spans": [{"start": span.start, "end": span.end, "type": _type(span)} for span in spans]}


def read_cases(path: Path) -> list[PrivacyCase]:
    return [_case(path, line, value) for line, value in read_json_lines(path)]


def _case(path: Path, line: int, value: Any) -> PrivacyCase:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise BadFile(path, "text: is required and must be a text", line)
    locale_of(path, line, {"locale": str(value.get("locale"))})
    spans = value.get("spans")
    if not isinstance(spans, list):
        raise BadFile(path, "spans: is required and must be a list", line)
    return PrivacyCase(value["text"], tuple(_gold(path, line, value["text"], span) for span in spans))


def _gold(path: Path, line: int, text: str, span: Any) -> Gold:
    if not isinstance(span, dict):
        raise BadFile(path, "spans: each must be an object", line)
    start, end, kind, ignore = (span.get(key) for key in ("start", "end", "type", "ignore"))
    if not (type(start) is int and type(end) is int and 0 <= start < end <= len(text)):
        raise BadFile(path, "spans: start and end must be within the text, start before end", line)
    if ignore is not None and not isinstance(ignore, bool):
        raise BadFile(path, "spans: ignore must be true or false", line)
    if kind not in TYPES and not ignore:
        raise BadFile(path, f"spans: type must be one of {', '.join(TYPES)}", line)
    return Gold(start, end, str(kind), bool(ignore))
