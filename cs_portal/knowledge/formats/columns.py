"""Columns of a table of FAQs: ours, what others call them, and the document that a row tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.documents import document_of
from cs_portal.knowledge.formats.languages import SUFFIX, locale_named

KEY, LOCALE, STATE = "key", "locale", "state"
TEXTS = ("question", "answer", "phrasings")
SETTINGS = ("category", "tags", "valid_from", "valid_until", "hand_over", "action", "answers")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    hint: str | Promise


_ONE_LANGUAGE = _("For files with one language in a row; see locale.")
COLUMNS: tuple[Column, ...] = (
    Column(
        KEY, _("What tells this FAQ from others; the same key again changes it. Made of the question when left out.")
    ),
    Column("question_en", _("At least one language needs a question.")),
    Column("answer_en", _("Markdown: lists, bold, italics, links.")),
    Column("phrasings_en", _("Other ways to ask: one in a line, or divided by |.")),
    Column("question_zh", _("At least one language needs a question.")),
    Column("answer_zh", _("Markdown: lists, bold, italics, links.")),
    Column("phrasings_zh", _("Other ways to ask: one in a line, or divided by |.")),
    Column("category", ""),
    Column("tags", _("Divided by semicolons.")),
    Column("valid_from", _("The first day on which it answers, like 2026-11-01.")),
    Column("valid_until", _("The last day on which it answers.")),
    Column("hand_over", _("true: whoever asks this gets a person.")),
    Column("action", _("The action it is about: refund, return, exchange, cancel, …")),
    Column("answers", _("Answers for particular orders or products, as JSON.")),
    Column(STATE, _("Said by an export; read over.")),
    Column(LOCALE, _("en or zh: what language this row is in. Rows with the same key become one FAQ.")),
    *(Column(name, _ONE_LANGUAGE) for name in TEXTS),
)
#: What a column of a file can be matched with.
NAMES = tuple(column.name for column in COLUMNS)
#: What an export writes.
WRITTEN = NAMES[: NAMES.index(LOCALE)]

_ALSO = {
    "id": KEY, "faq id": KEY, "faq_id": KEY, "编号": KEY, "键": KEY, "知识编号": KEY, "faq编号": KEY,
    "language": LOCALE, "lang": LOCALE, "语言": LOCALE, "语种": LOCALE,
    "title": "question", "q": "question", "faq": "question", "query": "question", "standard question": "question",
    "问题": "question", "标准问题": "question", "标准问": "question", "标题": "question", "知识标题": "question",
    "a": "answer", "response": "answer", "reply": "answer", "答案": "answer", "回答": "answer", "回复": "answer",
    "标准答案": "answer", "答复": "answer",
    "variants": "phrasings", "phrasing": "phrasings", "alternatives": "phrasings", "similar questions": "phrasings",
    "alternative questions": "phrasings", "utterances": "phrasings",
    "相似问": "phrasings", "相似问题": "phrasings", "相似问法": "phrasings", "扩展问": "phrasings",
    "其他问法": "phrasings",
    "topic": "category", "group": "category", "section": "category", "分类": "category", "类目": "category",
    "类别": "category", "知识分类": "category",
    "labels": "tags", "keywords": "tags", "标签": "tags", "关键词": "tags",
    "valid from": "valid_from", "start date": "valid_from", "生效日期": "valid_from", "生效时间": "valid_from",
    "valid until": "valid_until", "valid to": "valid_until", "expires": "valid_until", "end date": "valid_until",
    "失效日期": "valid_until", "失效时间": "valid_until", "有效期至": "valid_until",
    "hand over": "hand_over", "handover": "hand_over", "转人工": "hand_over",
    "status": STATE, "状态": STATE,
}  # fmt: skip
_LISTED = re.compile(r"[;；,，、|\n]")
_TRUE, _FALSE = {"true", "yes", "y", "1", "是"}, {"false", "no", "n", "0", "否"}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")


def guessed(header: Sequence[str]) -> list[str]:
    """For each column of the header the one of ours that it is, or nothing."""
    chosen: list[str] = []
    for title in header:
        name = _named(title)
        chosen.append("" if name in chosen else name)
    return chosen


def _named(title: str) -> str:
    plain = " ".join(title.lower().replace("_", " ").split())
    for name in (plain.replace(" ", "_"), _ALSO.get(plain, "")):
        if name in NAMES:
            return name
    return _with_language(plain)


def _with_language(plain: str) -> str:
    """``question (en)``, ``答案 中文``, ``question zh-hans``"""
    match = re.fullmatch(
        r"(.+?)[\s_\-]*[(（\[]?\s*([a-z]{2}(?:[ \-][a-z]{2,4})?|english|chinese|中文|英文)\s*[)）\]]?", plain
    )
    code = locale_named(match.group(2).replace(" ", "-")) if match else ""
    if match is None or not code:
        return ""
    base = match.group(1).strip()
    name = base if base in TEXTS else _ALSO.get(base, "")
    return f"{name}_{SUFFIX[code]}" if name in TEXTS else ""


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first row names columns: a question, or a key and something else."""
    names = [name for name in guessed(cells) if name]
    return any(name.startswith("question") for name in names) or (KEY in names and len(names) > 1)


def without_header(count: int) -> list[str]:
    """What the columns of a table without names most likely are."""
    usual = {1: ["question"], 2: ["question", "answer"], 3: ["question", "answer", "category"]}
    return (usual.get(count) or ["question", "answer"]) + [""] * max(0, count - 3 if count in usual else count - 2)


def lacking(names: Sequence[str]) -> bool:
    """Whether nothing says what is asked. With keys, a file may change the rest of what is there."""
    return not any(name.startswith("question") for name in names) and KEY not in names


def matched_twice(names: Sequence[str]) -> list[str]:
    """Names that several columns were matched with; the text of a row and that of its language count apart."""
    given = [name for name in names if name]
    return sorted({name for name in given if given.count(name) > 1})


def raw_of(cells: Mapping[str, str], *, locale: str) -> dict[str, Any]:
    """The document that a row tells, unchecked; empty cells say nothing. ``locale`` is that of plain ``question``."""
    raw: dict[str, Any] = {"texts": {}}
    for code, names in ((locale, TEXTS), *((code, [f"{n}_{s}" for n in TEXTS]) for code, s in SUFFIX.items())):
        part = {name: cells[column] for name, column in zip(TEXTS, names, strict=True) if cells.get(column)}
        if "phrasings" in part:
            part["phrasings"] = _phrasings(part["phrasings"])  # type: ignore[assignment]
        if part:
            raw["texts"][code] = raw["texts"].get(code, {}) | part
    readers = {"tags": _tags, "hand_over": _flag, "answers": json_of, "valid_from": _day, "valid_until": _day}
    for name in SETTINGS:
        if cells.get(name):
            raw[name] = readers[name](cells[name]) if name in readers else cells[name]
    return raw


def _phrasings(cell: str) -> list[str]:
    return cell.split("\n") if "\n" in cell else cell.split("|")


def _tags(cell: str) -> Any:
    return json_of(cell) if cell.startswith("[") else _LISTED.split(cell)


def _flag(cell: str) -> bool | str:
    plain = cell.strip().lower()
    return plain in _TRUE if plain in _TRUE | _FALSE else cell


def _day(cell: str) -> str:
    """As people and spreadsheets write days; what is none stays, to be refused."""
    match = _DAY.fullmatch(cell.strip())
    return "{}-{:0>2}-{:0>2}".format(*match.groups()) if match else cell


def json_of(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def row_of(key: str, content: FaqContent, *, state: str = "") -> dict[str, str]:
    """The cells of an FAQ by column."""
    document = document_of(key, content)
    row = {KEY: key, STATE: state, "category": content.category}
    for code, suffix in SUFFIX.items():
        text = content.text(code)
        row |= {f"question_{suffix}": text.question, f"answer_{suffix}": text.answer}
        row[f"phrasings_{suffix}"] = phrasings_cell(text)
    row["tags"] = tags_cell(content.tags)
    row |= {name: document[name] or "" for name in ("valid_from", "valid_until", "action")}
    row["hand_over"] = "true" if content.hand_over else ""
    row["answers"] = json.dumps(document["answers"], ensure_ascii=False) if content.answers else ""
    return row


def phrasings_cell(text: LocaleText) -> str:
    """One in a line; a single one that could be taken for several ends in a line break, which says that it is one."""
    alone = len(text.phrasings) == 1 and "|" in text.phrasings[0]
    return "\n".join(text.phrasings) + ("\n" if alone else "")


def tags_cell(tags: Iterable[str]) -> str:
    tags = list(tags)
    plain = "; ".join(tags)
    if plain.startswith("[") or any(_LISTED.search(tag) for tag in tags):
        return json.dumps(tags, ensure_ascii=False)
    return plain
