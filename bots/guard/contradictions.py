"""Where a reply says the opposite of what the evidence says about the same thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bots.expressions.folding import CJK
from bots.guard.statements import Statement, statements

_TIE = 0.06
_SHARED = 0.5  # of a statement's terms that any evidence knows, so many must be the evidence's, too
#: What a clause says with little more than one known word says it with one of these.
_ASSERTS = re.compile(
    r"\b(?:please|keep|store|is|are|'s|can|may|could|will|does|do|we|need|needs|must|have|require\w*|possible|fine|welcome|available|included?"
    r"|no problem|accepted|come|comes|goes|no|not|don't|you)\b"
    r"|可以|能|也|都|支持|含|带|有|送|附|没问题|没关系|要|需|得|收|行|提供|不|没|无|未|勿|休息|放心|请",
    re.IGNORECASE,
)


def find_contradictions(
    text: str, known: Sequence[Statement], titles: frozenset[str], *, shipped: bool
) -> Iterator[tuple[Statement, frozenset[str]]]:
    """The statements of ``text`` that deny what ``known`` says or say what it denies, and the terms that they share.

    A clause is held against the statements that share most of its terms, rare ones counting more. Where any of these
    agrees, nothing is wrong. To name a product (``titles``) is to say nothing of it yet.
    """
    counts = Counter(term for statement in known for term in statement.terms)
    for statement in statements(text, shipped=shipped):
        if statement.hypothetical:
            continue
        shared = _denied(statement, text, known, counts, titles)
        if shared:
            yield statement, shared


def _denied(
    said: Statement, text: str, known: Sequence[Statement], counts: Counter[str], titles: frozenset[str]
) -> frozenset[str]:
    comparable = [each for each in known if said.phase * each.phase >= 0 and said.terms & each.terms]
    if said.cost:
        comparable = [each for each in comparable if each.cost] or comparable
    if not comparable:
        return frozenset()
    weights = [_nearness(said, each, counts) for each in comparable]
    nearest = [each for each, weight in zip(comparable, weights, strict=True) if weight > max(weights) - _TIE]
    shared = frozenset[str]().union(*(said.terms & each.terms for each in nearest))
    if len(shared) < _SHARED * sum(term in counts for term in said.terms):
        return frozenset()
    chinese = CJK.search(text[said.start : said.end]) is not None
    asserts = said.cost or _ASSERTS.search(text, said.start, said.end)
    telling = shared - titles
    if len(telling) == 1 and (len(said.terms - titles) > (4 if chinese else 2) or not asserts):
        return frozenset()
    return shared if telling and all(_opposed(said, each) for each in nearest) else frozenset()


def _nearness(said: Statement, known: Statement, counts: Counter[str]) -> float:
    """How near ``known`` is: by shared terms, rare ones more, then by how much of it they are, and by phase."""
    shared = said.terms & known.terms
    rarity = sum(1 / counts[term] for term in shared)
    extent = len(shared) / len(known.terms) / 20 if len(shared) > 1 else 0.0
    return rarity + extent + (0.1 if said.phase == known.phase else 0.0)


def _opposed(said: Statement, known: Statement) -> bool:
    if said.cost and known.cost:
        return said.cost != known.cost
    if said.cost or (known.cost and not (known.cost > 0 and known.positive)):
        return False
    if said.concedes and known.requires:
        return True
    if said.positive == known.positive:
        return False
    denied, other = (said.denied, known.terms) if known.positive else (known.denied, said.terms)
    return not denied or bool(denied & other)
