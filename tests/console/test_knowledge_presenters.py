"""Differences, answers as the chat shows them, and categories in words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.console.presenters.categories import category_code, category_label
from cs_portal.console.presenters.chat_text import pieces
from cs_portal.console.presenters.difference import Part, difference, listed_difference, tokens
from cs_portal.console.presenters.faq_differences import differences
from cs_portal.knowledge.content import FaqContent, LocaleText

ROOT = Path(__file__).resolve().parents[2]
TEXTS = st.text(st.sampled_from("ab 你好，\n.<&7"), max_size=40)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back_from_their_difference(before: str, after: str) -> None:
    parts = difference(before, after)
    assert "".join(part.text for part in parts if part.kind != "added") == before
    assert "".join(part.text for part in parts if part.kind != "removed") == after


@given(TEXTS)
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_english_differs_word_by_word() -> None:
    assert difference("Send it within 7 days.", "Send it within 14 days.") == [
        Part("same", "Send it within "),
        Part("removed", "7"),
        Part("added", "14"),
        Part("same", " days."),
    ]


def test_chinese_differs_character_by_character() -> None:
    assert difference("签收后7天内退货", "签收后15天内换货") == [
        Part("same", "签收后"),
        Part("removed", "7"),
        Part("added", "15"),
        Part("same", "天内"),
        Part("removed", "退"),
        Part("added", "换"),
        Part("same", "货"),
    ]


def test_neighbouring_changed_words_are_one_change() -> None:
    assert difference("one two three", "four five three") == [
        Part("removed", "one two"),
        Part("added", "four five"),
        Part("same", " three"),
    ]


def test_a_very_long_text_is_replaced_as_a_whole() -> None:
    long = "word " * 2000
    assert [part.kind for part in difference(long, long + "x")] == ["removed", "added"]


def test_phrasings_differ_entry_by_entry() -> None:
    assert listed_difference(("a", "b"), ("b", "c")) == [Part("removed", "a"), Part("same", "b"), Part("added", "c")]


def test_what_people_wrote_never_becomes_markup() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    before = FaqContent({"en": LocaleText("Q", evil, (evil,))})
    after = FaqContent({"en": LocaleText(evil, "A", ())})
    html = render_to_string("console/knowledge/differences.html", {"differences": differences(before, after)})
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in re.sub(r"</?(ins|del)>", "", html)


ANSWERS = [
    "See https://shop.example/help.",
    "见 https://shop.example/帮助，谢谢",
    "(https://shop.example/a?b=c&d=1)",
    "https://shop.example@evil.example/x",
    "javascript:alert(1) http://",
    "no address at all\nsecond line",
    "HTTP://SHOP.EXAMPLE and https://a.example",
    '<a href="https://evil.example">x</a>',
]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("text", ANSWERS)
def test_the_preview_links_what_the_chat_links(text: str) -> None:
    script = (
        f"import {{ parts }} from '{(ROOT / 'static/widget/chat/linkify.js').as_uri()}';"
        f"console.log(JSON.stringify(parts({json.dumps(text)}).map((p) => [p.text, Boolean(p.href)])))"
    )
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert [[piece.text, bool(piece.href)] for piece in pieces(text)] == json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (ANSWERS[0], ["https://shop.example/help"]),
        (ANSWERS[1], ["https://shop.example/帮助"]),
        (ANSWERS[3], []),
        (ANSWERS[4], []),
        (ANSWERS[7], ["https://evil.example"]),
    ],
)
def test_web_addresses_become_links_and_nothing_else(text: str, links: list[str]) -> None:
    assert [piece.href for piece in pieces(text) if piece.href] == links
    assert "".join(piece.text for piece in pieces(text)) == text


def test_a_bubble_escapes_its_text() -> None:
    html = render_to_string("console/knowledge/bubble.html", {"text": "<b>x</b> https://a.example", "lang": "en"})
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    link = '<a href="https://a.example" target="_blank" rel="noopener noreferrer nofollow">https://a.example</a>'
    assert link in " ".join(html.split())


def test_a_topic_is_kept_by_its_code_and_read_in_ones_own_language() -> None:
    with translation.override("zh-hans"):
        shown = category_label("refund")
    assert category_code(shown) == category_code("refund ") == category_code("Refund") == "refund"
    assert category_code("Gift  cards") == category_label("Gift cards") == "Gift cards"
