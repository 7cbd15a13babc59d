"""Answers are written in a safe subset of Markdown: this is the one place that reads it. See docs/adr/0015.

Paragraphs with their line breaks, lists, bold, italic, links to http(s) and mailto, and code. Everything else is text:
headings, pictures, tables and HTML stay as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "code", "pre"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
_RULES = [
    "paragraph",
    "list",
    "fence",
    "text",
    "newline",
    "escape",
    "backticks",
    "emphasis",
    "link",
    "autolink",
    "entity",
]
#: Without any of these a text says the same plain as it does marked up.
_MARKS = re.compile(r"[*_`\[\]<>\\&]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]|^ {0,3}~~~", re.MULTILINE)


def to_html(text: str) -> str:
    """Safe to be put into a page: made of :data:`TAGS` alone, whatever the text holds."""
    made = _parser().render(text)
    return nh3.clean(
        made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )


def to_plain(text: str) -> str:
    """The same as it is read aloud: for the chat, e-mail, the search and the language model.

    Lists keep their marks, a link follows its words in brackets, emphasis is gone. A text without marks is unchanged.
    """
    if not _MARKS.search(text):
        return text
    return _blocks(_parser().parse(text)).strip("\n")


def links_of(text: str) -> tuple[str, ...]:
    """The addresses that an answer links to, each once, bare ones in the text included."""
    marked = [
        str(child.attrGet("href"))
        for token in _parser().parse(text)
        for child in token.children or ()
        if child.type == "link_open"
    ]
    bare = [match.rstrip(".,;:!?)]}") for match in _ADDRESS.findall(to_plain(text))]
    return tuple(dict.fromkeys([*marked, *bare]))


_ADDRESS = re.compile(r"https?://[^\s<>\"'“”‘’（）【】《》，。；！？、]+", re.IGNORECASE)


@cache
def _parser() -> MarkdownIt:
    """HTML is off, so what looks like a tag is escaped; a link that leads elsewhere than http or mail is no link."""
    parser = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": False}).enable(_RULES)
    parser.validateLink = _is_link  # type: ignore[assignment, method-assign]
    return parser


def _is_link(address: str) -> bool:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    if parts.scheme.lower() == "mailto":
        return bool(parts.path)
    # An address with a name before the host reads like one site and leads to another.
    return parts.scheme.lower() in SCHEMES and bool(parts.hostname) and parts.username is None


def _blocks(tokens: Sequence[Token]) -> str:
    """Blocks as lines; one empty line between paragraphs, none between the items of a tight list."""
    out: list[str] = []
    counters: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            ordered = token.type == "ordered_list_open"
            if not counters and out:
                out.append("")
            counters.append(int(token.attrGet("start") or 1) if ordered else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            counters.pop()
            if not counters:
                out.append("")
        elif token.type == "list_item_open":
            number = counters[-1]
            mark = "- " if number is None else f"{number}. "
            if number is not None:
                counters[-1] = number + 1
        elif token.type == "inline":
            mark = _lines(out, _inline(token.children or ()), mark, depth=len(counters))
        elif token.type == "paragraph_close" and not counters and not token.hidden:
            out.append("")
        elif token.type == "fence":
            mark = _lines(out, token.content.rstrip("\n"), mark, depth=len(counters))
            out.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out))


def _lines(out: list[str], text: str, mark: str, *, depth: int) -> str:
    """Append ``text`` at its depth, behind ``mark`` in its first line. The next block has no mark."""
    indent = "  " * max(depth - 1, 0)
    first, *rest = text.split("\n")
    out.append(f"{indent}{mark}{first}")
    hanging = indent + ("  " if depth else "")
    out += [f"{hanging}{line}" for line in rest]
    return ""


def _inline(children: Sequence[Token]) -> str:
    out: list[str] = []
    links: list[tuple[str, int]] = []
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            out.append("\n")
        elif child.type == "link_open":
            links.append((str(child.attrGet("href") or ""), len(out)))
        elif child.type == "link_close":
            address, start = links.pop()
            out.append(_address_after("".join(out[start:]), address))
        else:
            out.append(child.content)
    return "".join(out)


def _address_after(words: str, address: str) -> str:
    """The address in brackets, unless the words are the address."""
    shown = address.removeprefix("mailto:")
    return "" if words.strip() in {address, shown} else f" ({shown})"
