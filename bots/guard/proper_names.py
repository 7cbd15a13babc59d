"""Names in a reply that no evidence holds: capitalised words in English, quoted or Latin names in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.expressions.folding import fold, normalised
from bots.guard.evidence import Evidence

_CAPITALISED_RUN = re.compile(r"[A-Z][A-Za-z\u00c0-\u024f'&-]+(?:\s+(?:of\s+|and\s+)?[A-Z][A-Za-z\u00c0-\u024f'&-]+)*")
_LATIN = re.compile(
    r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'&-]{1,}(?:\s+[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'&-]+)*"
)
_QUOTED = re.compile(r"[「《“\"]([^」》”\"\n]{2,60})[」》”\"]")
_URL_OR_EMAIL = re.compile(r"\S*(?:@|://|www\.)\S*")
_SENTENCE_START = re.compile(
    r"(?:^|[.!?:;\n\x01•*\-–—(\"“]|\d[.)]|\b(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear)\b[^,.\n]{0,30},)\s*$"
)
_COMMON_WORDS = """
i i'm i'll i've i'd ok okay hi hello hey dear thanks thank you please sorry yes no best regards kind sincerely
customer service support care team faq email e-mail sms app id pin url pdf vat ceo vip usb led lcd online store shop
sir madam mr mrs ms miss monday tuesday wednesday thursday friday saturday sunday january february march april
may june july august september october november december english chinese mandarin china iphone android ios
google apple a an and as at but by for from here how if in is it it's my not of on once or our so that the there
this to unfortunately was we what when where which while who why will with would your after before could can do
good great just let unless until
"""
COMMON = frozenset(_COMMON_WORDS.split())


def find_unknown_names(text: str, evidence: Evidence, language: str) -> Iterator[tuple[int, int]]:
    """Spans of names that the evidence does not hold."""
    folded = _URL_OR_EMAIL.sub(lambda match: "\x01" * len(match.group()), fold(text))
    if language == "en":
        yield from _capitalised(folded, evidence)
    else:
        yield from _latin(folded, evidence)
    known = normalised(" ".join([evidence.prose, *evidence.titles]))
    for match in _QUOTED.finditer(folded):
        if normalised(match[1]) not in known and not _all_known(match[1], evidence):
            yield match.span(1)


def find_catalogue_titles(text: str, evidence: Evidence, catalogue: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Spans that name a product of ``catalogue``, in whatever case and script, which the evidence does not name."""
    lowered = fold(text).lower()
    known = normalised(" ".join([evidence.prose, *evidence.titles]))
    for title in catalogue:
        wanted = fold(title).lower().strip()
        if len(wanted) < 2 or normalised(title) in known:
            continue
        pattern = rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])" if wanted.isascii() else re.escape(wanted)
        yield from (match.span() for match in re.finditer(pattern, lowered))


def _capitalised(text: str, evidence: Evidence) -> Iterator[tuple[int, int]]:
    for match in _CAPITALISED_RUN.finditer(text):
        words = re.findall(r"\S+", match.group())
        opens = _SENTENCE_START.search(text[: match.start()]) is not None
        if opens and len(words) == 1:
            continue
        doubtful = [word for word in words[1:] if not _known(word, evidence)]
        if not opens and not _known(words[0], evidence):
            doubtful.append(words[0])
        if doubtful:
            yield match.span()


def _latin(text: str, evidence: Evidence) -> Iterator[tuple[int, int]]:
    for match in _LATIN.finditer(text):
        if not _all_known(match.group(), evidence):
            yield match.span()


def _all_known(name: str, evidence: Evidence) -> bool:
    words = re.findall(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'&-]*", fold(name))
    return bool(words) and not re.search(r"[\u4e00-\u9fff]", name) and all(_known(word, evidence) for word in words)


def _known(word: str, evidence: Evidence) -> bool:
    bare = word.lower().strip("'&-")
    forms = {bare, bare.removesuffix("'s"), bare.removesuffix("s"), bare + "s"}
    return bool(forms & (evidence.words | COMMON)) or any(bare == title.lower() for title in evidence.titles)
