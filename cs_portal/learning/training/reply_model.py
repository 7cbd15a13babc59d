"""``train reply-model``: pairs of what the model reads and what it should write."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bots.backends.chat_format import ChatFormat
from bots.training.examples import Example
from bots.training.pairs import Pair, example_of
from cs_portal.learning.evaluation.files import BadFile
from cs_portal.learning.evaluation.tables import filled, read_table

HELP = "Teach a language model to reply, from pairs of question and reply."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--pairs", required=True, type=Path, help="question,reply[,system] (CSV or JSON Lines)")


def files(options: Mapping[str, Any]) -> list[Path]:
    return [options["pairs"]]


def read(options: Mapping[str, Any], chat: ChatFormat, longest: int) -> list[list[Example]]:
    """The examples, those of one question together. Raises `BadFile`."""
    groups: dict[str, list[Example]] = {}
    for line, pair in read_pairs(options["pairs"]):
        example = example_of(pair, chat)
        if len(example.ids) > longest:
            raise BadFile(options["pairs"], f"has {len(example.ids):,} tokens, more than {longest:,}", line)
        groups.setdefault(pair.question, []).append(example)
    return list(groups.values())


def read_pairs(path: Path) -> list[tuple[int, Pair]]:
    """Each pair with its line; at least one. Raises `BadFile`."""
    pairs = [
        (line, Pair(filled(path, line, row, "question"), filled(path, line, row, "reply"), row["system"]))
        for line, row in read_table(path, ("question", "reply"), optional=("system",))
    ]
    if not pairs:
        raise BadFile(path, "holds no pair")
    return pairs
