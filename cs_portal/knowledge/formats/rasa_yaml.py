"""Rasa's YAML (3.x): ``nlu``, ``responses``, ``rules`` and ``stories`` of training files and domains."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from cs_portal.knowledge.formats.rasa_parts import Intent, Parts
from cs_portal.knowledge.formats.yaml_nodes import Node, documents

_KINDS = ("synonym", "regex", "lookup")
_SAID = re.compile(r"^\s*-\s?", re.M)


def is_rasa_yaml(text: str) -> bool:
    """By its keys: the file is not parsed for this."""
    return re.search(r"^(?:nlu|responses|rules|stories)\s*:", text, re.M) is not None


def read(text: str, parts: Parts, at: Callable[[int], str]) -> None:
    """Put what a file says into ``parts``; ``at`` names a line. Raises :class:`Invalid` for what is no YAML."""
    for root in documents(text):
        if root.pairs is None:
            continue
        for name in root.twice:
            parts.refuse("key_twice", at(root.line), name)
        for item in _items(root, "nlu"):
            _nlu(item, parts, at)
        for name, node in _pairs(root, "responses"):
            _response(name, node, parts)
        for name in ("rules", "stories"):
            for item in _items(root, name):
                _steps(item, parts)
        for name in ("slots", "forms", "entities", "actions"):
            held = root.get(name)
            if held and (count := len(held.items or held.pairs or ())):
                parts.lost(f"rasa_{name}", at(held.line), count=count)


def _items(root: Node, name: str) -> list[Node]:
    node = root.get(name)
    return node.each() if node else []


def _pairs(root: Node, name: str) -> list[tuple[str, Node]]:
    node = root.get(name)
    return list((node.pairs or {}).items()) if node else []


def _nlu(item: Node, parts: Parts, at: Callable[[int], str]) -> None:
    where = at(item.line)
    for name in item.twice:
        parts.refuse("key_twice", where, name)
    for kind in _KINDS:
        if item.get(kind) is not None:
            parts.lost(f"rasa_{kind}", where, item.text_at(kind), count=len(_lines(item.get("examples"))))
            return
    name = item.text_at("intent").strip()
    if not name:
        parts.refuse("no_intent", where)
        return
    intent = parts.intent(name, where)
    _metadata(item, intent)
    examples = item.get("examples")
    for line in _lines(examples):
        intent.add(line)


def _lines(examples: Node | None) -> list[str]:
    """A block with a dash before each, or a list of ``text``."""
    if examples is None:
        return []
    if examples.items is not None:
        return [
            _undashed(each.text_at("text") if each.pairs is not None else each.text or "") for each in examples.items
        ]
    found: list[str] = []
    for line in (examples.text or "").split("\n"):
        if line.lstrip().startswith("-"):
            found.append(_undashed(line))
        elif line.strip() and found:
            found[-1] += f" {line.strip()}"
    return found


def _undashed(text: str) -> str:
    return " ".join(_SAID.sub("", text, count=1).split())


def _metadata(item: Node, intent: Intent) -> None:
    node = item.get("metadata")
    plain: Any = node.plain() if node else {}
    if isinstance(plain, dict):
        intent.metadata = {**intent.metadata, **plain}


def _response(name: str, node: Node, parts: Parts) -> None:
    response = parts.response(name)
    for variation in node.each():
        if variation.get("condition") is not None or variation.get("channel") is not None:
            response.conditional += 1
            continue
        if text := variation.text_at("text").strip():
            response.texts.append(text)
        for kind in ("buttons", "image", "custom", "attachment", "quick_replies", "elements"):
            if variation.get(kind) is not None:
                response.count(kind)


def _steps(item: Node, parts: Parts) -> None:
    """Which action comes right after an intent."""
    steps = (item.get("steps") or Node(0)).each()
    for step, after in pairwise(steps):
        intent, action = step.text_at("intent").strip(), after.text_at("action").strip()
        if intent and action:
            parts.leads(intent, action)
