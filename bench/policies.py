"""Our rule engine beside zen-engine and json-logic: the same rules, the same cases, one run.

``python -m bench.policies --shop DIR`` (DIR with ``db.json`` of tau-bench's retail domain) takes the 6,000 decisions
and the rules of `bench/tau_retail`. All are handed the facts ready-made and give outcome and rule; that an order of
somebody else is refused is a rule of its own for those that do not know it by themselves. Ours works out the money
besides and keeps what its trace is worded from; it is measured further with the facts computed from the canonical
documents, and with the trace put into words in both languages. zen-engine traces by its own option, json-logic knows
no trace.

Every case is decided several times by each engine in turn, on a fresh case, and the fastest counts: other work on the
machine then hardly shows. Every outcome is compared with what the policy's text says (`oracle.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import django

from bench.tau_retail.requests import cases, with_some_acted_upon
from cs_portal.policies.engine import OWNERSHIP_RULE, Case, Missing, Ruleset, decide_case, not_the_shoppers
from cs_portal.policies.engine.analysis.search import pushed
from cs_portal.policies.engine.analysis.values import comparisons_in
from cs_portal.policies.engine.conditions import AllOf, AnyOf, Comparison, Condition
from cs_portal.policies.engine.decide import decide_facts
from cs_portal.policies.engine.facts import Facts
from cs_portal.policies.engine.ruleset import Rule

if TYPE_CHECKING:
    from cs_portal.learning.evaluation.policies import PolicyCase

RULESET = Path(__file__).parent / "tau_retail" / "ruleset.json"
Context = dict[str, Any]


@dataclass(frozen=True)
class Contender:
    """`prepare` makes what `decide` is handed, outside the clock; `decide` gives the outcome and the rule."""

    name: str
    note: str
    prepare: Callable[[int], Any]
    decide: Callable[[Any], tuple[str, str]]


# The same rules for the others

_OWNER = "order.belongs_to_shopper"


def names_in(ruleset: Ruleset) -> list[str]:
    return sorted({_OWNER, *(item.fact for rule in ruleset.rules for item in comparisons_in(rule.when))})


def rows(condition: Condition | None) -> list[list[Comparison]]:
    """The condition as alternatives of comparisons that all have to hold (disjunctive normal form)."""
    if condition is None:
        return [[]]
    return _alternatives(pushed(condition))


def _alternatives(condition: Condition) -> list[list[Comparison]]:
    if isinstance(condition, Comparison):
        return [[condition]]
    if isinstance(condition, AnyOf):
        return [row for part in condition.parts for row in _alternatives(part)]
    assert isinstance(condition, AllOf)
    found: list[list[Comparison]] = [[]]
    for part in condition.parts:
        found = [row + more for row in found for more in _alternatives(part)]
    return found


def zen_table(ruleset: Ruleset) -> str:
    """A decision graph with one decision table, a column for the action and one for each fact; the first hit wins."""
    columns = {"action": "c0", **{fact: f"c{index}" for index, fact in enumerate(names_in(ruleset), 1)}}
    foreign = {"_id": OWNERSHIP_RULE, columns[_OWNER]: "$ == false", "rule": f'"{OWNERSHIP_RULE}"', "outcome": '"deny"'}
    table = [foreign, *(row for rule in ruleset.rules for row in _zen_rows(rule, columns))]
    table.append({"_id": "default", "rule": '"default"', "outcome": json.dumps(ruleset.default.outcome)})
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": column, "name": fact, "field": fact} for fact, column in columns.items()],
        "outputs": [{"id": name, "name": name, "field": name} for name in ("rule", "outcome")],
        "rules": [{**dict.fromkeys(columns.values(), ""), **row} for row in table],
    }
    return json.dumps(
        {
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
                {"id": "table", "type": "decisionTableNode", "name": "table", "content": content,
                 "position": {"x": 0, "y": 0}},
                {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
            ],
            "edges": [
                {"id": "e1", "type": "edge", "sourceId": "in", "targetId": "table"},
                {"id": "e2", "type": "edge", "sourceId": "table", "targetId": "out"},
            ],
        }
    )  # fmt: skip


def _zen_rows(rule: Rule, columns: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for index, row in enumerate(rows(rule.when)):
        cells = {columns["action"]: ", ".join(map(json.dumps, rule.actions))}
        for item in row:
            cell = columns[item.fact]
            cells[cell] = f"{cells[cell]} and {_zen_test(item)}" if cell in cells else _zen_test(item)
        yield {
            "_id": f"{rule.id}-{index}",
            **cells,
            "rule": json.dumps(rule.id),
            "outcome": json.dumps(rule.then.outcome),
        }


_SYMBOLS = {"is": "==", "is_not": "!=", "at_most": "<=", "more_than": ">", "at_least": ">=", "less_than": "<"}


def _zen_test(item: Comparison) -> str:
    if item.op == "is_known":
        return f"$ {'!=' if item.value else '=='} null"
    if item.op in ("in", "not_in"):
        assert isinstance(item.value, frozenset)
        return f"$ {item.op.replace('_', ' ')} {json.dumps(sorted(item.value))}"
    if item.op in _SYMBOLS:
        return f"$ {_SYMBOLS[item.op]} {json.dumps(item.value)}"
    raise NotImplementedError(item.op)


def json_logic(ruleset: Ruleset) -> dict[str, Any]:
    """One if / else if / else over all rules."""
    branches: list[Any] = [{"===": [{"var": _OWNER}, False]}, f"deny {OWNERSHIP_RULE}"]
    for rule in ruleset.rules:
        asked = {"in": [{"var": "action"}, list(rule.actions)]}
        tests = [{"and": [asked, *(_logic_test(item) for item in row)]} for row in rows(rule.when)]
        branches += [tests[0] if len(tests) == 1 else {"or": tests}, f"{rule.then.outcome} {rule.id}"]
    return {"if": [*branches, f"{ruleset.default.outcome} default"]}


def _logic_test(item: Comparison) -> dict[str, Any]:
    fact = {"var": item.fact}
    if item.op == "is_known":
        return {"!==" if item.value else "===": [fact, None]}
    if item.op in ("in", "not_in"):
        assert isinstance(item.value, frozenset)
        test = {"in": [fact, sorted(item.value)]}
        return test if item.op == "in" else {"!": [test]}
    if item.op in _SYMBOLS:
        return {{"==": "===", "!=": "!=="}.get(_SYMBOLS[item.op], _SYMBOLS[item.op]): [fact, item.value]}
    raise NotImplementedError(item.op)


def context_of(item: PolicyCase, names: list[str]) -> Context:
    """The facts as the others take them: nested, and null where one is missing."""
    facts, context = Facts(item.case), {"action": item.case.request.action}
    for name in names:
        area, _dot, key = name.partition(".")
        value = facts[name]
        context.setdefault(area, {})[key] = None if isinstance(value, Missing) else value  # type: ignore[attr-defined]
    return context


# The run


def contenders(ruleset: Ruleset, drawn: list[PolicyCase], contexts: list[Context]) -> list[Contender]:
    import zen

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from json_logic import jsonLogic

    decision = zen.ZenEngine().create_decision(zen_table(ruleset))
    logic = json_logic(ruleset)

    ready = [dict(_looked_up(Facts(item.case), names_in(ruleset))) for item in drawn]

    def fresh(index: int) -> Case:
        return replace(drawn[index].case)

    def fresh_facts(index: int) -> Facts:
        facts = Facts(fresh(index))
        facts.update(ready[index])
        return facts

    def by_facts(facts: Facts) -> tuple[str, str]:
        verdict = decide_facts(ruleset, facts) if facts[_OWNER] is True else not_the_shoppers(ruleset)
        return verdict.outcome, verdict.rule

    def by_documents(case: Case) -> tuple[str, str]:
        verdict = decide_case(ruleset, case)
        return verdict.outcome, verdict.rule

    def in_words(case: Case) -> tuple[str, str]:
        verdict = decide_case(ruleset, case).to_dict()
        return verdict["outcome"], verdict["rule"]

    def by_zen(context: Context, options: Mapping[str, bool]) -> tuple[str, str]:
        result = decision.evaluate(context, options)["result"]
        return result["outcome"], result["rule"]

    def by_logic(context: Context) -> tuple[str, str]:
        outcome, _space, rule = jsonLogic(logic, context).partition(" ")
        return outcome, rule

    context = contexts.__getitem__
    return [
        Contender("CS Portal, trace kept", "facts", fresh_facts, by_facts),
        Contender("CS Portal, trace kept", "documents", fresh, by_documents),
        Contender("CS Portal, trace worded in two languages", "documents", fresh, in_words),
        Contender(
            "zen-engine decision table, trace on", "facts", context, lambda facts: by_zen(facts, {"trace": True})
        ),
        Contender("zen-engine decision table, trace off", "facts", context, lambda facts: by_zen(facts, {})),
        Contender("json-logic-qubit, no trace", "facts", context, by_logic),
    ]


def _looked_up(facts: Facts, names: list[str]) -> Iterator[tuple[str, Any]]:
    return ((name, facts[name]) for name in names)


def measured(racing: list[Contender], drawn: list[PolicyCase], rounds: int) -> list[dict[str, Any]]:
    times: list[list[float]] = [[] for _ in racing]
    wrong, grants, failed = Counter[int](), Counter[int](), Counter[int]()
    for index, item in enumerate(drawn):
        for place, contender in enumerate(racing):
            best, outcome = float("inf"), ""
            for _ in range(rounds):
                handed = contender.prepare(index)
                started = perf_counter_ns()
                try:
                    outcome, _rule = contender.decide(handed)
                except Exception:
                    failed[place] += 1
                    break
                best = min(best, (perf_counter_ns() - started) / 1000)
            times[place].append(best)
            wrong[place] += outcome != item.expected.outcome
            grants[place] += outcome == "allow" != item.expected.outcome
    return [
        {
            "engine": contender.name,
            "given": contender.note,
            "us_p50": round(median(times[place]), 1),
            "us_mean": round(mean(times[place]), 1),
            "differs_from_oracle": wrong[place],
            "wrongful_grants": grants[place],
            "failed": failed[place],
        }
        for place, contender in enumerate(racing)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path, required=True, help="the folder with db.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")
    django.setup()
    from cs_portal.learning.evaluation.policies import policy_case

    shop = with_some_acted_upon(json.loads((options.shop / "db.json").read_text("utf-8")), options.seed)
    ruleset = Ruleset.from_dict(json.loads(RULESET.read_text("utf-8")))
    drawn = [policy_case(case) for case in cases(shop, options.seed)]
    contexts = [context_of(item, names_in(ruleset)) for item in drawn]
    found = measured(contenders(ruleset, drawn, contexts), drawn, options.rounds)
    ours, zens = found[0], found[3]
    summary = {
        "n": len(drawn),
        "rules": len(ruleset.rules),
        "engines": found,
        "times_faster_than_zen_traced": round(zens["us_mean"] / ours["us_mean"], 1),
    }
    print(json.dumps(summary, indent=None if options.json else 2))
    return 0 if not any(row["differs_from_oracle"] for row in found[:3]) else 1


if __name__ == "__main__":
    sys.exit(main())
