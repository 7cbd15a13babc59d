"""``evaluate intents``: the reader of intents, taught from one file and tested on another."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bots.types import Language
from bots.understanding.intents import Scored
from cs_portal.drafting import engine
from cs_portal.learning.evaluation.files import BadFile, write_json_lines
from cs_portal.learning.evaluation.measures import auroc, calibration_error, macro_f1, percentile, rate
from cs_portal.learning.evaluation.tables import locale_of, read_table, required

HELP = "Teach intents from examples and read those of other texts."
#: The intent of a text that has none of those taught.
OUT_OF_SCOPE = "oos"


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    intent: str
    language: Language


@dataclass(frozen=True, slots=True)
class Read:
    utterance: Utterance
    scored: Scored
    milliseconds: float

    @property
    def predicted(self) -> str | None:
        return None if self.scored.refused else self.scored.label

    @property
    def right(self) -> bool:
        return self.predicted == self.utterance.intent


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--train", required=True, type=Path, help="text,intent,locale (CSV or JSON Lines)")
    parser.add_argument("--test", required=True, type=Path, help="the same; the intent oos means none of those taught")


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    taught = read_taught(options["train"])
    tested = read_tested(options["test"], {each.intent for each in taught})
    bot = engine.measured_bot()
    started = perf_counter()
    classifier = bot.classifier([each.text for each in taught], [each.intent for each in taught])
    train_seconds = perf_counter() - started
    read: list[Read] = []
    for number, utterance in enumerate(tested, 1):
        started = perf_counter()
        scored = classifier.classify([utterance.text])[0]
        read.append(Read(utterance, scored, (perf_counter() - started) * 1000))
        progress(number, len(tested))
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(row, each) for row, each in enumerate(read, 1)))
    return scores(read) | {"train_seconds": round(train_seconds, 3)}


def _prediction(row: int, read: Read) -> dict[str, Any]:
    scored = read.scored
    return {
        "row": row,
        "intent": scored.label,
        "probability": round(scored.probability, 6),
        "refused": scored.refused,
    }


def scores(read: Sequence[Read]) -> dict[str, Any]:
    """Accuracy and calibration over texts that have an intent, a refusal being wrong; F1 over all texts."""
    inside = [each for each in read if each.utterance.intent != OUT_OF_SCOPE]
    outside = [each for each in read if each.utterance.intent == OUT_OF_SCOPE]
    labels = list(dict.fromkeys(each.utterance.intent for each in inside))
    likely = [each.scored.probability for each in inside]
    return {
        "n": len(read),
        "accuracy": rate(sum(each.right for each in inside), len(inside)),
        "macro_f1": macro_f1([each.utterance.intent for each in read], [each.predicted for each in read], labels),
        "oos_auroc": auroc(likely, [each.scored.probability for each in outside]),
        "oos_recall": rate(sum(each.scored.refused for each in outside), len(outside)),
        "ece": calibration_error(likely, [each.scored.label == each.utterance.intent for each in inside]),
        "ms_p50": percentile([each.milliseconds for each in read], 50),
    }


def read_taught(path: Path) -> list[Utterance]:
    """At least two intents, none of them `OUT_OF_SCOPE`."""
    utterances = []
    for line, utterance in _utterances(path):
        if utterance.intent == OUT_OF_SCOPE:
            raise BadFile(path, f"intent: {OUT_OF_SCOPE} cannot be taught, it stands for all other texts", line)
        utterances.append(utterance)
    if len({each.intent for each in utterances}) < 2:
        raise BadFile(path, "at least two intents are required")
    return utterances


def read_tested(path: Path, known: set[str]) -> list[Utterance]:
    utterances = []
    for line, utterance in _utterances(path):
        if utterance.intent not in known | {OUT_OF_SCOPE}:
            raise BadFile(path, f"intent: {utterance.intent!r} was not taught", line)
        utterances.append(utterance)
    return utterances


def _utterances(path: Path) -> list[tuple[int, Utterance]]:
    return [
        (
            line,
            Utterance(
                required(path, line, row, "text"), required(path, line, row, "intent"), locale_of(path, line, row)
            ),
        )
        for line, row in read_table(path, ("text", "intent", "locale"))
    ]
