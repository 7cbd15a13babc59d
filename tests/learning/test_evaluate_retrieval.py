"""``manage.py evaluate faq`` and ``evaluate intents``: the figures, the predictions, and files that are refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

FAQS = """faq_id,question,answer,locale
ship,How long does delivery take?,Three days.,en
ship,When will my parcel arrive?,,en
refund,How do I get a refund?,Ask us.,en
refund,怎么申请退款？,联系我们,zh-hans
invoice,Can I have an invoice?,Yes.,en
"""
QUERIES = """query,faq_id,locale,note
How long does delivery take?,ship,en,
"please, how do I get
a refund",refund,en,two lines
怎么申请退款,refund,zh-hans,
zebra quantum xylophone,,en,
"""
TRAIN = """text,intent,locale
where is my parcel,track,en
where is my order now,track,en
track my parcel please,track,en
when does my parcel come,track,en
give my money back,refund,en
i want a refund,refund,en
refund my money please,refund,en
can i have my money back,refund,en
"""
TEST = """text,intent,locale
where is my parcel please,track,en
i want my money back,refund,en
colourless green ideas sleep furiously,oos,en
"""


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def evaluated(*arguments: object, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("evaluate", *map(str, arguments), "--json", stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def faq(folder: Path, *, faqs: str = FAQS, queries: str = QUERIES, **options: Any) -> dict[str, Any]:
    return evaluated(
        "faq",
        "--faqs", written(folder, "f.csv", faqs),
        "--queries", written(folder, "q.csv", queries),
        **options,
    )  # fmt: skip


def intents(folder: Path, *, train: str = TRAIN, test: str = TEST, **options: Any) -> dict[str, Any]:
    return evaluated(
        "intents",
        "--train", written(folder, "t.csv", train),
        "--test", written(folder, "s.csv", test),
        **options,
    )  # fmt: skip


def test_the_figures_of_a_search(tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    found = faq(tmp_path, predictions=predictions)
    assert list(found) == [
        "n", "top1", "top3", "mrr", "oos_auroc", "answered_precision", "answered_rate", "oos_recall",
        "ms_p50", "ms_p99", "build_seconds",
    ]  # fmt: skip
    assert (found["n"], found["top1"], found["top3"], found["mrr"]) == (4, 1, 1, 1)
    assert (found["oos_auroc"], found["oos_recall"]) == (1, 1)
    rows = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert [row["row"] for row in rows] == [1, 2, 3, 4]
    assert [row["ranked"][0][0] for row in rows[:3]] == ["ship", "refund", "refund"]
    assert all(len(row["ranked"]) == 3 for row in rows)
    assert [row["answered"] for row in rows][3] is False


def test_the_figures_of_intents(tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    found = intents(tmp_path, predictions=predictions)
    assert list(found) == [
        "n", "accuracy", "macro_f1", "oos_auroc", "oos_recall", "ece", "ms_p50", "train_seconds",
    ]  # fmt: skip
    assert (found["n"], found["accuracy"], found["oos_auroc"], found["oos_recall"]) == (3, 1, 1, 1)
    rows = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert [(row["row"], row["intent"], row["refused"]) for row in rows[:2]] == [
        (1, "track", False),
        (2, "refund", False),
    ]
    assert 0 <= rows[2]["probability"] <= rows[0]["probability"] <= 1


def test_json_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [dict(zip(("text", "intent", "locale"), line.split(","), strict=True)) for line in TRAIN.splitlines()[1:]]
    train = written(tmp_path, "t.jsonl", "\n".join(json.dumps(row) for row in rows))
    test = written(tmp_path, "s.csv", TEST, encoding="utf-8-sig")
    assert evaluated("intents", "--train", train, "--test", test)["accuracy"] == 1


def test_nothing_asked_has_no_rate(tmp_path: Path) -> None:
    found = faq(tmp_path, queries="query,faq_id,locale\n")
    assert found.pop("build_seconds") >= 0
    assert found.pop("n") == 0
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"faqs": ""}, "f.csv, line 1: is empty; a header row with faq_id, question, answer, locale is required"),
        ({"faqs": "faq_id,question,answer\n"}, "f.csv, line 1: column locale is missing from the header row"),
        (
            {"faqs": "faq_id,question,answer,locale,locale\n"},
            "f.csv, line 1: column locale stands twice in the header row",
        ),
        ({"faqs": FAQS + "x,,a,en\n"}, "f.csv, line 7: question: is required"),
        ({"faqs": FAQS + ",q,a,en\n"}, "f.csv, line 7: faq_id: is required"),
        ({"faqs": FAQS + "x,q,a,de\n"}, "f.csv, line 7: locale: 'de' is neither en nor zh-hans"),
        ({"faqs": FAQS + "x,q,en\n"}, "f.csv, line 7: has 3 cells, the header row has 4"),
        ({"faqs": FAQS + f"x,{'q' * 4001},a,en\n"}, "f.csv, line 7: question: has more than 4,000 characters"),
        ({"queries": QUERIES + "what,nowhere,en,\n"}, "q.csv, line 7: faq_id: no FAQ is called 'nowhere'"),
        ({"queries": QUERIES + " ,ship,en,\n"}, "q.csv, line 7: query: is required"),
        ({"queries": QUERIES + '"open,ship,en,\n'}, "q.csv, line 7: is no CSV: unexpected end of data"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, changed: dict[str, str], problem: str) -> None:
    predictions = tmp_path / "predictions.jsonl"
    with pytest.raises(CommandError) as refused:
        faq(tmp_path, predictions=predictions, **changed)
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{tmp_path}/{problem}"
    assert not predictions.exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"train": TRAIN + "x,oos,en\n"},
            "t.csv, line 10: intent: oos cannot be taught, it stands for all other texts",
        ),
        ({"train": "text,intent,locale\na,b,en\n"}, "t.csv: at least two intents are required"),
        ({"test": TEST + "x,nothing,en\n"}, "s.csv, line 5: intent: 'nothing' was not taught"),
        ({"test": TEST + "x,,en\n"}, "s.csv, line 5: intent: is required"),
    ],
)
def test_bad_examples_are_refused_with_their_line(tmp_path: Path, changed: dict[str, str], problem: str) -> None:
    with pytest.raises(CommandError) as refused:
        intents(tmp_path, **changed)
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{tmp_path}/{problem}"
