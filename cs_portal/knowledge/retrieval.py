"""The production path from question to answers: one index per merchant and process, rebuilt on change."""

from __future__ import annotations

import threading
from collections import OrderedDict

from bots.api import Bot
from bots.retrieval.index import FaqIndex
from bots.types import FaqEntry, FaqHit, Understanding, as_language
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.selectors import knowledge_version, published_texts

#: Indexes kept in memory; the merchant asked least recently goes first.
MAX_INDEXES = 64

_indexes: OrderedDict[int, tuple[int, FaqIndex]] = OrderedDict()
_lock = threading.Lock()


def entries() -> list[FaqEntry]:
    return [
        FaqEntry(
            id=str(text.faq.public_id),
            revision=text.faq.revision,
            language=as_language(text.locale),
            question=text.question,
            answer=text.answer,
            variants=tuple(text.variants),
        )
        for text in published_texts()
    ]


def index(*, bot: Bot) -> FaqIndex:
    """The active merchant's index, rebuilt when a newer version of its knowledge was published."""
    merchant_id, version = current_merchant().pk, knowledge_version()
    with _lock:
        known = _indexes.get(merchant_id)
    if known is None or known[0] != version:
        known = (version, bot.index(entries()))
    with _lock:
        _indexes[merchant_id] = known
        _indexes.move_to_end(merchant_id)
        while len(_indexes) > MAX_INDEXES:
            _indexes.popitem(last=False)
    return known[1]


def answers(understanding: Understanding, *, bot: Bot) -> tuple[FaqHit, ...]:
    """The FAQs that may answer each question of a message, best first per question."""
    return bot.answers(index(bot=bot), understanding)
