"""Candidates as tabs, and their text cut where evidence and violations begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cs_portal.console.presenters.knowledge import LANG
from cs_portal.console.presenters.models import model_name
from cs_portal.console.presenters.ranking import SignalLine, signal_lines
from cs_portal.console.presenters.wording import SOURCES, VIOLATIONS, word
from cs_portal.drafting.models import DraftCandidate, Wish
from cs_portal.merchants.models import Locale


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a reply. ``evidence`` is a reference, ``violation`` says what is wrong; both may be empty.

    ``differs`` is whether the wordings beside it do not say it.
    """

    text: str
    evidence: str = ""
    violation: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class CandidateTab:
    position: int
    source: str
    model: str
    is_model: bool
    origin: str
    kinds: str
    percent: int
    text: str
    locale: str
    lang: str
    wish: str
    segments: list[Segment]
    violations: list[str]
    signals: list[SignalLine]
    selected: bool


def segments(
    text: str,
    links: Sequence[dict[str, Any]],
    violations: Sequence[dict[str, Any]],
    known: set[str],
    differing: Sequence[tuple[int, int]] = (),
) -> list[Segment]:
    """Cut ``text`` at every border of a link, a violation or a part that differs.

    Spans outside the text and unknown evidence are left out.
    """
    spans = [span for span in links if span["evidence"] in known]
    cuts = {0, len(text), *(border for span in differing for border in span)}
    for span in (*spans, *violations):
        cuts |= {min(max(span["start"], 0), len(text)), min(max(span["end"], 0), len(text))}
    borders = sorted(cuts)
    pieces = []
    for start, end in pairwise(borders):
        link = next((span for span in spans if span["start"] <= start and end <= span["end"]), None)
        wrong = next((span for span in violations if span["start"] <= start and end <= span["end"]), None)
        pieces.append(
            Segment(
                text=text[start:end],
                evidence=link["evidence"] if link else "",
                violation=word(VIOLATIONS, wrong["kind"]) if wrong else "",
                differs=any(first <= start and end <= last for first, last in differing),
            )
        )
    return pieces


def candidate_tabs(
    candidates: Sequence[DraftCandidate], *, selected: int, known: set[str], locale: str = Locale.EN
) -> list[CandidateTab]:
    """``known`` holds the references of the evidence that is shown beside the draft, ``locale`` is the draft's."""
    return [
        CandidateTab(
            position=candidate.position,
            source=word(SOURCES, candidate.source),
            model=model_name(candidate.model) if candidate.source == "language_model" else "",
            is_model=candidate.source == "language_model",
            origin=candidate.source,
            kinds=" ".join(dict.fromkeys(v["kind"] for v in candidate.violations)),
            percent=round(min(max(candidate.score, 0.0), 1.0) * 100),
            text=candidate.text,
            locale=candidate.wish if candidate.wish in LANG else locale,
            lang=LANG[candidate.wish if candidate.wish in LANG else locale],
            wish=str(Wish(candidate.wish).label) if candidate.wish else "",
            segments=segments(candidate.text, candidate.links, candidate.violations, known),
            violations=list(dict.fromkeys(word(VIOLATIONS, v["kind"]) for v in candidate.violations)),
            signals=signal_lines(candidate.signals),
            selected=candidate.position == selected,
        )
        for candidate in candidates
    ]
