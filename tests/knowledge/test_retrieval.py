"""The search over what is published: live at once, new texts alone embedded, bounded in memory, learned aside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from bots.api import Bot, HashingEmbedder
from bots.retrieval.index import FaqIndex
from bots.types import FaqEntry
from cs_portal.knowledge.kept_indexes import KeptIndexes
from cs_portal.knowledge.retrieval import index, search
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import archive_faq
from tests.knowledge.conftest import Shop, content


class Counting(HashingEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self) -> None:
        super().__init__(64)
        self.passages: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.passages += texts
        return super().embed_passages(texts)


def taught(*words: str) -> FaqIndex:
    """An index of one FAQ a word, of which something can be learned and nothing was."""
    shapes = ("where is my {}", "tell me about the {}", "the {} please", "i have a question on a {}")
    entries = [
        FaqEntry(word, 1, "en", shapes[0].format(word), "", tuple(each.format(word) for each in shapes[1:]))
        for word in words
    ]
    return FaqIndex.build(entries, HashingEmbedder(64))


WORDS = "parcel", "refund", "invoice", "coupon"


def never(before: FaqIndex | None) -> FaqIndex:
    raise AssertionError("built again")


def test_what_is_published_is_found_at_once_and_only_new_texts_are_embedded(shop: Shop) -> None:
    embedder = Counting()
    bot = Bot(embedder=embedder)
    create_faq(by=shop.olaf, content=content(question="Where is my parcel?", zh=None), publish=True, now=shop.now)
    assert [hit.entry.question for hit in search("my parcel", language="en", bot=bot)] == ["Where is my parcel?"]
    embedder.passages.clear()
    made = create_faq(by=shop.olaf, content=content(question="Wash the blanket?", zh=None), publish=True, now=shop.now)
    assert search("wash a blanket", language="en", bot=bot)[0].entry.question == "Wash the blanket?"
    assert "Where is my parcel?" not in embedder.passages
    assert "Wash the blanket?" in embedder.passages
    archive_faq(faq_id=made.faq.public_id, by=shop.olaf, seen=1, now=shop.now)
    assert [hit.entry.question for hit in search("wash", language="en", bot=bot)] == ["Where is my parcel?"]


def test_an_unpublished_change_is_not_found(shop: Shop) -> None:
    bot = Bot(embedder=HashingEmbedder(64))
    made = create_faq(by=shop.olaf, content=content(question="Old wording", zh=None), publish=True, now=shop.now)
    first = index(bot=bot)
    changed = content(question="New wording", zh=None)
    edit_faq(faq_id=made.faq.public_id, by=shop.olaf, seen=1, content=changed, now=shop.now)
    assert index(bot=bot) is first


def test_an_index_is_kept_until_a_newer_version_is_asked_for() -> None:
    kept, merchant, one, two = KeptIndexes(10**9), uuid4(), taught("parcel"), taught("refund")
    seen: list[FaqIndex | None] = []

    def build(made: FaqIndex) -> Callable[[FaqIndex | None], FaqIndex]:
        return lambda before: (seen.append(before), made)[1]

    assert kept.get(merchant, 1, build=build(one)) is one
    assert kept.get(merchant, 1, build=never) is one
    assert kept.get(merchant, 2, build=build(two)) is two
    assert kept.get(merchant, 1, build=never) is two
    assert seen == [None, one]


def test_the_merchant_asked_least_recently_goes_first_and_the_newest_stays() -> None:
    a, b, c = taught("parcel"), taught("refund"), taught("invoice")
    kept, first, second, third = KeptIndexes(a.nbytes + c.nbytes), uuid4(), uuid4(), uuid4()
    for merchant, made in ((first, a), (second, b)):
        kept.get(merchant, 1, build=lambda _before, made=made: made)
    kept.get(first, 1, build=never)
    kept.get(third, 1, build=lambda _before: c)
    assert kept.nbytes == a.nbytes + c.nbytes
    assert kept.get(first, 1, build=never) is a
    rebuilt = taught("refund")
    assert kept.get(second, 1, build=lambda _before: rebuilt) is rebuilt
    alone = KeptIndexes(1)
    assert alone.get(first, 1, build=lambda _before: a) is a
    assert alone.get(first, 1, build=never) is a


def test_what_is_learned_aside_takes_the_place_of_its_own_index_only() -> None:
    kept, merchant, plain, newer = KeptIndexes(10**9), uuid4(), taught(*WORDS), taught(*WORDS, "blanket")
    may, done = threading.Event(), threading.Event()

    def learn(given: FaqIndex) -> FaqIndex:
        may.wait(10)
        try:
            return given.learned()
        finally:
            done.set()

    assert kept.get(merchant, 1, build=lambda _before: plain, learn=learn) is plain
    assert kept.get(merchant, 1, build=never).head is None
    kept.get(merchant, 2, build=lambda _before: newer)
    may.set()
    assert done.wait(10)
    for thread in threading.enumerate():
        if thread.name == "learn-faqs":
            thread.join(10)
    assert kept.get(merchant, 2, build=never) is newer
    kept.get(merchant, 3, build=lambda _before: plain, learn=FaqIndex.learned)
    for thread in threading.enumerate():
        if thread.name == "learn-faqs":
            thread.join(10)
    learned = kept.get(merchant, 3, build=never)
    assert learned.head is not None
    assert learned.search("coupon", language="en", embedder=HashingEmbedder(64))[0].entry.id == "coupon"


def test_threads_that_ask_while_an_index_is_built_wait_for_it() -> None:
    kept, merchant, made = KeptIndexes(10**9), uuid4(), taught("parcel")
    started, may = threading.Event(), threading.Event()
    built: list[int] = []
    found: list[FaqIndex] = []

    def build(_before: FaqIndex | None) -> FaqIndex:
        built.append(1)
        started.set()
        may.wait(10)
        return made

    threads = [threading.Thread(target=lambda: found.append(kept.get(merchant, 1, build=build))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    assert found == []
    may.set()
    for thread in threads:
        thread.join(10)
    assert (len(built), found) == (1, [made] * 3)


@pytest.mark.parametrize("words", [("parcel",), WORDS])
def test_a_failed_lesson_leaves_the_index_as_it_is(words: tuple[str, ...]) -> None:
    def fail(_given: FaqIndex) -> FaqIndex:
        raise RuntimeError("no memory")

    kept, merchant, plain = KeptIndexes(10**9), uuid4(), taught(*words)
    kept.get(merchant, 1, build=lambda _before: plain, learn=fail)
    for thread in threading.enumerate():
        if thread.name == "learn-faqs":
            thread.join(10)
    assert kept.get(merchant, 1, build=never) is plain
