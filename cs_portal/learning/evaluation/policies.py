"""``evaluate policies``: a ruleset on cases with known outcomes, by the engine that decides in production."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

from cs_portal.learning.evaluation.files import BadFile, read_json, read_json_lines, write_json_lines
from cs_portal.policies.engine import (
    CanonicalError,
    Case,
    Ruleset,
    RulesetError,
    UnknownShippedRuleset,
    decide_case,
    load_shipped,
    parse_order,
    parse_products,
    parse_request,
    parse_shopper,
)
from cs_portal.policies.engine.vocabulary import OUTCOMES

HELP = "Decide cases by a ruleset and compare with what was expected."
MAX_MISMATCHES = 50


@dataclass(frozen=True, slots=True)
class Expected:
    """`amount_minor` is compared where it is not None."""

    outcome: str
    amount_minor: int | None


@dataclass(frozen=True, slots=True)
class PolicyCase:
    id: Any
    case: Case
    expected: Expected


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--ruleset", required=True, help="an exported ruleset (JSON), or the name of a shipped one")
    parser.add_argument("--cases", required=True, type=Path, help="cases, one JSON object a line")


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    ruleset, cases = read_ruleset(options["ruleset"]), read_cases(options["cases"])
    verdicts: list[dict[str, Any]] = []
    microseconds: list[float] = []
    for index, item in enumerate(cases, 1):
        started = perf_counter_ns()
        verdict = decide_case(ruleset, item.case).to_dict()
        microseconds.append((perf_counter_ns() - started) / 1000)
        verdicts.append(verdict)
        progress(index, len(cases))
    if options.get("predictions"):
        rows = ({"id": item.id, "verdict": verdict} for item, verdict in zip(cases, verdicts, strict=True))
        write_json_lines(options["predictions"], rows)
    return scores(cases, verdicts, microseconds)


def scores(cases: list[PolicyCase], verdicts: list[dict[str, Any]], microseconds: list[float]) -> dict[str, Any]:
    """Agreement, and how often money or consent was given, or refused, against what was expected."""
    pairs = [(item, verdict) for item, verdict in zip(cases, verdicts, strict=True)]
    wrong = [(item, verdict) for item, verdict in pairs if not agrees(item.expected, verdict)]
    return {
        "n": len(cases),
        "agreement": 1 - len(wrong) / len(cases) if cases else None,
        "wrongful_grants": sum(_gives_more(item.expected, verdict) for item, verdict in wrong),
        "wrongful_denials": sum(_gives_less(item.expected, verdict) for item, verdict in wrong),
        "us_p50": round(median(microseconds), 1) if microseconds else None,
        "mismatches": [
            {
                "id": item.id,
                "expected": {"outcome": item.expected.outcome, "amount_minor": item.expected.amount_minor},
                "got": {"outcome": verdict["outcome"], "amount_minor": verdict["amount_minor"]},
                "rule": verdict["rule"],
            }
            for item, verdict in wrong[:MAX_MISMATCHES]
        ],
    }


def agrees(expected: Expected, verdict: Mapping[str, Any]) -> bool:
    return verdict["outcome"] == expected.outcome and expected.amount_minor in (None, verdict["amount_minor"])


def _gives_more(expected: Expected, verdict: Mapping[str, Any]) -> bool:
    """Allowed where it was not expected, or with more money."""
    if verdict["outcome"] != "allow":
        return False
    return expected.outcome != "allow" or verdict["amount_minor"] > (expected.amount_minor or 0)


def _gives_less(expected: Expected, verdict: Mapping[str, Any]) -> bool:
    """Denied where it was not expected, or allowed with less money."""
    if verdict["outcome"] == "deny":
        return expected.outcome != "deny"
    return verdict["outcome"] == expected.outcome == "allow" and verdict["amount_minor"] < (expected.amount_minor or 0)


def read_ruleset(name: str) -> Ruleset:
    path = Path(name)
    if not path.exists():
        try:
            return load_shipped(name)
        except UnknownShippedRuleset:
            raise BadFile(path, "is neither a file nor a shipped ruleset") from None
    try:
        return Ruleset.from_dict(read_json(path))
    except RulesetError as error:
        raise BadFile(path, str(error)) from None


def read_cases(path: Path) -> list[PolicyCase]:
    """Every case, or `BadFile` for the first line that is none."""
    found = []
    for number, data in read_json_lines(path):
        try:
            found.append(policy_case(data))
        except (CanonicalError, ValueError) as error:
            raise BadFile(path, str(error), number) from None
    return found


def policy_case(data: Any) -> PolicyCase:
    """One case of a file; raises `ValueError`, or `CanonicalError` for its documents."""
    if not isinstance(data, dict):
        raise ValueError("must be an object")
    for key in ("id", "now", "request", "expected"):
        if data.get(key) is None:
            raise ValueError(f"{key}: is required")
    products = [] if data.get("products") is None else data["products"]
    if not isinstance(products, list):
        raise ValueError("products: must be a list")
    case = Case(
        order=None if data.get("order") is None else parse_order(data["order"]),
        shopper=None if data.get("shopper") is None else parse_shopper(data["shopper"]),
        products={product.id: product for product in parse_products(products)},
        request=parse_request(data["request"]),
        now=_moment(data["now"]),
    )
    return PolicyCase(data["id"], case, _expected(data["expected"]))


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None or not 1900 <= moment.year <= 2999:
        raise ValueError("now: must be an ISO 8601 time with its offset")
    return moment


def _expected(data: Any) -> Expected:
    if not isinstance(data, dict) or data.get("outcome") not in OUTCOMES:
        raise ValueError(f"expected.outcome: must be one of {', '.join(OUTCOMES)}")
    amount = data.get("amount_minor")
    if amount is not None and (type(amount) is not int or amount < 0):
        raise ValueError("expected.amount_minor: must be a whole number of minor units")
    return Expected(data["outcome"], amount)
