"""FAQs as training data of Rasa 3: a retrieval intent for each language, so that a response selector of each can learn.

``faq_en/KEY`` holds question and phrasings, ``utter_faq_en/KEY`` the answer. What Rasa has no place for (the key as it
is, category, tags, days, answers for particular orders) stands in the intent's metadata, which Rasa passes over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from cs_portal.knowledge.content import FaqContent, settings_to_json
from cs_portal.knowledge.formats.entries import LOST, Notice, Written
from cs_portal.knowledge.formats.languages import SUFFIX
from cs_portal.knowledge.formats.rasa import OURS
from cs_portal.knowledge.formats.rasa_parts import looks_marked


class _Block(str):
    """A text to be written as a literal block where YAML can."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    # YAML counts these as line breaks, too: in a literal block they would become others.
    style = '"' if re.search("[\x85\u2028\u2029]", text) else "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


_Dumper.add_representer(_Block, _block)


def written(faqs: Iterable[tuple[str, str, FaqContent]]) -> Written:
    nlu: list[dict[str, Any]] = []
    responses: dict[str, list[dict[str, str]]] = {}
    lost: list[Notice] = []
    names: set[str] = set()
    for key, _state, content in faqs:
        name = _name(key, names)
        for number, (code, text) in enumerate(content.texts.items()):
            intent = f"faq_{SUFFIX[code]}/{name}"
            said = [text.question, *text.phrasings]
            kept = [phrase for phrase in said if phrase and not looks_marked(phrase)]
            if len(kept) < len([phrase for phrase in said if phrase]):
                lost.append(Notice(LOST, "looks_marked", item=key, column=f"phrasings_{code}"))
            examples = _Block("".join(f"- {phrase}\n" for phrase in kept))
            settings = _settings(content) if number == 0 else {}
            metadata = {OURS: {"key": key, "locale": SUFFIX[code], **settings}}
            nlu.append({"intent": intent, "metadata": metadata, "examples": examples})
            if text.answer:
                responses[f"utter_{intent}"] = [{"text": _Block(text.answer)}]
    document = {"version": "3.1", "nlu": nlu, **({"responses": responses} if responses else {})}
    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 1 << 20}
    return Written(yaml.dump(document, Dumper=_Dumper, **options).encode(), tuple(lost))


def _name(key: str, taken: set[str]) -> str:
    """Of the key, without what Rasa divides intents by."""
    plain = re.sub(r"[^\w.-]+", "_", key).strip("_") or "faq"
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name)
    return name


def _settings(content: FaqContent) -> dict[str, Any]:
    settings = {"category": content.category, **settings_to_json(content)}
    given = {name: value for name, value in settings.items() if value}
    if "answers" in given:
        given["answers"] = json.dumps(given["answers"], ensure_ascii=False)
    return given
