"""The search finds what people wrote, in both languages, within the merchant, on both databases."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.conversations import search
from cs_portal.conversations.models import Author, Conversation, Note, SearchDocument
from cs_portal.core.tenancy import ScopeError, scope
from cs_portal.core.tokens import Term, terms_of, tokens_of
from cs_portal.merchants.models import Merchant
from tests.factories import make_conversation, make_merchant, make_message, make_order, make_shopper


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    search.warm_up()


@pytest.fixture
def mugs(db: None) -> Merchant:
    return make_merchant("mugs")


def written(merchant: Merchant, *texts: str, **fields: object) -> Conversation:
    conversation = make_conversation(merchant, **fields)
    for text in texts:
        message = make_message(conversation, text)
        with scope(merchant=merchant):
            search.index_message(message)
    return conversation


def found(merchant: Merchant, query: str) -> list[int]:
    with scope(merchant=merchant):
        return search.matching(query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我要申请退款，杯子碎了", "退款"),
        ("我要申请退款，杯子碎了", "退款申请"),
        ("我要申请退款，杯子碎了", "杯子退款"),
        ("这张优惠券怎么用", "优惠券"),
        ("有没有红茶", "茶"),
        ("茶叶受潮了", "茶"),
        ("ＩＰＨＯＮＥ壳", "iphone"),
        ("My tracking number does not work", "TRACK"),
        ("Where are the refunds?", "refund"),
        ("I don't want it", "dont want"),
        ("Die Straße 12", "STRASSE"),
        ("Un café crème", "café"),
        ("Order DE-10533 please", "de-10533"),
        ("ok", "ok"),
        ("订单10533还没到", "10533 订单"),
        ("ユーザーです", "ユーザー"),
        ("Где мой заказ", "заказ"),
        ("𠮷野家的优惠", "𠮷野"),
    ],
)
def test_it_finds(mugs: Merchant, text: str, query: str) -> None:
    conversation = written(mugs, text)
    assert found(mugs, query) == [conversation.pk]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我要申请退款", "退货"),
        ("ok", "o"),
        ("broken", "ken"),
        ("at", "attic"),
        ("I want a refund", "refund mug"),
        ("Un café", "cafe"),
    ],
)
def test_it_does_not_find(mugs: Merchant, text: str, query: str) -> None:
    written(mugs, text)
    assert found(mugs, query) == []


def test_a_word_inside_of_another_segmentation_is_found(mugs: Merchant) -> None:
    conversation = written(mugs, "收到的是人造奶油蛋糕粉")
    assert found(mugs, "奶油") == found(mugs, "蛋糕") == found(mugs, "人造奶油") == [conversation.pk]


def test_words_of_different_messages_and_of_notes_meet(mugs: Merchant) -> None:
    conversation = written(mugs, "My mug broke", "我想退款")
    with scope(merchant=mugs):
        search.index_note(
            Note.objects.create(conversation=conversation, text="VIP", created_at=conversation.created_at)
        )
    assert found(mugs, "mug 退款 vip") == [conversation.pk]


def test_the_shopper_is_found_by_name_and_address(mugs: Merchant) -> None:
    shopper = make_shopper(mugs, name="王小明", email="xiaoming.wang@example.cn")
    conversation = written(mugs, "hello", shopper=shopper)
    assert found(mugs, "王小明") == found(mugs, "xiaoming.wang@example.cn") == found(mugs, "王") == [conversation.pk]
    with scope(merchant=mugs):
        shopper.name = "李雷"
        shopper.save()
        search.index_shoppers([shopper.pk])
        search.index_email(conversation_id=conversation.pk, email="lei@example.org")
    assert found(mugs, "小明") == []
    assert found(mugs, "李雷") == found(mugs, "lei@example.org") == [conversation.pk]


def test_making_documents_anew_forgets_nothing(mugs: Merchant) -> None:
    """Messages, notes, who wrote and the address they left; not the portal's own lines."""
    shopper = make_shopper(mugs, name="Zephyrine")
    conversation = make_conversation(mugs, shopper, texts=["marzipan"], email="left@example.org")
    make_message(conversation, "praline", author=Author.SYSTEM)
    with scope(merchant=mugs):
        Note.objects.create(conversation=conversation, text="cardamom", created_at=conversation.created_at)
        search.reindex([conversation.pk])
    for word in ("marzipan", "cardamom", "zephyrine", "left@example.org"):
        assert found(mugs, word) == [conversation.pk], word
    assert found(mugs, "praline") == []


def test_an_order_number_finds_the_conversations_of_who_placed_it(mugs: Merchant) -> None:
    shopper = make_shopper(mugs)
    make_order(mugs, shopper, number="CN-20533")
    placed = written(mugs, "hello", shopper=shopper)
    written(mugs, "hello")
    card = make_conversation(mugs)
    message = make_message(card, "Here it is", author=Author.BOT, cards=[{"kind": "order", "number": "CN-20533"}])
    with scope(merchant=mugs):
        search.index_message(message)
    for query in ("CN-20533", "#cn-20533", " cn-20533 "):
        assert found(mugs, query) == [card.pk, placed.pk]


def test_the_newest_come_first_and_not_endlessly(mugs: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LIMIT", 2)
    rows = [written(mugs, "refund").pk for _ in range(3)]
    assert found(mugs, "refund") == [rows[2], rows[1]]


def test_a_merchant_finds_its_own_only(mugs: Merchant) -> None:
    rival = make_merchant("rival")
    shopper = make_shopper(rival)
    make_order(rival, shopper, number="777333")
    written(rival, "secret 退款 777333", shopper=shopper)
    for query in ("secret", "退款", "777333", f"\ue000{rival.pk} secret", f"\ue000{rival.pk}"):
        assert found(mugs, query) == []
    with pytest.raises(ScopeError):
        search.matching("secret")


@pytest.mark.parametrize(
    "query",
    [
        'mug" OR "a', "mug OR refund", "NEAR(mug, 2)", "mug*", "* ", "-mug", "tokens: mug", "^mug", "{tokens}: mug",
        "mug' | 'a", "mug:*", "!mug", "mug & !a", "mug <-> a", "mug\\",
        "'; DROP TABLE conversations_searchdocument; --",
        "mug\x00", "%", "mug%", '"', "''", "(mug", "mug AND", "NOT mug", "\ue000", "💥", "\u202emug", "mug" * 200,
    ],
)  # fmt: skip
def test_what_is_typed_is_data(mugs: Merchant, query: str) -> None:
    conversation = written(mugs, "refund")
    written(mugs, "mug")
    assert conversation.pk not in found(mugs, query)
    assert found(mugs, "mug") and found(mugs, "refund")


def test_operators_are_words(mugs: Merchant) -> None:
    written(mugs, "mug")
    both = written(mugs, "not a mug")
    assert found(mugs, "NOT mug") == [both.pk]


def test_nothing_to_look_for_finds_nothing(mugs: Merchant) -> None:
    written(mugs, "mug")
    assert found(mugs, "") == found(mugs, "!?…") == []


def test_rows_go_with_their_conversation(mugs: Merchant) -> None:
    conversation = written(mugs, "refund")
    with scope(merchant=mugs):
        conversation.delete()
    assert found(mugs, "refund") == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM conversations_search WHERE conversations_search MATCH 'refund'")
            assert cursor.fetchone() == (0,)


def test_lines_of_the_portal_are_not_indexed(mugs: Merchant) -> None:
    conversation = make_conversation(mugs)
    message = make_message(conversation, "A colleague will answer you here.", author=Author.SYSTEM)
    with scope(merchant=mugs):
        search.index_message(message)
        search.reindex([conversation.pk])
    assert found(mugs, "colleague") == []


def test_words_that_came_before_cost_no_write(mugs: Merchant) -> None:
    conversation = written(mugs, "My mug broke", "my MUG broke!")
    with scope(merchant=mugs):
        tokens = SearchDocument.objects.get(pk=conversation.pk).tokens.split(" ")
    assert len(tokens) == len(set(tokens))


def test_made_anew_it_finds_the_same(mugs: Merchant) -> None:
    conversation = written(mugs, "我要退款 10533", "My mug broke")
    with scope(merchant=mugs):
        before = set(SearchDocument.objects.get(pk=conversation.pk).tokens.split(" "))
        SearchDocument.objects.all().delete()
    assert found(mugs, "退款") == []
    call_command("reindexsearch", verbosity=0, stdout=StringIO())
    assert found(mugs, "退款") == [conversation.pk]
    with scope(merchant=mugs):
        assert set(SearchDocument.objects.get(pk=conversation.pk).tokens.split(" ")) == before


def test_it_takes_few_queries(mugs: Merchant, django_assert_max_num_queries: object) -> None:
    conversation = written(mugs, "one")
    message = make_message(conversation, "two")
    with scope(merchant=mugs):
        with django_assert_max_num_queries(2):  # type: ignore[operator]
            search.index_message(message)
        with django_assert_max_num_queries(2):  # type: ignore[operator]
            search.matching("10533")


texts = st.text(
    st.one_of(st.sampled_from("退款申请优惠券茶的了 aB'’ß1٣é²-"), st.characters(exclude_categories=("Cs",))),
    max_size=40,
)


@given(texts)
def test_tokens_are_whole_words_for_both_databases(text: str) -> None:
    for token in tokens_of([text]):
        assert not any((letter.isascii() and not letter.isalnum()) or letter.isspace() for letter in token)
        assert 0 < len(token) <= 40


@given(texts)
def test_a_text_is_found_by_itself(text: str) -> None:
    tokens = tokens_of([text])
    for term in terms_of(text):
        assert any(token.startswith(term.token) if term.is_prefix else token == term.token for token in tokens)


def test_terms() -> None:
    assert terms_of("我要退款") == [Term("退款")]
    assert terms_of("茶") == [Term("茶", is_prefix=True)]
    assert terms_of("买茶") == [Term("买茶")]
    assert terms_of("ab abc") == [Term("ab"), Term("abc", is_prefix=True)]
    assert len(terms_of(" ".join(map(str, range(100, 200))))) == 12


def test_the_dictionary_is_loaded_when_it_is_needed() -> None:
    code = (
        "import django; django.setup(); from cs_portal.conversations import search; from bots.retrieval import "
        "segmentation as s; assert not s._loaded.cache_info().currsize; search.warm_up(); "
        "assert s._loaded.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
