"""Plain texts: every token is predicted from those before it, −Σ log P(wᵢ|w₍<ᵢ₎)."""

from __future__ import annotations

from collections.abc import Iterable

from bots.backends.chat_format import ChatFormat
from bots.training.examples import Example


def blocks(texts: Iterable[str], chat: ChatFormat, *, size: int) -> list[Example]:
    """The texts one after another, each with an end token, cut into ``size`` tokens; the last block may be shorter.

    No token is lost but a last one that stands alone, which nothing predicts.
    """
    ids = [token for text in texts for token in chat.reply(text)]
    cut = [tuple(ids[start : start + size]) for start in range(0, len(ids), size)]
    return [Example(block, block) for block in cut if len(block) > 1]
