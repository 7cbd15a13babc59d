"""Which weights tell best whether the first FAQ is the right one, where FAQs have answers.

    python -m bench.answered

On ``bench/zh_faq`` (142 FAQs) and single questions of ``bench/drafts``, its first and dev sets (about 20 FAQs a
shop). For every mix of phrasing, answer, statement and kind: how often the right FAQ comes first, and at a threshold
of 0.5 of a logistic regression on relevance and lead how many are answered rightly, how many of the answered are
right, and how many of those without an answer are refused. The last lines are the product's own weights.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
SETS = ("zh_faq", "dev", "first")
#: A question of zh_faq counts less: there are ten times as many.
WEIGHTS = {"zh_faq": 0.1, "dev": 1.0, "first": 1.0}
SHARES = ((0.25, 0.0, 0.0), (0.35, 0.2, 1.0), (0.4, 0.25, 1.2), (0.45, 0.3, 1.5))
FOREIGN_PENALTY = 0.25


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the relevance of every FAQ by what it was compared with; ``faq`` is None where none is right."""

    name: str
    faq: str | None
    ids: tuple[str, ...]
    phrasing: NDArray[np.float32]
    answer: NDArray[np.float32]
    statement: NDArray[np.float32]
    kind: NDArray[np.float32]
    native: NDArray[np.bool_]
    rivals: NDArray[np.float32]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")
    import django

    django.setup()
    from bots.retrieval.calibration import _JOINED_ANSWERED as own

    cases = list(_cases())
    for shares in SHARES:
        rows = [_first(case, *shares) for case in cases]
        features, right = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows])
        fitted = LogisticRegression(C=10).fit(features, right, sample_weight=[WEIGHTS[case.name] for case in cases])
        weights = (*fitted.coef_[0], fitted.intercept_[0])
        _tell(cases, features, right, shares, weights)
    shares = (own.answer_share, own.statement_share, own.kind_weight)
    rows = [_first(case, *shares) for case in cases]
    features, right = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows])
    print("the product's own:")
    _tell(cases, features, right, shares, (own.relevance_weight, own.lead_weight, own.intercept))


def _tell(cases: list[Case], features: Any, right: Any, shares: Any, weights: Any) -> None:
    answered = features @ np.array(weights[:2]) + weights[2] >= 0.0
    has_answer = np.array([case.faq is not None for case in cases])
    print("answer {}, statement {}, kind {}: ".format(*shares), "weights {:.2f} {:.2f} {:.2f}".format(*weights))
    for name in SETS:
        of = np.array([case.name == name for case in cases])
        asked, idle = of & has_answer, of & ~has_answer
        print(
            f"  {name:8} first {right[asked].mean():.3f}, answered rightly {(answered & right)[asked].mean():.3f}, "
            f"of the answered right {right[of & answered].mean():.3f}, refused {(~answered)[idle].mean():.3f}"
            f" (n {asked.sum()} and {idle.sum()})"
        )


def _first(case: Case, answer: float, statement: float, kind: float) -> tuple[float, float, bool]:
    """Relevance and lead of the FAQ that comes first, and whether it is the right one."""
    from bots.retrieval.calibration import leads

    mixed = (1 - answer - statement) * case.phrasing + answer * case.answer + statement * case.statement
    relevance = np.where(np.isfinite(case.answer), mixed, case.phrasing) + kind * case.kind
    relevance = (relevance - np.where(case.native, 0.0, FOREIGN_PENALTY)).astype(np.float32)
    best = int(relevance.argmax())
    return float(relevance[best]), float(leads(relevance, case.rivals)[best]), case.ids[best] == case.faq


def _cases() -> Iterator[Case]:
    from django.conf import settings

    from bench.drafts import all_cases
    from bots.api import Bot
    from bots.retrieval.defaults import default_embedder
    from bots.retrieval.index import FaqIndex
    from bots.types import FaqEntry

    bot = Bot(embedder=(embedder := default_embedder(settings.MODELS_DIR, cache=settings.ENGINE_CACHE_DIR)))
    by_faq: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in _csv("faqs"):
        by_faq.setdefault((row["faq_id"], row["locale"]), []).append(row)
    entries = [
        FaqEntry(faq, 1, locale, rows[0]["question"], rows[0]["answer"], tuple(row["question"] for row in rows[1:]))  # type: ignore[arg-type]
        for (faq, locale), rows in by_faq.items()
    ]
    index = FaqIndex.build(entries, embedder)
    for row in _csv("queries"):
        yield from _case(bot, index, "zh_faq", row["query"], row["locale"], row["faq_id"] or None)
    for name in ("dev", "first"):
        shops: dict[str, FaqIndex] = {}
        for asked in all_cases(name):
            wanted = asked["expected"]
            if not _is_a_single_question(asked):
                continue
            if asked["merchant"] not in shops:
                shops[asked["merchant"]] = FaqIndex.build(
                    [
                        FaqEntry(f["id"], 1, f["locale"], f["question"], f["answer"], tuple(f["variants"]))
                        for f in asked["faqs"]
                    ],
                    embedder,
                )
            text = asked["messages"][0]["text"]
            yield from _case(bot, shops[asked["merchant"]], name, text, wanted["language"], wanted["faq_id"])


def _is_a_single_question(asked: dict[str, Any]) -> bool:
    """Of the knowledge alone: what rules or orders answer, several questions and expired answers are left out."""
    wanted = asked["expected"]
    if len(asked["messages"]) > 1 or wanted["outcome"] not in ("none", None):
        return False
    if wanted["faq_id"]:
        return True
    of_orders = asked["orders"] and asked["shopper"] and wanted["intent"] in {"order_status", "refund_status"}
    return not (of_orders or wanted["must_include"] or wanted["must_include_any"] or "expired" in asked["id"])


def _csv(name: str) -> list[dict[str, str]]:
    with (ROOT / "bench/zh_faq" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _case(bot: Any, index: Any, name: str, query: str, language: Any, faq: str | None) -> Iterator[Case]:
    """By the index's own parts, as :meth:`bots.retrieval.index.FaqIndex.search` mixes them."""
    from bots.types import LANGUAGES

    embedder, kinds = bot._embedder, bot._ready_reader().classifier
    written = index._as_searched(query, embedder)
    if not written:
        return
    vector = embedder.embed_queries([written])[0]
    background = {each: sentences @ vector for each, sentences in index._background.items()}
    unrelated = np.array([background[each].mean() for each in LANGUAGES], dtype=np.float32)
    cosines = (index._vectors @ vector - unrelated[index._languages]) / index._spread
    lexical = index._calibration.lexical_weight * index._lexical.relative_scores(written)
    told = index._by_faq(index._answers @ vector, index.phrasings.answer_rows, unrelated)
    stated = index._by_faq(index._statements @ vector, index.phrasings.statement_rows, unrelated)
    yield Case(
        name=name,
        faq=faq,
        ids=index.phrasings.ids,
        phrasing=np.maximum.reduceat(cosines + lexical, index.phrasings.starts),
        answer=told,
        statement=np.where(np.isfinite(stated), stated, told),
        kind=index._of_kind(kinds, vector, written),
        native=index.phrasings.native(language),
        rivals=np.concatenate([each - each.mean() for each in background.values()]).astype(np.float32) / index._spread,
    )


if __name__ == "__main__":
    main()
