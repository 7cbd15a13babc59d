"""The messages of a Dialogflow response: which of them are an answer, and what the others were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from cs_portal.knowledge.formats.documents import KEYS
from cs_portal.knowledge.formats.languages import locale_named

#: The types that are plain text; in the wild a number, the number as text, or a word.
_TEXT = frozenset({"0", "message", "text", "simple_response", "simpleresponse"})
_PAYLOAD = frozenset({"4", "custom_payload", "payload"})
_KINDS = {"1": "card", "2": "quick_replies", "3": "image"}
#: Where an export of ours keeps what Dialogflow has no place for.
OURS = "csPortal"
#: ``$date``, ``$date.original``, ``#context.date``, ``@sys.date``: filled by Dialogflow, never by us.
_PLACEHOLDER = re.compile(r"(?<![\w$#@])(?:\$[A-Za-z][\w-]*(?:\.\w+)*|#[A-Za-z][\w-]*\.[\w.-]*\w|@sys\.[a-z-]+)")


class Tell(Protocol):
    def __call__(self, code: str, kind: str = ..., *, column: str = ..., **params: Any) -> None: ...


def placeholders_in(text: str) -> list[str]:
    return [match.rstrip(".-") for match in _PLACEHOLDER.findall(text)]


def answers_of(replies: Iterable[Mapping[str, Any]], default: str, tell: Tell) -> tuple[dict[str, str], dict[str, Any]]:
    """The answer by language, and what an export of ours put beside.

    Several texts of the default platform are one answer after another; of several wordings of one text the first
    counts; another platform's text stands in where there is no other.
    """
    plain: dict[str, list[str]] = {}
    elsewhere: dict[str, list[str]] = {}
    ours: dict[str, Any] = {}
    wordings, kinds, other = 0, dict[str, int](), dict[str, int]()
    for reply in replies:
        for message in _messages(reply):
            kind = str(message.get("type", "")).strip().lower()
            language = str(message.get("lang") or "")
            code = locale_named(language) if language else default
            payload = message.get("payload")
            if kind in _PAYLOAD and isinstance(payload, Mapping) and isinstance(payload.get(OURS), Mapping):
                ours |= {name: value for name, value in payload[OURS].items() if name in KEYS - {"texts", "key"}}
                continue
            texts = _texts_of(message) if kind in _TEXT else []
            if kind not in _TEXT:
                name = _KINDS.get(kind, "custom_payload" if kind in _PAYLOAD else kind[:40] or "unknown")
                kinds[name] = kinds.get(name, 0) + 1
            elif not texts:
                continue
            elif not code:
                other[language[:20]] = other.get(language[:20], 0) + 1
            else:
                wordings += len(texts) - 1
                (elsewhere if message.get("platform") else plain).setdefault(code, []).append(texts[0])
    for name, count in kinds.items():
        tell("message_kind", column="answer", name=name, count=count)
    for language, count in other.items():
        tell("answer_language", column="answer", language=language, count=count)
    if wordings:
        tell("wordings", column="answer", count=wordings)
    return _chosen(plain, elsewhere, tell), ours


def _chosen(plain: dict[str, list[str]], elsewhere: dict[str, list[str]], tell: Tell) -> dict[str, str]:
    answers = {code: "\n\n".join(dict.fromkeys(texts)) for code, texts in plain.items()}
    for code, texts in elsewhere.items():
        if code in answers:
            tell("platform_texts", column="answer", count=len(texts))
        else:
            answers[code] = texts[0]
            tell("platform_text_taken", column="answer", count=len(texts))
    return answers


def _messages(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The messages; agents from before there were any have ``speech`` beside them."""
    messages = reply.get("messages")
    found = [message for message in messages if isinstance(message, Mapping)] if isinstance(messages, list) else []
    if found:
        return found
    speech = reply.get("speech")
    return [{"type": 0, "speech": speech}] if speech else []


def _texts_of(message: Mapping[str, Any]) -> list[str]:
    """``speech`` is a text or a list of wordings; other platforms say ``textToSpeech``."""
    for name in ("speech", "text", "textToSpeech", "displayText"):
        value = message.get(name)
        if isinstance(value, Mapping):
            value = value.get("text")
        texts = (
            [value]
            if isinstance(value, str)
            else [v for v in value or [] if isinstance(v, str)]
            if isinstance(value, list)
            else []
        )
        if texts := [text for text in texts if text.strip()]:
            return texts
    return []
