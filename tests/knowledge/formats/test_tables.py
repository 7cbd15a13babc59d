"""CSV, XLSX and JSON Lines as people bring them: any encoding, any columns, rows in one language or in two."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.columns import guessed
from cs_portal.knowledge.formats.entries import Contents
from tests.knowledge.formats.contents import contents_in, kept, taken

BOTH = FaqContent({"en": LocaleText("Do you ship?", "Yes."), "zh-hans": LocaleText("寄吗", "寄。")})


def told(found: Contents) -> list[tuple[str, str, str]]:
    return [(n.where, n.code, n.column) for entry in found.entries for n in entry.notices]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_every_encoding_and_divider_is_found(encoding: str, divider: str, tmp_path: Path) -> None:
    rows = [
        ["key", "question_en", "answer_en", "问题（中文）", "答案 中文"],
        ["ship", "Do you ship?", "Yes.", "寄吗", "寄。"],
    ]
    text = "\r\n".join(divider.join(row) for row in rows)
    shape, found = taken(kept(tmp_path, text.encode(encoding)))
    assert (shape.is_clear, contents_in(found)) == (True, {"ship": BOTH})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("question\n寄吗".encode("utf-16-le"), "UTF-8"),
        ("question\n寄吗".encode("utf-32"), "UTF-8"),
        (b"question\n\xff\xff", "UTF-8"),
        ("问题,答案\n怎么退货,点退货\n".encode("utf-16-le"), "UTF-8"),
        (b"\x00question,answer\n\x00a,b\n", "UTF-8"),
        (b"   \n\n", "empty"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=words):
        taken(kept(tmp_path, data))


def test_columns_are_known_by_many_names() -> None:
    assert guessed(["FAQ ID", "Question (EN)", "Answer_zh-CN", "相似问法", "有效期至", "Labels", "Price"]) == [
        *("key", "question_en", "answer_zh", "phrasings", "valid_until", "tags", ""),
    ]
    assert guessed(["question", "Question"]) == ["question", ""]


def test_rows_of_one_key_become_one_faq(tmp_path: Path) -> None:
    text = (
        "key,locale,question,answer,category\n"
        "ship,en,Do you ship?,Yes.,delivery\n"
        "wash,en,Washable?,No.,\n"
        "ship,zh-CN,寄吗,寄。,\n"
        "ship,en-GB,Again?,No.,\n"
        "wash,zh,能洗吗,不能,care\n"
        "wash,fr,Lavable ?,Non.,\n"
    )
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert contents_in(found) == {
        "ship": FaqContent(BOTH.texts, "delivery"),
        "wash": FaqContent({"en": LocaleText("Washable?", "No."), "zh-hans": LocaleText("能洗吗", "不能")}, "care"),
    }
    assert told(found) == [("5", "again", "key"), ("7", "language_unknown", "locale")]


def test_rows_of_one_key_that_disagree_are_refused_as_a_whole(tmp_path: Path) -> None:
    text = "key,locale,question,category\nship,en,Do you ship?,a\nship,zh,寄吗,b\n"
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert (told(found), contents_in(found)) == ([("3", "differs", "category")], {})


def test_the_language_of_a_text_is_told_by_its_characters_or_by_hand(tmp_path: Path) -> None:
    path = kept(tmp_path, "question,answer\nDo you ship?,Yes.\n怎么退货,点退货\nSF 快递多久,三天\n".encode())
    _shape, found = taken(path)
    assert [list(c.texts) for c in contents_in(found).values()] == [["en"], ["zh-hans"], ["zh-hans"]]
    _shape, found = taken(path, language="en")
    assert [list(c.texts) for c in contents_in(found).values()] == [["en"]] * 3


def test_the_same_question_has_the_same_key(tmp_path: Path) -> None:
    text = "question,answer\nDo you ship?,Yes.\ndo you SHIP,No.\n"
    _shape, found = taken(kept(tmp_path, text.encode()))
    first = found.entries[0]
    assert (first.key, first.derived) == ("do-you-ship-99f46ab0", True)
    assert told(found) == [("3", "again", "key")]


def test_cells_of_every_kind(tmp_path: Path) -> None:
    text = (
        "key,question,phrasings,tags,valid_from,valid_until,hand_over,action\n"
        'a,A?,"one\ntwo|2\n\nA ?",x；y, 2026/1/5,2026年12月31日,是,refund\n'
        'b,B?,one|two,"[""x,y""]",2026-02-30,soon,maybe,fly\n'
    )
    _shape, found = taken(kept(tmp_path, text.encode()))
    a, b = found.entries
    assert a.document["texts"]["en"]["phrasings"] == ["one", "two|2"]
    assert a.document | {"texts": {}} == {
        "texts": {},
        "tags": ["x", "y"],
        "valid_from": "2026-01-05",
        "valid_until": "2026-12-31",
        "hand_over": True,
        "action": "refund",
    }
    assert (b.document["texts"]["en"]["phrasings"], b.document["tags"]) == (["one", "two"], ["x,y"])
    assert [(n.code, n.column) for n in b.notices] == [
        *(("not_day", "valid_from"), ("not_day", "valid_until"), ("not_flag", "hand_over")),
    ]
    assert [(n.kind, n.code, n.params) for n in a.notices] == [("lost", "phrasings_twice", {"count": 1})]


def test_a_row_with_more_cells_than_columns_is_refused_with_its_line(tmp_path: Path) -> None:
    text = 'question,answer\n"Multi\nline?",Yes.\nDo you ship?,Yes, we do.\n,\nWashable?,No.\n'
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert told(found) == [("4", "cells", "")]
    assert [c.title for c in contents_in(found).values()] == ["Multi line?", "Washable?"]


def test_a_row_that_holds_a_nul_is_refused_with_its_line_and_part(tmp_path: Path) -> None:
    text = "question,answer,note\nDo you\x00 ship?,Yes.,\nWashable?,N\x00o.,\nWhere?,Here.,passed\x00over\nWhen?,9.,\n"
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert told(found) == [("2", "not_storable", "question"), ("3", "not_storable", "answer")]
    assert found.entries[0].notices[0].item == "Do you ship?"
    assert [content.title for content in contents_in(found).values()] == ["Where?", "When?"]


def test_a_header_that_holds_a_nul_names_its_columns_without_it(tmp_path: Path) -> None:
    shape, found = taken(kept(tmp_path, b"quest\x00ion,answer\nDo you ship?,Yes.\n"))
    assert (shape.columns, len(contents_in(found))) == (("question", "answer"), 1)


def test_a_huge_cell_is_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    text = f"question,answer\nDo you ship?,{'x' * 200_000}\nWashable?,No.\n"
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert "cell_too_large" in [code for _where, code, _column in told(found)]
    assert [c.title for c in contents_in(found).values()] == ["Washable?"]


def _xlsx(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_cells_of_a_workbook_are_read_as_a_person_sees_them(tmp_path: Path) -> None:
    rows = [
        ["Key", "Question", "Answer", "valid from", "valid until", "hand over"],
        [12.0, "Do you ship?", "It costs\n4.5", datetime(2026, 1, 5), date(2026, 12, 31), True],
        [None, None, None, None, None, None],
        ["wash", "Washable?", 3.25, None, None, False],
    ]
    shape, found = taken(kept(tmp_path, _xlsx(rows, other=[["nothing"]])))
    assert (shape.format, shape.is_clear) == ("xlsx", True)
    assert [(e.where, e.key) for e in found.entries] == [("2", "12"), ("4", "wash")]
    assert contents_in(found)["12"] == FaqContent(
        {"en": LocaleText("Do you ship?", "It costs\n4.5")},
        valid_from=date(2026, 1, 5),
        valid_until=date(2026, 12, 31),
        hand_over=True,
    )
    assert contents_in(found)["wash"].text("en").answer == "3.25"


def test_json_lines_are_documents_or_flat(tmp_path: Path) -> None:
    lines = [
        {"key": "ship", "texts": {"en": {"question": "Do you ship?", "answer": "Yes."}}, "state": "published"},
        {"key": "wash", "question_en": "Washable?", "phrasings_zh": ["能洗吗?", "好洗吗"], "question_zh": "能洗吗"},
        {"question": "怎么退货", "answer": "点退货", "locale": "zh", "tags": "a; b", "status": "live"},
    ]
    path = kept(tmp_path, "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode())
    shape, found = taken(path)
    assert (shape.format, [entry.where for entry in found.entries]) == ("jsonl", ["1", "3", "5"])
    assert list(contents_in(found).values()) == [
        FaqContent({"en": LocaleText("Do you ship?", "Yes.")}),
        FaqContent({"en": LocaleText("Washable?"), "zh-hans": LocaleText("能洗吗", "", ("好洗吗",))}),
        FaqContent({"zh-hans": LocaleText("怎么退货", "点退货")}, tags=("a", "b")),
    ]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ('{"key": "a", "texts": [1]}', "not_object", "texts"),
        ('{"key": "a", "texts": {"en": 1}}', "not_object", "texts.en"),
        ('{"key": "a", "texts": {"fr": {}}}', "language_unknown", "texts.fr"),
        ('{"key": "a", "texts": {"en": {"question": 1}}}', "not_text", "question_en"),
        ('{"key": "a", "texts": {"en": {"question": "A", "phrasings": "B"}}}', "not_texts", "phrasings_en"),
        ('{"key": "a", "texts": {"en": {"question": "A", "extra": 1}}}', "unknown_column", "texts.en.extra"),
        ('{"key": "a", "texts": {}, "price": 1}', "unknown_column", "price"),
        (
            '{"key": "a", "texts": {}, "answers": [{"id": "x", "when": {"sql": ["1"]}, "texts": {}}]}',
            "not_answers",
            "answers",
        ),
        ('{"key": "a", "key": "b", "question": "A?"}', "key_twice", "key"),
        ('{"key": 1, "question": "A?"}', "not_text", "key"),
        ('{"answer": "A"}', "question_missing", ""),
        ("[1, 2]", "not_json", ""),
        ('{"a": ', "not_json", ""),
        ("[" * 100_000, "not_json", ""),
        ('{"key": "a", "question": "A?", "valid_from": "tomorrow"}', "not_day", "valid_from"),
        ('{"key": "a", "question": "A?", "hand_over": "x"}', "not_flag", "hand_over"),
        ('{"key": "a", "question_en": "A\\u0000?"}', "not_storable", "question_en"),
        ('{"key": "a", "texts": {"zh": {"phrasings": ["B", "A\\u0000"]}}}', "not_storable", "phrasings_zh-hans"),
        ('{"key": "a", "question": "A?", "tags": ["\\ud800"]}', "not_storable", "tags"),
        ('{"key": "a", "question": "A\x00?"}', "not_storable", ""),
    ],
)
def test_a_line_that_is_wrong_is_refused_and_named(line: str, code: str, column: str, tmp_path: Path) -> None:
    good = '{"key": "ok", "question": "Fine?"}'
    _shape, found = taken(kept(tmp_path, f"{good}\n{line}\n".encode()))
    assert (told(found), list(contents_in(found))) == ([("2", code, column)], ["ok"])


def test_control_characters_and_direction_marks_do_not_arrive(tmp_path: Path) -> None:
    line = json.dumps({"key": "a\u0001\u202eb", "question": "Ship\u0001 \u202enow?", "answer": "Yes\u0007\r\nNo\u0085"})
    _shape, found = taken(kept(tmp_path, line.encode()))
    assert contents_in(found) == {"ab": FaqContent({"en": LocaleText("Ship now?", "Yes\nNo")})}


def test_a_condition_in_a_cell_writes_nothing_that_cannot_be_kept(tmp_path: Path) -> None:
    answers = [{"id": "x", "when": {"products": ["mug\u0000"]}, "texts": {"en": "By hand."}}]
    target = io.StringIO()
    csv.writer(target).writerows([["question", "answer", "answers"], ["Washable?", "Yes.", json.dumps(answers)]])
    _shape, found = taken(kept(tmp_path, target.getvalue().encode()))
    assert told(found) == [("2", "not_storable", "answers")]
