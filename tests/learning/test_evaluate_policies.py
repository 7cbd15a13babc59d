"""``manage.py evaluate policies``: the figures, the predictions, and files that are refused."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

CASE: dict[str, Any] = {
    "id": "c-1",
    "now": "2026-11-20T12:00:00+08:00",
    "order": {
        "number": "1", "shopper": "s", "currency": "CNY", "status": "delivered",
        "placed_at": "2026-11-10T12:00:00+08:00", "delivered_at": "2026-11-15T12:00:00+08:00",
        "lines": [{"id": "l", "product": "p", "variant": "v", "title": "Mug", "quantity": 1, "unit_price_minor": 4300}],
        "payments": [{"id": "pay", "method": "alipay", "amount_minor": 4300}],
    },
    "shopper": {"id": "s"},
    "products": [{"id": "p", "title": {"en": "Mug"}, "variants": []}],
    "request": {"action": "refund", "reason": "damaged", "evidence": ["photo"]},
    "expected": {"outcome": "allow", "amount_minor": 4300},
}  # fmt: skip


def case(identity: str, outcome: str, amount: int | None = None, **request: Any) -> dict[str, Any]:
    changed = copy.deepcopy(CASE)
    changed["id"] = identity
    changed["request"] |= request
    changed["expected"] = {"outcome": outcome, **({} if amount is None else {"amount_minor": amount})}
    return changed


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\ufeff" + "\n\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def evaluated(cases: Path, ruleset: str = "standard", **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("evaluate", "policies", "--ruleset", ruleset, "--cases", str(cases), "--json", stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_right_wrong_and_in_which_way(tmp_path: Path) -> None:
    cases = written(
        tmp_path,
        CASE,
        case("unpriced", "allow"),
        case("too much", "allow", 4299),
        case("too little", "allow", 4301),
        case("granted", "deny"),
        case("asked", "allow", evidence=[]),
        case("denied", "ask", action="cancel"),
        case("escalated", "deny", action="resend"),
    )
    found = evaluated(cases)
    assert found.pop("us_p50") > 0
    mismatches = {item["id"]: item for item in found.pop("mismatches")}
    assert found == {"n": 8, "agreement": 0.25, "wrongful_grants": 2, "wrongful_denials": 2}
    assert list(mismatches) == ["too much", "too little", "granted", "asked", "denied", "escalated"]
    assert mismatches["asked"] == {
        "id": "asked",
        "expected": {"outcome": "allow", "amount_minor": None},
        "got": {"outcome": "ask", "amount_minor": 0},
        "rule": "fault-photo-needed",
    }


def test_at_most_fifty_mismatches_are_listed(tmp_path: Path) -> None:
    found = evaluated(written(tmp_path, *(case(str(index), "deny") for index in range(60))))
    assert (found["wrongful_grants"], len(found["mismatches"])) == (60, 50)


def test_no_cases_have_no_rate(tmp_path: Path) -> None:
    assert evaluated(written(tmp_path, "")) == {
        "n": 0, "agreement": None, "wrongful_grants": 0, "wrongful_denials": 0, "us_p50": None, "mismatches": [],
    }  # fmt: skip


def test_predictions_are_verdicts_in_the_order_of_the_cases(tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    evaluated(written(tmp_path, CASE, case("second", "deny", action="cancel")), predictions=predictions)
    rows = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert [(row["id"], row["verdict"]["outcome"], row["verdict"]["amount_minor"]) for row in rows] == [
        ("c-1", "allow", 4300),
        ("second", "deny", 0),
    ]


def test_a_ruleset_from_a_file_and_a_request_without_order(tmp_path: Path) -> None:
    ruleset = tmp_path / "rules.json"
    reasons = {"en": "x", "zh-hans": "x"}
    ruleset.write_text(json.dumps({"name": "r", "rules": [], "default": {"outcome": "escalate", "reasons": reasons}}))
    new = {**case("new", "escalate"), "order": None, "request": {"action": "place_order"}, "products": None}
    assert evaluated(written(tmp_path, new), ruleset=str(ruleset))["agreement"] == 1


def _without(*path: str) -> dict[str, Any]:
    changed = copy.deepcopy(CASE)
    at = changed
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return changed


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("{", "line 3: is no JSON: Expecting property name enclosed in double quotes (column 2)"),
        ("[]", "line 3: must be an object"),
        (_without("expected"), "line 3: expected: is required"),
        (_without("order", "currency"), "line 3: order.currency: is required"),
        ({**CASE, "order": {**CASE["order"], "colour": "red"}}, "line 3: order.colour: unknown key"),
        ({**CASE, "now": "2026-11-20T12:00:00"}, "line 3: now: must be an ISO 8601 time with its offset"),
        ({**CASE, "expected": {"outcome": "maybe"}},
         "line 3: expected.outcome: must be one of allow, deny, escalate, ask"),
        ({**CASE, "expected": {"outcome": "allow", "amount_minor": 1.5}},
         "line 3: expected.amount_minor: must be a whole number of minor units"),
        ({**CASE, "products": {}}, "line 3: products: must be a list"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_nothing_is_measured(tmp_path: Path, second: Any, problem: str) -> None:
    cases, predictions = written(tmp_path, CASE, second), tmp_path / "predictions.jsonl"
    with pytest.raises(CommandError) as refused:
        evaluated(cases, predictions=predictions)
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{cases}, {problem}"
    assert not predictions.exists()


def test_a_ruleset_that_is_none_is_refused(tmp_path: Path) -> None:
    ruleset = tmp_path / "rules.json"
    ruleset.write_text('{"name": "x", "rules": []}')
    with pytest.raises(CommandError, match=r"rules\.json: default: is required") as refused:
        evaluated(written(tmp_path, CASE), ruleset=str(ruleset))
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="is neither a file nor a shipped ruleset"):
        evaluated(written(tmp_path, CASE), ruleset="nowhere")


def test_without_json_the_figures_are_a_table(tmp_path: Path) -> None:
    out = io.StringIO()
    cases = str(written(tmp_path, CASE))
    call_command("evaluate", "policies", "--ruleset", "standard", "--cases", cases, stdout=out)
    assert out.getvalue().splitlines()[:2] == ["n                    1", "agreement            1.0"]
