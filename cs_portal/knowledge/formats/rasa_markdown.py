"""Rasa's old markdown: ``## intent:name`` with examples, answers of retrieval intents, and stories."""

from __future__ import annotations

import re
from collections.abc import Callable

from cs_portal.knowledge.formats.rasa_parts import Intent, Parts

_HEADING = re.compile(r"^##\s*(?:(intent|synonym|regex|lookup)\s*:)?\s*(.*?)\s*$")
_BULLET = re.compile(r"^\s*[-*+]\s+(.*?)\s*$")
_ASKED = re.compile(r"^\*\s+([^\s{]+)")
_COMMENT = re.compile(r"<!--.*?-->", re.S)


def is_rasa_markdown(text: str) -> bool:
    return re.search(r"^##\s*(?:intent|synonym|regex|lookup)\s*:", text, re.M) is not None or _is_dialogue(text)


def _is_dialogue(text: str) -> bool:
    return text.lstrip().startswith("## ") and re.search(r"^\*\s+\w", text, re.M) is not None


def read(text: str, parts: Parts, at: Callable[[int], str]) -> None:
    """Put what a file says into ``parts``; ``at`` names a line."""
    whole = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), text)
    intent: Intent | None = None
    asked = ""
    for number, line in enumerate(whole.split("\n"), 1):
        if line.startswith("#"):
            intent, asked = _heading(line, parts, at(number)), ""
        elif intent is not None:
            if match := _BULLET.match(line):
                intent.add(match.group(1))
        elif match := _ASKED.match(line):
            asked = match.group(1)
        elif asked and (match := _BULLET.match(line)):
            _answered(asked, match.group(1), parts)


def _heading(line: str, parts: Parts, where: str) -> Intent | None:
    match = _HEADING.match(line)
    kind, name = match.groups() if match else (None, "")
    if kind == "intent" and name:
        return parts.intent(name, where)
    if kind == "intent":
        parts.refuse("no_intent", where)
    elif kind:
        parts.lost(f"rasa_{kind}", where, name)
    return None


def _answered(asked: str, text: str, parts: Parts) -> None:
    """Under ``* intent``: the name of an action in a story, or the answer itself of a retrieval intent."""
    if re.fullmatch(r"(?:utter|action|respond)_[\w/.-]+|\w+_form|form\{.*|slot\{.*", text):
        parts.leads(asked, text)
    elif "/" in asked:
        parts.response(f"utter_{asked}").texts.append(text.replace("\\n", "\n"))
