"""Pairs for ``manage.py train reply-model`` and ``evaluate reply-model``, from cases as ``evaluate drafts`` reads them.

    python bench/drafts.py /tmp/cases.jsonl
    python bench/reply_pairs.py /tmp/cases.jsonl /tmp/pairs --test "Northtrail"

What the language model would read for a case, and what the composer replies to it, personal values masked. The prompt
holds the composer's reply, too, as checked facts: it is taken out, or copying would be all there is to learn. Besides
the cases every question of their FAQs is asked. ``/tmp/pairs/train.jsonl`` holds the other shops, ``test.jsonl`` those
named by ``--test``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: The composer words a reply by its seed.
SEEDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", action="append", default=[], metavar="MERCHANT")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")
    import django

    django.setup()
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "train.jsonl").open("w") as train, (options.out / "test.jsonl").open("w") as test:
        for merchant, pair in pairs(options.cases):
            print(json.dumps(pair, ensure_ascii=False), file=test if merchant in options.test else train)


def pairs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each pair with its merchant; a question and reply that came before are not given again."""
    from bots.composing.composer import compose_grounded
    from bots.composing.prompts.builder import build_prompt
    from cs_portal.core.tenancy import scope
    from cs_portal.drafting.prepare import prepare
    from cs_portal.learning.evaluation.drafts import conversation_of, read_cases, store_of
    from cs_portal.learning.evaluation.private_database import private_database

    given, stores = set(), {}
    with private_database():
        for case in _with_questions(read_cases(path)):
            store = store_of(case, stores, path)
            with scope(merchant=store.merchant):
                prepared = prepare(conversation_of(case, store), now=case.now)
            for seed in range(SEEDS):
                request = replace(prepared.request, seed=seed)
                masked = build_prompt(request)
                reply = masked.masker.mask(compose_grounded(request).text)
                said = (str(request.turns), reply)
                if said not in given:
                    given.add(said)
                    read = masked.prompt.user.replace(reply, "–")
                    pair = {"question": read, "reply": reply, "system": masked.prompt.system}
                    yield case.store["merchant"], {**pair, "locale": request.language}


def _with_questions(cases: list[Any]) -> Iterator[Any]:
    asked = set()
    for case in cases:
        yield case
        for faq in case.store["faqs"]:
            for question in (faq["question"], *faq.get("variants", ())):
                if question not in asked:
                    asked.add(question)
                    yield replace(case, messages=({"author": "shopper", "text": question},), locale=faq["locale"])


if __name__ == "__main__":
    main()
