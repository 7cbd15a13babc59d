"""``python -m bench.retrieval [--data DIR] [--sample N] [--only WORDS] [--speed]``: our search beside simpler ones.

In one run each system gets the same FAQs or examples and is asked the same questions, one at a time: BM25 alone
(bm25s), a linear SVM on TF-IDF of words and characters, the bare multilingual-e5-small by nearest phrasing, and ours as
the product runs it. A table in Markdown is printed. ``--speed`` measures our search over 2,000 and 50,000 phrasings
instead.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bots.retrieval.embedders import Embedder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")

ROOT = Path(__file__).resolve().parents[1]
#: Of a question: the ids found, best first, and whether the first is offered as the answer (None: it has no threshold).
Found = tuple[list[str], bool | None]
Ask = Callable[[str], Found]


@dataclass(frozen=True)
class Task:
    """``taught``: text, id; ``asked``: text, id or "" where nothing is right; ``answers`` by id.

    ``mixed``: the texts taught are in both languages, told by their script.
    """

    name: str
    language: str
    taught: list[tuple[str, str]]
    asked: list[tuple[str, str]]
    answers: dict[str, str]
    mixed: bool = False


def tasks(data: Path, sample: int) -> Iterator[Task]:
    bank = _rows(data / "banking77/faqs_10shot.csv")
    asked = _rows(data / "banking77/queries.csv")
    yield _task("Banking77, 10 a class", "en", bank, "question", "faq_id", asked, "query", sample)
    clinc = _rows(data / "clinc150/train_20shot.csv")
    yield _task("CLINC150, 20", "en", clinc, "text", "intent", _rows(data / "clinc150/validation.csv"), "text", sample)
    bitext = _rows(data / "bitext_customer_service/train.csv")
    random.Random(0).shuffle(bitext)
    ten = [row for row in bitext if _count(row["intent"], bitext, row) < 10]
    tested = _rows(data / "bitext_customer_service/validation.csv")
    yield _task("Bitext, 10", "en", ten, "text", "intent", tested, "text", sample)
    faqs, queries = _rows(ROOT / "bench/zh_faq/faqs.csv"), _rows(ROOT / "bench/zh_faq/queries.csv")
    yield _task("Chinese shop, zero-shot", "zh-hans", faqs, "question", "faq_id", queries, "query", sample)
    yield from _half_translated(sample)
    yield from _mistyped(data, sample)


def _mistyped(data: Path, sample: int) -> Iterator[Task]:
    """A demo shop's FAQs in English, asked by their last three wordings, which are not taught: as they stand, and with
    two mistyped words of five letters and more. Beside them questions that no shop answers."""
    from cs_portal.demo.faqs import faqs
    from cs_portal.demo.merchants import MERCHANTS

    texts = {faq.id: faq.texts["en"] for faq in faqs(MERCHANTS[0]) if "en" in faq.texts}
    wordings = {name: (text.question, *text.variants) for name, text in texts.items()}
    taught = [(wording, name) for name, every in wordings.items() for wording in every[: max(1, len(every) - 3)]]
    asked = [(wording, name) for name, every in wordings.items() for wording in every[max(1, len(every) - 3) :]]
    clinc = _rows(data / "clinc150/validation.csv")
    beside = [(row["text"], "") for row in clinc if row["intent"] == "oos"]
    asked = [*random.Random(1).sample(asked, min(sample or len(asked), len(asked))), *beside]
    answers, rng = {name: text.answer for name, text in texts.items()}, random.Random(2)
    yield Task("English shop, typed well", "en", taught, asked, answers)
    yield Task("English shop, two typos", "en", taught, [(_with_typos(q, 2, rng), name) for q, name in asked], answers)


def _with_typos(text: str, count: int, rng: random.Random) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    for at in rng.sample(long, min(count, len(long))):
        words[at] = _mistype(words[at], rng)
    return " ".join(words)


def _mistype(word: str, rng: random.Random) -> str:
    """A letter left out, doubled, swapped with the next or another one; never the first."""
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
        )
    )


def _half_translated(sample: int) -> Iterator[Task]:
    """The demo shop with half of its FAQs in English alone: Chinese questions to these, and questions to the others.

    Of an FAQ in both languages the last three wordings are not taught; they are the questions.
    """
    from cs_portal.demo.faqs import faqs
    from cs_portal.demo.merchants import MERCHANTS

    everything = {faq.id: faq.texts for merchant in MERCHANTS for faq in faqs(merchant) if len(faq.texts) == 2}
    english = set(random.Random(3).sample(sorted(everything), len(everything) // 2))
    taught, abroad, at_home = [], [], []
    for name, texts in everything.items():
        for language, text in texts.items():
            wordings = [(wording, name) for wording in (text.question, *text.variants)]
            if name in english and language != "en":
                abroad += wordings
            else:
                taught += wordings[:-3]
                at_home += wordings[-3:] if name not in english and language != "en" else []
    for title, asked in (("English FAQs, Chinese questions", abroad), ("the shop's others, in Chinese", at_home)):
        asked = random.Random(1).sample(asked, min(sample or len(asked), len(asked)))
        yield Task(title, "zh-hans", taught, asked, dict.fromkeys(everything, ""), mixed=True)


def _count(intent: str, rows: Sequence[dict[str, str]], upto: dict[str, str]) -> int:
    """How many rows of ``intent`` stand before ``upto``."""
    found = 0
    for row in rows:
        if row is upto:
            return found
        found += row["intent"] == intent
    return found


def _task(
    name: str,
    language: str,
    taught: list[dict[str, str]],
    text: str,
    label: str,
    asked: list[dict[str, str]],
    query: str,
    sample: int,
) -> Task:
    pairs = [(row[query], "" if row[label] == "oos" else row[label]) for row in asked]
    random.Random(1).shuffle(pairs)
    answers = {row[label]: row.get("answer", "") for row in taught}
    return Task(name, language, [(row[text], row[label]) for row in taught], pairs[: sample or None], answers)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def bm25(task: Task) -> Ask:
    from bots.retrieval.lexical import LexicalIndex

    index, ids = LexicalIndex([text for text, _ in task.taught]), [label for _, label in task.taught]
    return lambda query: (_distinct(ids, index.scores(query)), None)


def svm(task: Task) -> Ask:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    features = make_union(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb" if task.language == "en" else "char", ngram_range=(1, 4)),
    )
    model = make_pipeline(features, LinearSVC()).fit([t for t, _ in task.taught], [label for _, label in task.taught])
    ids = [str(name) for name in model.classes_]
    return lambda query: (_distinct(ids, model.decision_function([query])[0]), None)


def bare(task: Task) -> Ask:
    from django.conf import settings

    from bots.models import embedder_folder
    from bots.retrieval.embedders import load_embedder

    folder = embedder_folder(settings.MODELS_DIR)
    if folder is None:
        raise SystemExit("The default models are not installed: make models")
    embedder = load_embedder(str(folder), precision="bfloat16")
    vectors = embedder.embed_passages([text for text, _ in task.taught])
    ids = [label for _, label in task.taught]
    return lambda query: (_distinct(ids, vectors @ embedder.embed_queries([query])[0]), None)


def ours(task: Task) -> Ask:
    """FAQs with their answers where there are any; a task without is one of intents."""
    from bots.retrieval.embedders import has_chinese
    from bots.types import FaqEntry, Language, as_language
    from cs_portal.drafting import engine
    from cs_portal.knowledge.retrieval import ANSWER_THRESHOLD, index_of, search

    bot, language = engine.measured_bot(), as_language(task.language)
    texts: dict[tuple[str, Language], list[str]] = {}
    scripts = has_chinese([text for text, _ in task.taught])
    for (text, label), chinese in zip(task.taught, scripts, strict=True):
        spoken: Language = ("zh-hans" if chinese else "en") if task.mixed else language
        texts.setdefault((label, spoken), []).append(text)
    entries = [FaqEntry(i, 1, spoken, t[0], task.answers[i], tuple(t[1:])) for (i, spoken), t in texts.items()]
    index = index_of(entries, bot=bot)

    def ask(query: str) -> Found:
        hits = search(query, language=language, bot=bot, among=index, k=10)
        return [hit.entry.id for hit in hits], bool(hits) and hits[0].score >= ANSWER_THRESHOLD

    return ask


def _distinct(ids: Sequence[str], scores: Sequence[float] | np.ndarray) -> list[str]:
    order = np.argsort(-np.asarray(scores), kind="stable")
    return list(dict.fromkeys(ids[row] for row in order[:200]))[:10]


SYSTEMS = {"BM25 (bm25s)": bm25, "TF-IDF + linear SVM": svm, "multilingual-e5-small": bare, "ours": ours}


def measure(task: Task) -> None:
    for name, make in SYSTEMS.items():
        started = time.perf_counter()
        ask = make(task)
        built = time.perf_counter() - started
        ask(task.asked[0][0])
        found, milliseconds = [], []
        for number, (query, _) in enumerate(task.asked, 1):
            started = time.perf_counter()
            found.append(ask(query))
            milliseconds.append((time.perf_counter() - started) * 1000)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{task.name}, {name}: {number}")
        sys.stdout.write(_line(task, name, found, built, float(np.median(milliseconds))))
        sys.stdout.flush()


def _line(task: Task, name: str, found: list[Found], built: float, milliseconds: float) -> str:
    pairs = list(zip(task.asked, found, strict=True))
    inside = [(right, got) for (_, right), got in pairs if right]
    outside = [got for (_, right), got in pairs if not right]
    top1 = np.mean([ids[:1] == [right] for right, (ids, _) in inside])
    top3 = np.mean([right in ids[:3] for right, (ids, _) in inside])
    kept = refused = "–"
    if found[0][1] is not None:
        kept = f"{np.mean([ids[:1] == [right] and answered for right, (ids, answered) in inside]):.3f}"
        refused = f"{np.mean([not answered for _, answered in outside]):.3f}" if outside else "–"
    return (
        f"| {task.name} | {name} | {top1:.3f} | {top3:.3f} | {kept} | {refused} | {milliseconds:.1f} | {built:.1f} |\n"
    )


class MadeUp:
    """An embedder whose passages have random vectors: 50,000 real ones would take minutes and change no time."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension, self.widths = embedder.name, embedder.dimension, embedder.widths
        self.english_words, self.embed_queries = embedder.english_words, embedder.embed_queries
        self._random = np.random.default_rng(0)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        vectors = self._random.normal(size=(len(texts), self.dimension)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def speed() -> None:
    """Our search over made-up phrasings, five an FAQ; their vectors are random, those of the questions are real."""
    from django.conf import settings

    from bots.api import Bot
    from bots.retrieval.defaults import default_embedder
    from bots.types import FaqEntry
    from cs_portal.knowledge.retrieval import index_of, search

    loaded = default_embedder(settings.MODELS_DIR, cache=settings.ENGINE_CACHE_DIR)
    bot, rng = Bot(embedder=MadeUp(loaded)), random.Random(0)
    verbs, things = ("return", "wash", "exchange", "track", "cancel", "pay for"), [f"item{i}" for i in range(400)]
    sys.stdout.write("| phrasings | learned | p50 ms | p99 ms | index MB | build s | rebuilt after one change s |\n")
    for size in (2_000, 50_000):
        texts = [f"how do i {rng.choice(verbs)} the {rng.choice(things)} number {row}" for row in range(size)]
        entries = [FaqEntry(f"{at}", 1, "en", texts[at], "", tuple(texts[at + 1 : at + 5])) for at in range(0, size, 5)]
        started = time.perf_counter()
        index = index_of(entries, bot=bot)
        built = time.perf_counter() - started
        started = time.perf_counter()
        bot.index([*entries[:-1], FaqEntry("new", 1, "en", "where is my refund", "")], previous=index, most_learned=0)
        again = time.perf_counter() - started
        milliseconds = []
        for row in range(200):
            started = time.perf_counter()
            search(f"can i {rng.choice(verbs)} my {rng.choice(things)} {row}", language="en", bot=bot, among=index)
            milliseconds.append((time.perf_counter() - started) * 1000)
        p50, p99 = np.percentile(milliseconds, [50, 99])
        learned = "yes" if index.head is not None else "no"
        cells = f"{size:,} | {learned} | {p50:.1f} | {p99:.1f} | {index.nbytes / 1e6:.0f} | {built:.1f} | {again:.2f}"
        sys.stdout.write(f"| {cells} |\n")
        sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", metavar="DIR")
    parser.add_argument("--sample", type=int, default=0, help="questions of each task, all when left out")
    parser.add_argument("--only", default="", metavar="WORDS", help="the tasks whose names have these words")
    parser.add_argument("--speed", action="store_true", help="measure time and memory instead")
    options = parser.parse_args()
    import django

    django.setup()
    if options.speed:
        speed()
        return 0
    sys.stdout.write("| task | system | top-1 | top-3 | answered rightly | oos refused | p50 ms | build s |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    for task in tasks(options.data, options.sample):
        if options.only.lower() in task.name.lower():
            measure(task)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
