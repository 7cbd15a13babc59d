"""What files of Rasa say, whatever they are written in: intents with examples, responses, and which leads to which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cs_portal.knowledge.formats.entries import LOST, REFUSED, Notice

#: ``[text](entity)``, ``[text](entity:value)`` and ``[text]{"entity": …}``: the text is what was said.
_MARKED = re.compile(r"\[([^\[\]]+)\](?:\(([^()]+)\)|(\{[^{}]*\}))")
_ENTITY = re.compile(r"[\"']?entity[\"']?\s*:\s*[\"']?([\w.-]+)")


@dataclass(slots=True)
class Intent:
    name: str
    where: str
    examples: list[str] = field(default_factory=list)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    entities: set[str] = field(default_factory=set)

    def add(self, example: str) -> None:
        plain, entities = without_marks(example)
        self.examples.append(plain)
        self.entities |= entities


@dataclass(slots=True)
class Response:
    """The variations of one response: their texts, and how often there was something else."""

    texts: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    conditional: int = 0

    def count(self, kind: str) -> None:
        self.kinds[kind] = self.kinds.get(kind, 0) + 1


@dataclass(slots=True)
class Parts:
    """Collected from all files. ``follows``: what a rule or story does after an intent."""

    intents: dict[str, Intent] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    follows: dict[str, list[str]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def intent(self, name: str, where: str) -> Intent:
        return self.intents.setdefault(name, Intent(name, where))

    def response(self, name: str) -> Response:
        return self.responses.setdefault(name, Response())

    def leads(self, intent: str, action: str) -> None:
        actions = self.follows.setdefault(intent, [])
        if action not in actions:
            actions.append(action)

    def lost(self, code: str, where: str, item: str = "", **params: Any) -> None:
        self.notices.append(Notice(LOST, code, where, item[:60], params=params))

    def refuse(self, code: str, where: str, item: str = "", **params: Any) -> None:
        self.notices.append(Notice(REFUSED, code, where, item[:60], params=params))


def without_marks(example: str) -> tuple[str, set[str]]:
    """An example as it is said, and the entities that it was marked with."""
    entities: set[str] = set()

    def said(match: re.Match[str]) -> str:
        named = match.group(2) or ""
        found = _ENTITY.search(match.group(3) or "")
        entities.add((named.partition(":")[0] or (found.group(1) if found else "?")).strip()[:60])
        return match.group(1)

    return _MARKED.sub(said, example), entities


def looks_marked(text: str) -> bool:
    return _MARKED.search(text) is not None
