"""How an operator changed the sentences of an FAQ in a draft: kept apart from greetings and from facts of the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from cs_portal.learning.sentences import is_about_somebody, is_courtesy, normal, sentences, without_greeting

#: Likeness (0 to 100) from which on one sentence is another in new words, and below which it is a new one.
REWORDED = 45


@dataclass(frozen=True, slots=True)
class SentenceEdit:
    """``before`` is the FAQ's own sentence, letter by letter. See ``FaqProposal`` for what may be empty."""

    faq: str
    before: str
    after: str
    anchor: str = ""


def sentence_edits(draft: str, sent: str, answers: Mapping[str, str], *, today: date) -> list[SentenceEdit]:
    """What changed between a candidate and what was sent in sentences of ``answers``, the FAQs' own texts by id.

    Both texts are redacted. Sentences that hold personal data or a day, and courtesies, teach nothing.
    """
    owners = {normal(s): (faq, s) for faq, answer in answers.items() for s in sentences(answer)}
    old, new = [_plain(s) for s in sentences(draft)], [_plain(s) for s in sentences(sent)]
    found: list[SentenceEdit] = []
    matcher = SequenceMatcher(a=[normal(s) for s in old], b=[normal(s) for s in new], autojunk=False)
    for kind, i, j, m, n in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs, alone = _paired(old[i:j], new[m:n])
        for before, after in pairs:
            owner = owners.get(normal(before))
            if owner is not None and (not after or _teaches(after, today)):
                found.append(SentenceEdit(owner[0], owner[1], after))
        # Only right behind a sentence of the FAQ that stayed is the place of a new one known.
        anchor = owners.get(normal(new[m - 1])) if m else None
        if anchor is not None and not old[i:j]:
            found += [SentenceEdit(anchor[0], "", after, anchor[1]) for after in alone[:1] if _teaches(after, today)]
    return found


def _plain(sentence: str) -> str:
    return without_greeting(sentence)


def _teaches(sentence: str, today: date) -> bool:
    return bool(sentence) and not is_courtesy(sentence) and not is_about_somebody(sentence, today=today)


def _paired(old: Sequence[str], new: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Each old sentence with its new wording, empty where it has none; and the new ones that are nobody's."""
    free, pairs = list(new), []
    for before in old:
        best = max(free, key=lambda after: fuzz.ratio(before, after), default="")
        if best and fuzz.ratio(before, best) >= REWORDED:
            free.remove(best)
            pairs.append((before, best))
        else:
            pairs.append((before, ""))
    return pairs, free


def numbers(text: str) -> Iterator[str]:
    """Digits in a sentence: two wordings with different ones are no wordings of the same."""
    run = ""
    for char in text + " ":
        if char.isdigit():
            run += char
        elif run:
            yield run
            run = ""
