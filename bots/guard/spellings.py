"""Names of products that are nearly right, and colours and sizes that no product of the request has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bots.expressions.folding import CJK, fold
from bots.guard.lists import pattern_of

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'-]*")
_SHORTEST = 3  # characters of a Chinese title below which everything is near to it
_FILLERS = frozenset("的这那款个件只双条和与、是")


def find_misspelt(text: str, titles: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Spans that nearly spell one of ``titles``. A plural and a shortened title are no misspelling."""
    for title in titles:
        if CJK.search(title):
            yield from _nearly_chinese(text, title)
        elif " " in title:
            yield from _nearly_english(text, title)


def find_unknown_variants(text: str, known: str, asked: str) -> Iterator[tuple[int, int]]:
    """Colours and sizes that ``known`` does not hold. What the shopper ``asked`` for may be denied or asked back."""
    known, asked = fold(known).lower(), fold(asked).lower()
    for match in pattern_of("colours").finditer(text):
        word = match.group().lower()
        if word in known:
            continue
        sentence = text[: match.start()].rpartition(".")[2] + text[match.end() :].partition(".")[0]
        if word in asked and re.search(r"\b(?:no|not|or)\b|n't|[?？]|不|没|还是", sentence):
            continue
        yield match.span()


def _nearly_english(text: str, title: str) -> Iterator[tuple[int, int]]:
    wanted = [word.lower() for word in _WORD.findall(title)]
    words = list(_WORD.finditer(text))
    for at in range(len(words) - len(wanted) + 1):
        window = words[at : at + len(wanted)]
        found = [match.group().lower().removesuffix("'s") for match in window]
        pairs = list(zip(found, wanted, strict=True))
        if all(_same(one, other) for one, other in pairs) or not all(_near(one, other) for one, other in pairs):
            continue
        yield window[0].start(), window[-1].end()


def _same(found: str, wanted: str) -> bool:
    return found == wanted or found.removesuffix("s") == wanted.removesuffix("s")


def _near(found: str, wanted: str) -> bool:
    if _same(found, wanted):
        return True
    return found[0] == wanted[0] and _distance(found, wanted) <= (1 if len(wanted) < 5 else 3 if len(wanted) > 7 else 2)


def _nearly_chinese(text: str, title: str) -> Iterator[tuple[int, int]]:
    """Windows that hold all characters of the title in their order but one, and one that is none of the title's."""
    title = re.sub(r"\s", "", title)
    if len(title) < _SHORTEST:
        return
    if sum(char in text for char in title) < len(title) - 1:
        return
    masked = text.replace(title, "\x01" * len(title))
    for size in (len(title), len(title) + 1):
        for at in range(len(masked) - size + 1):
            window = masked[at : at + size]
            if sum(char in title for char in window) < len(title) - 1 or not re.fullmatch(r"[\u3400-\u9fff]+", window):
                continue
            foreign = {char for char in window if char not in title} - _FILLERS
            if not foreign or _common(window, title) < len(title) - 1:
                continue
            if len(title) == _SHORTEST and window[0] != title[0]:
                continue
            if (
                size == len(title)
                and window[0] in foreign
                and masked[at + 1 : at + size] in title
                and _is_word(window[0])
            ):
                continue
            yield at, at + size
            return


def _is_word(char: str) -> bool:
    """Whether a character before a shortened title belongs to the sentence rather than to a misspelt title."""
    return char in "您买到该件只个款张把双台条盏辆套份本瓶盒枚了给看选要试用有把对从您我你们旧新"


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for left in one:
        previous = 0
        for j, right in enumerate(other, 1):
            previous, row[j] = row[j], previous + 1 if left == right else max(row[j], row[j - 1])
    return row[-1]
