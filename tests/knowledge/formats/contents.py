"""FAQs of every shape, as the portal itself would keep them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from cs_portal.commerce.models import ActionKind, OrderStatus
from cs_portal.knowledge.conditions import AnswerCondition, ConditionalAnswer
from cs_portal.knowledge.content import FaqContent, LocaleText, content_of, folded, tags_of
from cs_portal.knowledge.formats.cleaning import block_of, line_of, phrasings_of
from cs_portal.knowledge.formats.documents import laid_over
from cs_portal.knowledge.formats.entries import Contents
from cs_portal.knowledge.formats.keys import key_of
from cs_portal.knowledge.formats.reading import FileShape, read, shape_of_file
from cs_portal.merchants.models import Locale

#: What formats take for something else: formulas, quotes, dividers, marks, escapes; and characters that are rare.
_TRICKY = (
    *(
        "=1+1",
        "+86",
        "-5",
        "@x",
        "'",
        "'=1",
        '"',
        ",",
        ";",
        "|",
        "\n",
        "- ",
        "# ",
        "* ",
        ": ",
        "[a](b)",
        "{",
        "}",
        "\\",
    ),
    *("<b>", "&amp;", "$date", "#a.b", "_x0041_", "_x005F_", "\u2028", "\ufeff", "\u200d", "😀", "退货", "？", "true"),
    *("null", "~", "---", "utter_", "## intent:a", "nlu:", "%", "\t", "\ufffe", "\U0010ffff", "é", "e\u0301"),
)
words = st.lists(st.one_of(st.sampled_from(_TRICKY), st.text(max_size=12)), max_size=6).map("".join)
lines = words.map(line_of).filter(lambda text: bool(folded(text)))
blocks = words.map(block_of)


@st.composite
def locale_texts(draw: st.DrawFn) -> LocaleText:
    question = draw(lines)
    kept, _told = phrasings_of(draw(st.lists(lines, max_size=4)), question=question)
    return LocaleText(question, draw(blocks), tuple(kept))


_names = st.lists(st.text(min_size=1, max_size=8).map(line_of).filter(bool), max_size=2, unique=True).map(tuple)
_days = st.none() | st.tuples(st.none() | st.integers(0, 30), st.integers(30, 90))
conditions = st.builds(
    AnswerCondition,
    products=_names,
    categories=_names,
    order_statuses=st.lists(st.sampled_from(OrderStatus.values), max_size=2, unique=True).map(tuple),
    days_since_paid=_days,
    days_since_delivered=_days,
).filter(lambda when: not when.is_empty)


@st.composite
def contents(draw: st.DrawFn) -> FaqContent:
    codes = draw(st.lists(st.sampled_from(Locale.values), min_size=1, max_size=2, unique=True))
    texts = content_of((code, draw(locale_texts())) for code in codes).texts
    answers = tuple(
        ConditionalAnswer(f"a{number}", when, dict.fromkeys(texts, f"Only then {number}"))
        for number, when in enumerate(draw(st.lists(conditions, max_size=2)))
    )
    return FaqContent(
        texts,
        category=draw(lines | st.just(""))[:60].strip(),
        tags=tags_of(draw(st.lists(lines.map(lambda text: text[:20]), max_size=3))),
        valid_from=draw(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))),
        valid_until=draw(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))),
        hand_over=draw(st.booleans()),
        action=draw(st.sampled_from(["", *ActionKind.values])),
        answers=answers,
    )


keys = (words | st.from_regex(r"[a-z0-9-]{3,20}", fullmatch=True)).map(key_of).filter(bool)
faqs = st.dictionaries(keys, contents(), min_size=1, max_size=4).map(
    lambda found: [(key, "draft", content) for key, content in found.items()]
)


def kept(folder: Path, data: bytes) -> Path:
    """A file with ``data``."""
    path = folder / "file"
    path.write_bytes(data)
    return path


def taken(path: Path, *, language: str = "auto", **options: Any) -> tuple[FileShape, Contents]:
    shape = shape_of_file(path, **options)
    return shape, read(path, shape, language=language)


def contents_in(found: Contents) -> dict[str, FaqContent]:
    """What the entries make of nothing."""
    return {entry.key: laid_over(FaqContent(), entry.document) for entry in found.entries if not entry.is_refused}
