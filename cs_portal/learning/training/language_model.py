"""``train language-model``: plain texts, each token predicted from those before it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bots.backends.chat_format import ChatFormat
from bots.training.examples import Example
from bots.training.texts import blocks
from cs_portal.learning.evaluation.files import BadFile, read_text

HELP = "Teach a language model how a shop writes, from plain texts."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--texts", required=True, type=Path, nargs="+", metavar="FILE", help="plain texts in UTF-8")


def files(options: Mapping[str, Any]) -> list[Path]:
    return list(options["texts"])


def read(options: Mapping[str, Any], chat: ChatFormat, longest: int) -> list[list[Example]]:
    """Blocks of ``longest`` tokens, each a group of its own. Raises `BadFile`."""
    texts = []
    for path in options["texts"]:
        text = read_text(path).strip()
        if not text:
            raise BadFile(path, "is empty")
        texts.append(text)
    return [[block] for block in blocks(texts, chat, size=longest)]
