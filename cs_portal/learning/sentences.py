"""Sentences of replies, and which of them say something about the shop instead of about somebody."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bots.expressions.dates import find_dates
from cs_portal.conversations.redaction import PLACEHOLDER

_SENTENCE = re.compile(r"(?<=[.!?])(?:\s+|(?=[\u4e00-\u9fff]))|(?<=[。！？])|\n+")
#: What opens a letter, at its beginning, with or without a name.
_GREETING = re.compile(
    r"^\s*(?:(?:Hi|Hello|Dear|Hey|Good (?:morning|afternoon|evening))\b(?:\s+(?:there|\[NAME\]|[A-Z][\w'’-]+))?"
    r"\s*[,!.:]?\s*|(?:\[NAME\]\s*)?(?:您好|你好|亲爱的|亲)(?:亲)?\s*[,，!！。~～]*\s*|\[NAME\]\s*[,，!！]\s*)",
    re.IGNORECASE,
)
#: Sentences that any letter may end or begin with.
_COURTESY = re.compile(
    r"^(?:(?:kind |best |warm )?regards|thanks?(?: you)?\b.{0,60}|cheers|sincerely|yours\b.*"
    r"|have a (?:lovely|nice|great) .*|(?:is there|let me know if there is) anything else.*"
    r"|(?:just|please)? ?(?:write|let (?:me|us) know).{0,60}|we are (?:very )?sorry.{0,40}"
    r"|感谢您?.{0,20}|谢谢.{0,12}|祝您.{0,16}|(?:还有|如有|有任何).{0,24}|客服.{0,20}|很?抱歉.{0,8}|非常抱歉.{0,12}"
    r"|不客气.{0,6}|好的.{0,2})[.!。！~～\s]*$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """In order, without empty ones and surrounding blanks."""
    return [part for raw in _SENTENCE.split(text) if (part := (raw or "").strip())]


def without_greeting(text: str) -> str:
    """``text`` without the words that address somebody at its beginning, however many; its first letter large."""
    while (match := _GREETING.match(text)) and match.end():
        text = text[match.end() :]
    return text[:1].upper() + text[1:]


def is_courtesy(sentence: str) -> bool:
    return _COURTESY.match(sentence) is not None


def is_about_somebody(sentence: str, *, today: date) -> bool:
    """Whether it holds personal data (redacted), or a day of the calendar, as only facts of an order do."""
    return PLACEHOLDER.search(sentence) is not None or bool(find_dates(sentence, today))


def general(text: str, *, today: date) -> str:
    """What of a redacted reply may stand in an FAQ: no greeting, no courtesies, no facts of one order. May be empty."""
    kept: list[str] = []
    for sentence in sentences(without_greeting(text)):
        sentence = without_greeting(sentence)
        if sentence and not is_courtesy(sentence) and not is_about_somebody(sentence, today=today):
            kept.append(sentence)
    return joined(kept)


def joined(parts: list[str]) -> str:
    """With a blank where the language wants one."""
    text = ""
    for part in parts:
        glue = " " if text and not _wide(text[-1]) else ""
        text += glue + part
    return text


def normal(sentence: str) -> str:
    """A sentence as it counts for sameness: width, case, blanks and its closing sign do not."""
    return " ".join(unicodedata.normalize("NFKC", sentence).casefold().split()).strip(" .!?。！？~～")


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}
