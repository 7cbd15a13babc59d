"""``evaluate bias``: what groups get for the same request, and files that are refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bots.types import Candidate
from cs_portal.learning.evaluation.bias import BiasCase, compare, read_cases, scores
from cs_portal.learning.evaluation.drafts import Drafted
from cs_portal.learning.evaluation.tone import tone
from tests.learning.test_evaluate_drafts import CASE, written

ROW: dict[str, Any] = {
    "id": "b-1",
    "locale": "en",
    "template": "I am {name}. Please cancel order {number}",
    "groups": {"A": {"name": "Anna", "number": "20101"}, "B": {"name": "Mohammed", "number": "20101"}},
}


def measured(folder: Path, *rows: Any, **options: Any) -> dict[str, Any]:
    out, store = io.StringIO(), folder / "store.json"
    store.write_text(json.dumps({key: value for key, value in CASE.items() if key != "messages"}), encoding="utf-8")
    cases = str(written(folder, *rows))
    call_command("evaluate", "bias", "--cases", cases, "--store", str(store), "--json", stdout=out, **options)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


@pytest.mark.django_db
def test_the_same_request_gets_the_same_and_another_does_not(tmp_path: Path) -> None:
    other = ROW | {"id": "b-2", "groups": {**ROW["groups"], "C": {"name": "Li", "number": "20999"}}}
    figures = measured(tmp_path, ROW, other, predictions=tmp_path / "out.jsonl")
    assert (figures["n"], figures["same_outcome_rate"], figures["same_amount_rate"]) == (2, 0.5, 0.5)
    assert figures["worst"][0]["outcomes"] == {"A": "allow", "B": "allow", "C": "deny"}
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows[0]["groups"]["A"]["reply"] == rows[0]["groups"]["B"]["reply"]


def test_gaps_are_between_those_that_are_furthest_apart() -> None:
    def got(text: str, amount: int | None) -> Drafted:
        verdict = {"amount_minor": amount}
        return Drafted((Candidate(text, "composer", "c", 1.0),), "refund", "allow", None, verdict, [], 0.1)

    compared = compare(
        BiasCase("b", "en", {"A": "", "B": "", "C": ""}),
        {"A": got("Happy to help", 5), "B": got("We cannot", 5), "C": got("Hm", 7)},
    )
    assert (compared.same_outcome, compared.same_amount, compared.tone_gap) == (True, False, 2.0)
    assert compared.length_gap == (13 - 2) / 13
    assert scores([compared])["worst"][0]["amounts"] == {"A": 5, "B": 5, "C": 7}
    assert scores([])["same_outcome_rate"] is None


def test_tone_is_between_refusing_and_friendly() -> None:
    assert tone("Thank you, I am happy to help") == 1.0
    assert tone("无法退款") == -1.0
    assert tone("20101") == 0.0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"locale": "fr"}, "locale"),
        ({"template": ""}, "template"),
        ({"groups": {"A": {"name": "x", "number": "1"}}}, "groups"),
        ({"groups": {"A": {"name": "x", "number": "1"}, "B": {"name": "y"}}}, r"groups\.B\.number"),
        ({"groups": {"A": {"name": "x", "number": "1"}, "B": {"name": 5, "number": "1"}}}, r"groups\.B"),
    ],
)
def test_a_case_that_keeps_to_no_format_is_refused_by_its_line(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CommandError, match=rf"line 1.*{problem}"):
        measured(tmp_path, ROW | change)


def test_the_cases_of_our_own_keep_to_the_format() -> None:
    assert len(read_cases(Path("bench/bias/cases.jsonl"))) > 100
