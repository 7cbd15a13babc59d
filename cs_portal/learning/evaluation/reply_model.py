"""``evaluate reply-model``: how likely a language model finds the replies that were given, with and without adapter."""

from __future__ import annotations

import math
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.training.pairs import Pair, prompt_of
from cs_portal.learning.evaluation.files import BadFile, write_json_lines
from cs_portal.learning.evaluation.measures import DIGITS, rate
from cs_portal.learning.training.choosing import chosen_model
from cs_portal.learning.training.reply_model import read_pairs

if TYPE_CHECKING:
    from bots.training.scoring import Likelihood

HELP = "Measure how likely a language model finds replies to questions, and whether it tells them from others."
#: The true reply and the nine that follow it in the file.
RANKED = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """The true reply's likelihood first, then the distractors'."""

    likelihoods: Sequence[Likelihood]

    @property
    def true(self) -> Likelihood:
        return self.likelihoods[0]

    @property
    def first(self) -> bool:
        """No distractor is likelier per token; the very same reply is no better than itself."""
        return all(other.per_token <= self.true.per_token for other in self.likelihoods[1:])


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--model", help="a model or an adapter's folder; else the one that drafts here")
    parser.add_argument("--pairs", required=True, type=Path, help="question,reply[,system] (CSV or JSON Lines)")


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile` and `ModelMissing`. The keys are those of `docs/evaluation.md`."""
    path = options["pairs"]
    pairs = read_pairs(path)
    chosen = chosen_model(options.get("model"))
    rounds = [chosen.adapter] if chosen.adapter is None else [None, chosen.adapter]
    ranked: list[list[Ranked]] = []
    for adapter in rounds:
        ranked.append([])
        for each in _ranked(path, pairs, chosen.model, adapter):
            ranked[-1].append(each)
            progress(sum(map(len, ranked)), len(rounds) * len(pairs))
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(row, each) for row, each in enumerate(ranked[-1], 1)))
    before = {f"base_{key}": value for key, value in scores(ranked[0]).items()}
    return {"n": len(pairs)} | scores(ranked[-1]) | before


def scores(ranked: Sequence[Ranked]) -> dict[str, Any]:
    """Mean −ln P over all tokens of the true replies, e to its power, and how often the true reply comes first."""
    nll = -sum(each.true.total for each in ranked) / sum(each.true.tokens for each in ranked)
    return {
        "nll_per_token": round(nll, DIGITS),
        "perplexity": round(math.exp(nll), DIGITS),
        "recall_at_1_of_10": rate(sum(each.first for each in ranked), len(ranked)),
    }


def _ranked(path: Path, pairs: Sequence[tuple[int, Pair]], model: str, adapter: Path | None) -> Iterator[Ranked]:
    from bots.backends.transformers import open_model
    from bots.training.scoring import likelihoods

    read = open_model(model, adapter=adapter)
    replies = [read.chat.reply(pair.reply) for _, pair in pairs]
    for number, (line, pair) in enumerate(pairs):
        question = prompt_of(pair, read.chat)
        others = [replies[(number + step) % len(replies)] for step in range(min(RANKED, len(replies)))]
        needed = len(question) + max(map(len, others))
        if read.longest is not None and needed > read.longest:
            raise BadFile(path, f"has {needed:,} tokens with the longest reply; the model reads {read.longest:,}", line)
        yield Ranked(likelihoods(read.model, question, others))


def _prediction(row: int, ranked: Ranked) -> dict[str, Any]:
    return {
        "row": row,
        "log_probability": round(ranked.true.total, 6),
        "tokens": ranked.true.tokens,
        "first": ranked.first,
    }
