"""``evaluate drafts``: replies on a database of its own, how they are judged, and files that are refused."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bench.drafts import SETS, all_cases
from bots.types import Candidate, Violation
from cs_portal.learning.evaluation.drafts import CHECKS, Drafted, Expected, judge, read_cases, scores
from cs_portal.learning.evaluation.private_database import private_database
from cs_portal.learning.evaluation.stores import BadStore, open_store
from cs_portal.merchants.models import Merchant

CASE: dict[str, Any] = {
    "id": "c-1",
    "locale": "en",
    "merchant": "Pine & Co",
    "now": "2026-11-20T14:00:00+08:00",
    "faqs": [{"id": "f-1", "locale": "en", "question": "How much is shipping?", "answer": "Shipping costs $5."}],
    "ruleset": "standard",
    "orders": [
        {
            "number": number,
            "shopper": shopper,
            "currency": "USD",
            "status": "pending",
            "placed_at": "2026-11-19T10:00:00+08:00",
            "lines": [
                {"id": "l-1", "product": "p", "variant": "v", "title": "Kite", "quantity": 1, "unit_price_minor": 4300}
            ],
            "payments": [
                {
                    "id": "pay-1",
                    "method": "paypal",
                    "amount_minor": 4300,
                    "captured_at": "2026-11-19T10:00:00+08:00",
                }
            ],
        }
        for number, shopper in (("20101", "s-1"), ("20999", "s-2"))
    ],
    "shopper": {"id": "s-1", "name": "Grace"},
    "messages": [{"author": "shopper", "text": "Please cancel order 20101"}],
    "expected": {"intent": "cancel", "outcome": "allow", "language": "en", "must_include": ["20101", "$43.00"]},
}
FOREIGN = CASE | {
    "id": "c-2",
    "messages": [{"author": "shopper", "text": "Please cancel order 20999"}],
    "expected": {"outcome": "deny", "must_not_include": ["Kite", "43.00"]},
}


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def measured(cases: Path, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("evaluate", "drafts", "--cases", str(cases), "--json", stdout=out, **options)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


@pytest.mark.django_db
def test_a_reply_is_made_by_the_rules_and_the_database_stays_untouched(tmp_path: Path) -> None:
    wrong = CASE | {"id": "c-3", "expected": {"intent": "refund", "must_include": ["a unicorn"]}}
    figures = measured(written(tmp_path, CASE, FOREIGN, wrong), predictions=tmp_path / "out.jsonl")
    assert {key: figures[key] for key in ("n", "outcome_accuracy", "grounded_rate", "llm_best_rate")} == {
        "n": 3,
        "outcome_accuracy": 1.0,
        "grounded_rate": 1.0,
        "llm_best_rate": 0.0,
    }
    assert figures["passed"] == 0.6667
    assert [(each["id"], each["failed"]) for each in figures["failures"]] == [("c-3", ["intent", "complete"])]
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["c-1", "c-2", "c-3"]
    assert (rows[0]["verdict"]["outcome"], rows[0]["source"]) == ("allow", "composer")
    assert not Merchant.objects.exists()


def reply(text: str, *violations: Violation) -> Drafted:
    return Drafted(
        (Candidate(text, "composer", "composer", 1.0, (), violations),), "cancel", "allow", None, None, [], 0.1
    )


def test_what_is_compared_and_how() -> None:
    wanted = Expected("cancel", "allow", "en", None, ("Order  20101",), (("paypal", "card"),), ("sorry",))
    good = judge(wanted, reply("We cancelled order 20101; the money goes back to PAYPAL."))
    assert (good.passed, tuple(good.checks)) == (True, CHECKS)
    bad = judge(wanted, reply("ＯＲＤＥＲ ２０１０１ sorry", Violation("amount", "1", 0, 1)))
    assert bad.checks == {
        "intent": True,
        "outcome": True,
        "grounded": False,
        "complete": False,
        "clean": False,
        "language": True,
    }
    assert (bad.missing, bad.forbidden) == (("paypal | card",), ("sorry",))
    nothing = Expected(None, None, None, None, (), (), ())
    assert judge(nothing, reply("Hello")).passed


def test_the_faq_that_a_reply_rests_on_is_counted_where_one_is_expected(tmp_path: Path) -> None:
    expecting = CASE | {"expected": {"faq_id": "f-1"}}
    cases = read_cases(written(tmp_path, expecting, expecting, CASE))
    drafted = [replace(reply("Hello"), faq_id=faq) for faq in ("f-1", "f-2", "f-3")]
    judged = [judge(case.expected, each) for case, each in zip(cases, drafted, strict=True)]
    assert scores(cases, drafted, judged)["faq_accuracy"] == 0.5


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"locale": "fr"}, "locale"),
        ({"now": "2026-11-20"}, "now"),
        ({"messages": []}, "messages"),
        ({"messages": [{"author": "bot", "text": "Hi"}]}, "the last one must be the shopper's"),
        ({"messages": [{"author": "nobody", "text": "Hi"}]}, r"messages\.0\.author"),
        ({"expected": {"outcome": "perhaps"}}, r"expected\.outcome"),
        ({"expected": {"must_include": "all"}}, r"expected\.must_include"),
        ({"expected": {"must_include_any": ["a"]}}, r"expected\.must_include_any"),
    ],
)
def test_a_case_that_keeps_to_no_format_is_refused_by_its_line(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CommandError, match=rf"line 2.*{problem}"):
        measured(written(tmp_path, CASE, CASE | change))


@pytest.mark.django_db
def test_a_store_that_keeps_to_no_format_is_refused_by_its_line(tmp_path: Path) -> None:
    faq = CASE["faqs"][0]
    order = CASE["orders"][0]
    changes: list[tuple[dict[str, Any], str]] = [
        ({"ruleset": "generosity"}, "ruleset"),
        ({"faqs": [faq, faq]}, "faqs.1.id"),
        ({"faqs": [faq | {"locale": "fr"}]}, "faqs.0.locale"),
        ({"products": [{"id": "p"}]}, "products.0"),
        ({"orders": [order | {"colour": "red"}]}, "orders.0.colour"),
        ({"shopper": 5}, "shopper"),
    ]
    with private_database():
        for number, (change, problem) in enumerate(changes):
            with pytest.raises(BadStore, match=problem):
                open_store(CASE | change, slug=f"bad-{number}")


@pytest.mark.parametrize("name", SETS)
def test_the_cases_of_our_own_keep_to_the_format(tmp_path: Path, name: str) -> None:
    cases = all_cases(name)
    assert len(cases) >= 120
    assert len({case["id"] for case in cases}) == len(cases)
    assert len(read_cases(written(tmp_path, *cases))) == len(cases)
