"""docs/rules.md tells of every fact and operator, and its example is a ruleset."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.operators import OPERATORS

TEXT = Path("docs/rules.md").read_text("utf-8")


def test_every_fact_and_operator_is_told() -> None:
    rows = set(re.findall(r"^\| `([a-z_0-9.]+)` \|", TEXT, re.MULTILINE))
    assert rows == FACTS.keys() | OPERATORS.keys()
    for spec in FACTS.values():
        assert f"| `{spec.name}` | {spec.kind}" in TEXT
        assert f"| {spec.label.en} | {spec.label.zh_hans} |" in TEXT


def test_the_example_is_a_ruleset() -> None:
    (example,) = re.findall(r"```jsonc\n(.*?)```", TEXT, re.DOTALL)
    plain = re.sub(r"(?<=[\s,}\]])//[^\n]*", "", example)
    ruleset = Ruleset.from_dict(json.loads(plain))
    assert [rule.then.outcome for rule in ruleset.rules] == ["allow", "ask"]
    assert ruleset.rules[0].then.amount is not None
    assert ruleset.rules[0].then.amount.shipping is not None
