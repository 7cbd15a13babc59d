"""What the bot made of a question: the fields of a draft, its evidence and its alternative wordings."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.composing.confidence import Factor, prior
from bots.composing.ranking import scores
from bots.types import Entity, FaqEntry, FaqHit, IntentGuess, Signals
from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.demo.history.ledger import Cast
from cs_portal.demo.history.past import Document
from cs_portal.demo.history.topics import Topic, phrase, topics
from cs_portal.demo.merchants import Language
from cs_portal.demo.rows import line_row, order_row, payment_row, shipment_row
from cs_portal.drafting.evidence import gather

COMPOSER, LANGUAGE_MODEL = "grounded-composer-1", "smollm2-135m-instruct+1"
MODEL_SHARE = 0.6
ANSWERED_ABOVE = 0.55


@dataclass(slots=True)
class Question:
    """What is known when a draft is made. ``reply`` are the composer's words."""

    topic: Topic
    text: str
    reply: str
    order: Document | None = None
    order_version: int = 1
    request: dict[str, Any] | None = None
    verdict: dict[str, Any] | None = None
    faq: str = ""
    products: Sequence[Product] = ()
    needs_person: bool = False
    handover: str = ""
    answered: bool | None = None
    cards: list[dict[str, Any]] = field(default_factory=list)


def draft_fields(
    question: Question, cast: Cast, shopper: Shopper, *, locale: Language, now: datetime, rng: random.Random
) -> dict[str, Any]:
    """Everything of a draft but its place in the conversation."""
    hits = _hits(question, cast, locale, rng)
    certain = question.verdict is not None or question.order is not None
    probability = round(rng.betavariate(9, 1.6 if question.answered is not False else 5), 4)
    support = 0.95 if certain else (hits[0].score if hits else 0.0)
    has_model = rng.random() < MODEL_SHARE
    return {
        "intent": question.topic.intent,
        "intents": [asdict(guess) for guess in _guesses(question, probability, rng)],
        "entities": [asdict(entity) for entity in _entities(question, locale)],
        **_assessed(probability, support, certain=certain),
        "needs_person": question.needs_person,
        "handover_reason": question.handover,
        "injection": question.topic.key == "injection",
        "request": question.request,
        "verdict": question.verdict,
        "ruleset": cast.ruleset if question.verdict else None,
        "order_version": question.order_version if question.order else None,
        "evidence": gather(
            hits=hits,
            orders=[memory_order(question.order, shopper)] if question.order else [],
            products=question.products,
            verdict=question.verdict,
            action=question.request["action"] if question.request else None,
            zone=ZoneInfo(cast.merchant.timezone),
        ),
        "answered": question.answered,
        "cards": question.cards,
        "model_state": "done" if has_model else "off",
        "model_version": LANGUAGE_MODEL if has_model else "",
        "timings": {
            "understand": round(rng.uniform(0.01, 0.05), 4),
            "retrieve": round(rng.uniform(0.02, 0.09), 4),
            "decide": round(rng.uniform(0.004, 0.02), 4),
            "compose": round(rng.uniform(0.003, 0.012), 4),
        },
    }


def candidates(
    question: Question, fields: Mapping[str, Any], *, locale: Language, slots: Mapping[str, str], rng: random.Random
) -> list[dict[str, Any]]:
    """The composer's wording and, where the language model was there, one or two of its own; the best first."""
    made = [_candidate("composer", COMPOSER, question.reply, round(rng.uniform(0.62, 0.9), 3), 0.01, rng)]
    if fields["model_state"] == "done":
        for number in range(rng.choice((1, 2))):
            greeting = phrase("greeting", locale, slots, rng)
            text = f"{greeting}{'' if locale == 'zh-hans' else ' '}{question.reply}" if number == 0 else question.reply
            text = text if number == 0 else f"{text} {phrase('closing', locale, slots, rng)}"
            seconds = round(min(rng.lognormvariate(1.5, 0.45), 30), 3)
            score = round(rng.uniform(0.5, 0.93), 3)
            made.append(_candidate("language_model", LANGUAGE_MODEL, text.strip(), score, seconds, rng))
            if rng.random() < 0.07:
                kind = rng.choice(("amount", "date", "promise", "number"))
                made[-1]["violations"] = [{"kind": kind, "text": text[:40], "start": 0, "end": min(40, len(text))}]
                made[-1]["score"] = round(rng.uniform(0.05, 0.3), 3)
    for candidate in made:
        candidate["links"] = _links(question, fields, candidate["text"])
    read = [_signals(candidate) for candidate in made]
    for candidate, signals, score in zip(made, read, scores(read), strict=True):
        candidate["signals"], candidate["score"] = asdict(signals), round(score, 4)
    return sorted(made, key=lambda each: (bool(each.get("violations")), -each["score"]))


def _assessed(probability: float, support: float, *, certain: bool) -> dict[str, Any]:
    parts = [Factor("intent", probability), Factor("records" if certain else "faq", support)]
    share = prior(parts)
    return {"confidence": share, "prior": share, "factors": [asdict(part) for part in parts]}


def _signals(candidate: Mapping[str, Any]) -> Signals:
    """Made up, always the same for the same words, so that the story's other chances stay as they are."""
    chance = random.Random(str(candidate["text"]))
    likely = {"fluency": round(chance.uniform(0.35, 0.55), 3), "fit": round(chance.uniform(0.4, 0.6), 3)}
    source = round(chance.uniform(0.6, 0.98), 3)
    if candidate["source"] == "composer":
        return Signals(**likely, retrieval=source, guard=1.0, coverage=1.0, topic=1.0, tone=1.0)
    wrong = bool(candidate.get("violations"))
    return Signals(
        fluency=round(chance.uniform(0.5, 0.8), 3),
        fit=round(chance.uniform(0.6, 0.95), 3),
        retrieval=source,
        guard=round(chance.uniform(0.4, 0.7), 3) if wrong else 1.0,
        coverage=round(chance.uniform(0.3, 0.7), 3) if wrong else chance.choice((0.75, 1.0, 1.0)),
        topic=round(chance.uniform(0.7, 1.0), 3),
        tone=round(chance.uniform(0.75, 1.0), 3),
    )


def _links(question: Question, fields: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """The reply rests on the FAQ that answered the question."""
    answers = [piece["ref"] for piece in fields["evidence"] if piece["kind"] == "faq"]
    return [{"start": 0, "end": len(text), "evidence": ref} for ref in answers if question.answered is not False]


def _candidate(source: str, model: str, text: str, score: float, seconds: float, rng: random.Random) -> dict[str, Any]:
    likelihood = round(-rng.uniform(12, 60), 3) if source == "language_model" else None
    return {
        "source": source,
        "model": model,
        "text": text.strip(),
        "score": score,
        "log_probability": likelihood,
        "seconds": seconds,
    }


def _hits(question: Question, cast: Cast, locale: Language, rng: random.Random) -> tuple[FaqHit, ...]:
    text = cast.faqs.get((question.faq, locale))
    if text is None:
        return ()
    score = round(rng.uniform(ANSWERED_ABOVE + 0.05, 0.97), 3)
    entry = FaqEntry(
        id=str(text.faq.public_id),
        revision=text.faq.revision,
        language=locale,
        question=text.question,
        answer=text.answer,
    )
    phrasing = rng.choice([text.question, *text.variants])
    return (FaqHit(entry=entry, score=score, phrasing=phrasing, lexical=score, dense=score),)


def _guesses(question: Question, probability: float, rng: random.Random) -> list[IntentGuess]:
    others = [topic.intent for topic in topics().values() if topic.intent != question.topic.intent]
    return [
        IntentGuess(question.topic.intent, probability, question.text),
        IntentGuess(rng.choice(others), round((1 - probability) * rng.uniform(0.3, 0.8), 4), question.text),
    ]


def _entities(question: Question, locale: Language) -> list[Entity]:
    numbers = re.finditer(r"(?<!\d)\d{5}(?!\d)", question.text)
    found = [Entity("order_number", match[0], match.start(), match.end()) for match in numbers]
    for product in question.products:
        title = product.title_zh if locale == "zh-hans" else product.title_en
        start = question.text.find(title)
        if title and start >= 0:
            found.append(Entity("product", product.external_id, start, start + len(title)))
    return found


def memory_order(document: Document, shopper: Shopper) -> Order:
    """An order that is saved nowhere, with its parts at hand as if they had been fetched."""
    order = order_row(document, shopper)
    order.pk = 0
    order._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "lines": [line_row(order, line) for line in document["lines"]],
        "payments": [payment_row(order, payment, document) for payment in document["payments"]],
        "shipments": [shipment_row(order, parcel) for parcel in document["shipments"]],
    }
    return order
