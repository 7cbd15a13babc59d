"""The examples of docs/canonical.md are canonical."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

from cs_portal.integrations.schemas import json_schema

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "canonical.md").read_text(encoding="utf-8")


def test_the_examples_are_as_the_schemas_say() -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S)]
    for name, example in zip(("order", "shopper", "product"), examples, strict=True):
        Draft202012Validator(json_schema(name)).validate(example)
