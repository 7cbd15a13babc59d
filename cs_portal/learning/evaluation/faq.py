"""``evaluate faq``: FAQs and questions from two files, through the index and search that answer shoppers."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bots.types import FaqEntry, FaqHit, Language
from cs_portal.drafting import engine
from cs_portal.knowledge.retrieval import ANSWER_THRESHOLD, index_of, search
from cs_portal.learning.evaluation.files import BadFile, write_json_lines
from cs_portal.learning.evaluation.measures import auroc, percentile, rate
from cs_portal.learning.evaluation.tables import at_most, locale_of, read_table, required

HELP = "Find the FAQ of each question and compare with the one that was expected."
RANKED = 10


@dataclass(frozen=True, slots=True)
class Query:
    """``faq_id`` is empty where no FAQ answers it."""

    text: str
    faq_id: str
    language: Language


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found for it, best first, and the milliseconds that took."""

    query: Query
    hits: tuple[FaqHit, ...]
    milliseconds: float

    @property
    def score(self) -> float:
        return self.hits[0].score if self.hits else 0.0

    @property
    def answered(self) -> bool:
        return bool(self.hits) and self.score >= ANSWER_THRESHOLD

    @property
    def rank(self) -> int | None:
        """From 1; ``None`` when the expected FAQ is not among the first `RANKED`."""
        ids = [hit.entry.id for hit in self.hits]
        return ids.index(self.query.faq_id) + 1 if self.query.faq_id in ids else None


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--faqs", required=True, type=Path, help="faq_id,question,answer,locale (CSV or JSON Lines)")
    parser.add_argument("--queries", required=True, type=Path, help="query,faq_id,locale (CSV or JSON Lines)")


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    entries = read_faqs(options["faqs"])
    queries = read_queries(options["queries"], {entry.id for entry in entries})
    bot = engine.measured_bot()
    started = perf_counter()
    index = index_of(entries, bot=bot)
    build_seconds = perf_counter() - started
    asked: list[Asked] = []
    for number, query in enumerate(queries, 1):
        started = perf_counter()
        hits = search(query.text, language=query.language, bot=bot, among=index, k=RANKED)
        asked.append(Asked(query, hits, (perf_counter() - started) * 1000))
        progress(number, len(queries))
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(row, each) for row, each in enumerate(asked, 1)))
    return scores(asked) | {"build_seconds": round(build_seconds, 3)}


def _prediction(row: int, asked: Asked) -> dict[str, Any]:
    ranked = [[hit.entry.id, round(hit.score, 6)] for hit in asked.hits]
    return {"row": row, "ranked": ranked, "answered": asked.answered}


def scores(asked: Sequence[Asked]) -> dict[str, Any]:
    """``top1 top3 mrr`` over answerable questions, whatever the threshold; an answer to any other one is wrong."""
    inside = [each for each in asked if each.query.faq_id]
    outside = [each for each in asked if not each.query.faq_id]
    answered = [each for each in asked if each.answered]
    milliseconds = [each.milliseconds for each in asked]
    return {
        "n": len(asked),
        "top1": rate(sum(each.rank == 1 for each in inside), len(inside)),
        "top3": rate(sum(each.rank is not None and each.rank <= 3 for each in inside), len(inside)),
        "mrr": rate(sum(1 / each.rank for each in inside if each.rank), len(inside)),
        "oos_auroc": auroc([each.score for each in inside], [each.score for each in outside]),
        "answered_precision": rate(sum(each.rank == 1 for each in answered), len(answered)),
        "answered_rate": rate(len(answered), len(asked)),
        "oos_recall": rate(sum(not each.answered for each in outside), len(outside)),
        "ms_p50": percentile(milliseconds, 50),
        "ms_p99": percentile(milliseconds, 99),
    }


def read_faqs(path: Path) -> list[FaqEntry]:
    """One entry for each FAQ and language: its first row is the question, the others are phrasings of it.

    Its answer is the first that is not empty.
    """
    questions: dict[tuple[str, Language], list[str]] = {}
    answers: dict[tuple[str, Language], str] = {}
    for line, row in read_table(path, ("faq_id", "question", "answer", "locale")):
        key = required(path, line, row, "faq_id"), locale_of(path, line, row)
        questions.setdefault(key, []).append(required(path, line, row, "question"))
        answers[key] = answers.get(key) or at_most(path, line, row, "answer")
    return [
        FaqEntry(faq_id, 1, language, texts[0], answers[faq_id, language], tuple(texts[1:]))
        for (faq_id, language), texts in questions.items()
    ]


def read_queries(path: Path, known: set[str]) -> list[Query]:
    """``known`` are the FAQs that a question may name."""
    queries = []
    for line, row in read_table(path, ("query", "faq_id", "locale")):
        if row["faq_id"] and row["faq_id"] not in known:
            raise BadFile(path, f"faq_id: no FAQ is called {row['faq_id']!r}", line)
        queries.append(Query(required(path, line, row, "query"), row["faq_id"], locale_of(path, line, row)))
    return queries
