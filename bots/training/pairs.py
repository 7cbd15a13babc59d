"""Pairs of question and reply: the loss counts the reply and the token that ends it, −Σ log P(rᵢ|qᵢ)."""

from __future__ import annotations

from dataclasses import dataclass

from bots.backends.base import Prompt
from bots.backends.chat_format import ChatFormat
from bots.training.examples import IGNORED, Example


@dataclass(frozen=True, slots=True)
class Pair:
    """``question`` is what the model gets to read, ``system`` the instructions before it."""

    question: str
    reply: str
    system: str = ""


def prompt_of(pair: Pair, chat: ChatFormat) -> list[int]:
    """The tokens that drafting would hand to the model for the same texts."""
    return chat.prompt(Prompt(system=pair.system, user=pair.question))


def example_of(pair: Pair, chat: ChatFormat) -> Example:
    question, reply = prompt_of(pair, chat), chat.reply(pair.reply)
    return Example((*question, *reply), (*[IGNORED] * len(question), *reply))
