"""Answers may be marked up a little; nothing that is written in them becomes more than that."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.knowledge.markdown import SCHEMES, TAGS, links_of, to_html, to_plain


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    return _Elements(to_html(text)).found


def test_the_subset_is_rendered() -> None:
    html = to_html("**Bold**, *it*, `code`\nnext line\n\n- one\n- two\n\n1. first\n\n[us](https://a.example)")
    assert "<strong>Bold</strong>, <em>it</em>, <code>code</code><br>" in html
    assert "<ul>\n<li>one</li>\n<li>two</li>\n</ul>" in html
    assert '<a href="https://a.example" rel="noopener noreferrer nofollow">us</a>' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "# Heading",
        "> quote",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<!-- comment -->",
    ],
)
def test_what_is_not_in_the_subset_stays_text(text: str) -> None:
    assert {tag for tag, _ in elements(text)} <= {"p", "br"}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,xx",
        "vbscript:x",
        "https://shop.example@evil.example",
        "//evil.example",
        "/relative",
        "file:///etc/passwd",
        "https:",
    ],
)
def test_a_link_that_leads_elsewhere_is_none(address: str) -> None:
    assert "a" not in [tag for tag, _ in elements(f"[click]({address})")]
    assert links_of(f"[click]({address})") in {(), ("https://shop.example@evil.example",)}


def test_links_are_named_once_bare_ones_too() -> None:
    text = "[A](https://a.example/x) and https://b.example/y, again https://a.example/x. [m](mailto:a@b.example)"
    assert links_of(text) == ("https://a.example/x", "mailto:a@b.example", "https://b.example/y")


def test_plain_text_keeps_lists_and_addresses() -> None:
    text = "**Sizes**\n\n- S\n- M, see [the table](https://a.example/t)\n  1. inner\n\n2) two\n3) three\n\nEnd<br>"
    assert to_plain(text) == (
        "Sizes\n\n- S\n- M, see the table (https://a.example/t)\n  1. inner\n\n2. two\n3. three\n\nEnd<br>"
    )
    assert to_plain("<https://a.example>") == "https://a.example"
    assert to_plain("[a@b.example](mailto:a@b.example)") == "a@b.example"


@given(st.text(st.characters(exclude_characters="*_`[]<>\\&+-.)~", exclude_categories=["Cs"])))
def test_a_text_without_marks_is_unchanged(text: str) -> None:
    assert to_plain(text) == text


@given(st.text(st.sampled_from(list("<>/ab&\"'()[]!*_`#-+1. \n\\:;=")) | st.characters(exclude_categories=["Cs"])))
def test_no_text_becomes_more_than_the_subset(text: str) -> None:
    for tag, attributes in elements(text):
        assert tag in TAGS
        assert set(attributes) <= {"href", "rel", "start"}
        if href := attributes.get("href"):
            assert href.split(":")[0].lower() in SCHEMES
    assert to_plain(text) is not None


@given(st.lists(st.sampled_from(["one", "two 3", "四", "5-7 days", "¥30"]), min_size=1, max_size=5))
def test_every_word_and_number_survives(items: list[str]) -> None:
    marked = "\n".join(f"- **{item}**" for item in items)
    assert re.findall(r"\w+", to_plain(marked)) == re.findall(r"\w+", " ".join(items))
