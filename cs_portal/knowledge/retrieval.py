"""The production path from question to answers: one index per merchant and process, rebuilt on change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from django.conf import settings

from bots.api import Bot
from bots.retrieval.index import ANSWER_THRESHOLD, FaqIndex
from bots.types import FaqEntry, FaqHit, Language, Understanding, as_language
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.kept_indexes import KeptIndexes
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.knowledge.product_phrasings import phrasings_for_products
from cs_portal.knowledge.selectors import knowledge_version, published_texts, served_contents, working_copies

__all__ = ["ANSWER_THRESHOLD", "answers", "entries", "entries_with", "index", "index_of", "search", "working_index"]

#: With more phrasings than these an index is learned from in the background, and answers without that meanwhile.
LEARNED_AT_ONCE = 1_000


@cache
def kept_indexes() -> KeptIndexes:
    return KeptIndexes(settings.INDEX_MEMORY_BYTES)


def entries() -> list[FaqEntry]:
    texts = published_texts()
    by_product = phrasings_for_products(served_contents(texts))
    return [
        FaqEntry(
            id=str(text.faq.public_id),
            revision=text.faq.revision,
            language=as_language(text.locale),
            question=text.question,
            answer=text.answer,
            variants=(*text.variants, *by_product.get((text.faq_id, text.locale), ())),
        )
        for text in texts
    ]


def working_entries() -> list[FaqEntry]:
    """Every FAQ that is not archived as it would be if its newest revision were published."""
    rows = list(Faq.objects.exclude(state=FaqState.ARCHIVED).prefetch_related("texts").order_by("id"))
    copies = working_copies(rows)
    by_product = phrasings_for_products(copies)
    return [entry for faq in rows for entry in _entries_of(faq, copies[faq.pk], by_product)]


def entries_with(faq: Faq) -> list[FaqEntry]:
    """What would be published if the newest revision of ``faq`` were."""
    others = [entry for entry in entries() if entry.id != str(faq.public_id)]
    copies = working_copies([faq])
    return [*others, *_entries_of(faq, copies[faq.pk], phrasings_for_products(copies))]


def index(*, bot: Bot, wait: bool = False) -> FaqIndex:
    """The active merchant's index, rebuilt when a newer version of its knowledge was published: only texts that are new
    are embedded. ``wait`` until it is learned from, too, however long that takes."""
    most_learned = None if wait else LEARNED_AT_ONCE
    return kept_indexes().get(
        current_merchant().public_id,
        knowledge_version(),
        build=lambda before: bot.index(entries(), previous=before, most_learned=most_learned),
        learn=None if wait else bot.learned,
    )


def working_index(*, bot: Bot) -> FaqIndex:
    """An index with unpublished answers in it, made for one test and never used for shoppers."""
    return index_of(working_entries(), bot=bot)


def index_of(given: Sequence[FaqEntry], *, bot: Bot) -> FaqIndex:
    """An index over any entries, of no merchant."""
    return bot.index(given)


def search(
    question: str, *, language: Language, bot: Bot, among: FaqIndex | None = None, k: int = 3
) -> tuple[FaqHit, ...]:
    """The FAQs for one question, best first, as `answers` finds them for each question of a message."""
    return bot.search(index(bot=bot) if among is None else among, question, language=language, k=k)


def answers(
    understanding: Understanding,
    *,
    bot: Bot,
    among: FaqIndex | None = None,
    titles: Sequence[str] = (),
    said: str = "",
    k: int = 3,
) -> tuple[FaqHit, ...]:
    """The FAQs that may answer each question of a message, best first per question; ``among`` the published ones.

    ``titles`` are the catalogue's: advice on one thing is none on another. ``said`` is the whole message.
    """
    return bot.answers(index(bot=bot) if among is None else among, understanding, k=k, titles=titles, said=said)


def _entries_of(
    faq: Faq, content: FaqContent, by_product: Mapping[tuple[int, str], tuple[str, ...]]
) -> Iterator[FaqEntry]:
    for code, text in content.texts.items():
        if content.is_complete(code):
            variants = (*text.phrasings, *by_product.get((faq.pk, code), ()))
            yield FaqEntry(str(faq.public_id), faq.latest, as_language(code), text.question, text.answer, variants)
