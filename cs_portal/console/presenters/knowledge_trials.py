"""What the bot made of a question, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.console.presenters.evidence import Piece
from cs_portal.console.presenters.evidence import pieces as evidence_pieces
from cs_portal.console.presenters.faq_answers import ConditionNames, condition_words, names_in
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.presenters.wording import ACTIONS, INTENTS, OUTCOMES, Words
from cs_portal.conversations.models import HandoverReason
from cs_portal.knowledge.conditions import AnswerCondition, condition_from_json
from cs_portal.knowledge.models import Faq, QuestionTest
from cs_portal.knowledge.selectors import entries_by_id

ENTITIES: dict[str, Words] = {
    "order_number": pgettext_lazy("entity", "Order number"),
    "product": pgettext_lazy("entity", "Product"),
    "amount": pgettext_lazy("entity", "Amount"),
    "date": pgettext_lazy("entity", "Date"),
    "reason": pgettext_lazy("entity", "Reason"),
    "quantity": pgettext_lazy("entity", "Quantity"),
    "address": pgettext_lazy("entity", "Address"),
    "tracking": pgettext_lazy("entity", "Tracking number"),
}
EVIDENCE_ICONS = {"verdict": "scale", "order": "package", "faq": "file-text", "product": "tag"}


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One conditional answer of a hit: its conditions in words, each with whether it fits, and whether it was given."""

    parts: Sequence[tuple[str, bool]]
    fits: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class HitRow:
    """One ranked answer. ``faq`` is gone when somebody deleted it since.

    ``used``: the reply rests on it. ``words`` are those of the phrasing that the question has, too.
    """

    rank: int
    faq: Faq | None
    question: str
    answer: str
    lang: str
    phrasing: str
    words: Sequence[str]
    score: float
    signals: Sequence[tuple[Words, float]]
    answers: bool
    native: bool
    wanted: bool
    used: bool
    holds: bool
    hand_over: bool
    conditions: Sequence[ConditionRow]
    by_default: bool

    @property
    def verdict(self) -> Words:
        if not self.holds:
            return _("Not valid today")
        if self.answers and not self.used:
            return _("None of its answers holds here")
        if self.answers:
            return _("Good enough to answer")
        return _("Below the threshold") if self.native else _("No text in the shopper's language")


@dataclass(frozen=True, slots=True)
class Searched:
    """The hits for one question of the message."""

    query: str
    hits: Sequence[HitRow]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the composer would put into the review queue. ``violations`` are what no evidence supports."""

    text: str
    violations: Sequence[str]
    evidence: Sequence[tuple[str, Piece]]
    outcome: Words
    handover: str
    confidence: float
    unanswered: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """A finished test. ``rests_on`` are the hits that the reply is made of, at most one per question; ``untranslated``
    those that would answer if they had a text in the question's language."""

    language: Words
    lang: str
    intents: Sequence[tuple[Words, float]]
    entities: Sequence[tuple[Words, str]]
    action: Words
    injection: bool
    wants_person: bool
    threshold: float
    milliseconds: float
    searched: int
    order: str
    groups: Sequence[Searched]
    rests_on: Sequence[HitRow]
    untranslated: Sequence[HitRow]
    missed: Faq | None
    draft: Drafted | None


def trial_of(test: QuestionTest) -> Trial | None:
    """``None`` while no worker has answered."""
    result: dict[str, Any] | None = test.result
    if result is None:
        return None
    faqs = entries_by_id(hit["faq"] for hit in result["hits"])
    names = names_in(when for hit in result["hits"] for when in _conditions_of(hit))
    groups = [
        Searched(query, [_hit(rank, hit, faqs, test.faq_id, names) for rank, hit in enumerate(hits, 1)])
        for query, hits in _by_query(result["hits"])
    ]
    usable = [next((hit for hit in group.hits if hit.answers and hit.used), None) for group in groups]
    tops = [group.hits[0] for group in groups]
    found = {hit.faq.pk for group in groups for hit in group.hits if hit.faq}
    action = result.get("requested_action")
    return Trial(
        language=LANGUAGE_NAMES[result["language"]],
        lang=LANG[result["language"]],
        intents=[(INTENTS.get(i["name"], i["name"]), i["probability"]) for i in result["intents"]],
        entities=[(ENTITIES.get(e["kind"], e["kind"]), e["value"]) for e in result.get("entities", ())],
        action=ACTIONS.get(action, action) if action else "",
        injection=bool(result.get("injection")),
        wants_person=result["wants_person"],
        threshold=result["threshold"],
        milliseconds=result["milliseconds"],
        searched=result["searched"],
        order=result.get("order", ""),
        groups=groups,
        rests_on=list({hit.question: hit for hit in usable if hit is not None}.values()),
        untranslated=[hit for hit in tops if not hit.native and hit.score >= result["threshold"]],
        missed=test.faq if test.faq and test.faq.pk not in found else None,
        draft=_drafted(result["draft"]) if result.get("draft") else None,
    )


def _by_query(hits: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for hit in hits:
        groups.setdefault(hit["query"], []).append(hit)
    return list(groups.items())


def _conditions_of(hit: Mapping[str, Any]) -> list[AnswerCondition]:
    return [condition_from_json(each["when"]) for each in hit.get("conditions", ())]


def _hit(rank: int, hit: dict[str, Any], faqs: Mapping[str, Faq], wanted: int | None, names: ConditionNames) -> HitRow:
    faq, chosen = faqs.get(hit["faq"]), hit.get("chosen")
    return HitRow(
        rank=rank,
        faq=faq,
        question=hit["question"],
        answer=hit["answer"],
        lang=LANG[hit["language"]],
        phrasing=hit["phrasing"],
        words=hit.get("words", ()),
        score=hit["score"],
        signals=_signals(hit),
        answers=hit["answers"],
        native=hit["native"],
        wanted=faq is not None and faq.pk == wanted,
        used=hit.get("used", True),
        holds=hit.get("holds", True),
        hand_over=hit.get("hand_over", False),
        conditions=[_condition(each, names, chosen) for each in hit.get("conditions", ())],
        by_default=chosen == "",
    )


def _signals(hit: Mapping[str, Any]) -> list[tuple[Words, float]]:
    told = [
        (pgettext_lazy("signal", "meaning"), hit["dense"]),
        (pgettext_lazy("signal", "words"), hit["lexical"]),
        (pgettext_lazy("signal", "learned"), hit.get("learned")),
    ]
    return [(name, value) for name, value in told if value is not None]


def _condition(each: Mapping[str, Any], names: ConditionNames, chosen: str | None) -> ConditionRow:
    fits: Mapping[str, bool] = each["fits"]
    parts = [
        (words, ok)
        for part, ok in fits.items()
        for words in condition_words(condition_from_json({part: each["when"][part]}), names)
    ]
    return ConditionRow(parts, all(fits.values()), each["id"] == chosen)


def _drafted(draft: Mapping[str, Any]) -> Drafted:
    reason = draft["handover_reason"]
    evidence = [
        (EVIDENCE_ICONS.get(kind, "file-text"), piece)
        for kind in EVIDENCE_ICONS
        for piece in evidence_pieces(draft["evidence"], kind)
    ]
    return Drafted(
        text=draft["text"],
        violations=[each["text"] for each in draft["violations"]],
        evidence=evidence,
        outcome=OUTCOMES.get(draft["outcome"], "") if draft["outcome"] else "",
        handover=str(HandoverReason(reason).label) if reason else "",
        confidence=draft["confidence"],
        unanswered=draft["unanswered"],
    )
