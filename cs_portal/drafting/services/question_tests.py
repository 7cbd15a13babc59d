"""A question tried on the bot: prepared and composed as a shopper's message is, and no draft of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from bots.types import FaqHit, as_language
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting import engine
from cs_portal.drafting.assessing import assessed
from cs_portal.drafting.handover import handover_reason
from cs_portal.drafting.prepare import Prepared, prepare_for
from cs_portal.drafting.situation import Knowledge, imagined
from cs_portal.knowledge.answers import AnswerContext, context_from_json, part_fits
from cs_portal.knowledge.conditions import condition_to_json
from cs_portal.knowledge.formats.languages import locale_of_text
from cs_portal.knowledge.models import Faq, FaqState, QuestionTest
from cs_portal.knowledge.regression import may_answer
from cs_portal.knowledge.retrieval import ANSWER_THRESHOLD, index, working_index
from cs_portal.knowledge.selectors import ServedFaq, served_faqs, working_copies
from cs_portal.knowledge.services.trying import answer_test
from cs_portal.merchants.models import Storefront
from cs_portal.merchants.selectors import storefronts

#: Hits shown per question of a message; a reply looks at three that hold for the case.
SHOWN = 5


def run_question_test(*, lease: Lease, test_id: str, now: datetime) -> None:
    """Prepare and compose; the index is built before the clock starts, as it is for a shopper."""
    row = (
        QuestionTest.objects.filter(public_id=test_id)
        .select_related("merchant", "storefront", "shopper", "order", "product")
        .first()
    )
    if row is None:  # expired while it waited
        with lease.finishing(now=now):
            return
    bot = engine.bot()
    searched = working_index(bot=bot) if row.include_drafts else index(bot=bot)
    knowledge = Knowledge(searched, working_faqs if row.include_drafts else served_faqs)
    situation = imagined(
        row.question,
        storefront=row.storefront or _usual_storefront(),
        locale=locale_of_text(row.question),
        shopper=row.shopper,
        order=row.order,
        products=[row.product] if row.product else [],
        knowledge=knowledge,
        now=now,
    )
    prepared = prepare_for(situation, now=now)
    result = {
        **_understood(prepared),
        **_found(prepared, knowledge, today=now.astimezone(ZoneInfo(row.merchant.timezone)).date()),
        "draft": _draft(prepared),
        "searched": len(searched),
    }
    answer_test(lease=lease, test_id=test_id, result=result, now=timezone.now())


def working_faqs(public_ids: Iterable[str]) -> dict[str, ServedFaq]:
    """As ``served_faqs``, each FAQ as if its newest revision were live."""
    rows = list(Faq.objects.filter(public_id__in=list(public_ids)).prefetch_related("texts"))
    copies = working_copies(rows)
    return {str(faq.public_id): ServedFaq(FaqState.PUBLISHED, faq.latest, copies[faq.pk]) for faq in rows}


def _usual_storefront() -> Storefront:
    return next(iter(storefronts()), None) or Storefront(merchant=current_merchant())


def _understood(prepared: Prepared) -> dict[str, Any]:
    understanding = prepared.understanding
    return {
        "language": understanding.language,
        "intents": [
            {"name": i.name, "probability": round(i.probability, 4), "question": i.question}
            for i in understanding.intents[:3]
        ],
        "entities": [{"kind": entity.kind, "value": entity.value} for entity in understanding.entities],
        "requested_action": understanding.requested_action,
        "reason": understanding.reason,
        "wants_person": understanding.wants_person,
        "injection": understanding.injection,
        "order": prepared.order.number if prepared.order else "",
    }


def _found(prepared: Prepared, knowledge: Knowledge, *, today: date) -> dict[str, Any]:
    """The hits, why each was found, and which of its answers holds; milliseconds of understanding and searching."""
    served = knowledge.served(hit.entry.id for hit in prepared.found)
    used = {(hit.query, hit.entry.id) for hit in prepared.request.answers}
    shown: dict[str, int] = {}
    hits = []
    for hit in prepared.found:
        shown[hit.query] = shown.get(hit.query, 0) + 1
        if shown[hit.query] <= SHOWN and hit.entry.id in served:
            found = _hit(hit, prepared) | _conditions(served[hit.entry.id], prepared, hit.entry.id, today=today)
            hits.append(found | {"used": (hit.query, hit.entry.id) in used})
    seconds = prepared.seconds["understand"] + prepared.seconds["retrieve"]
    return {"threshold": ANSWER_THRESHOLD, "milliseconds": round(seconds * 1000, 1), "hits": hits}


def _hit(hit: FaqHit, prepared: Prepared) -> dict[str, Any]:
    """``answers``: a reply may rest on it, that is, it is above the threshold and in the shopper's language."""
    language = as_language(prepared.understanding.language)
    return {
        "faq": hit.entry.id,
        "revision": hit.entry.revision,
        "language": hit.entry.language,
        "question": hit.entry.question,
        "answer": next((h.entry.answer for h in prepared.request.answers if h.entry.id == hit.entry.id), ""),
        "query": hit.query,
        "phrasing": hit.phrasing,
        "words": list(hit.why.words) if hit.why else [],
        "learned": round(hit.why.learned, 4) if hit.why and hit.why.learned is not None else None,
        "score": round(hit.score, 4),
        "lexical": round(hit.lexical, 4),
        "dense": round(hit.dense, 4),
        "native": hit.entry.language == language,
        "answers": may_answer(hit, language),
    }


def _conditions(served: ServedFaq, prepared: Prepared, faq_id: str, *, today: date) -> dict[str, Any]:
    """Each conditional answer with the parts of its condition and whether they fit, and which answer was chosen."""
    detail: Mapping[str, Any] = prepared.details.get(faq_id) or {}
    context = context_from_json(detail["context"]) if detail else _context(prepared)
    content = served.content
    return {
        "chosen": detail.get("answer") if detail else None,
        "holds": content.holds_on(today),
        "hand_over": content.hand_over,
        "action": content.action,
        "conditions": [
            {
                "id": answer.id,
                "when": condition_to_json(answer.when),
                "fits": {part: part_fits(answer.when, part, context, today=today) for part in answer.when.parts},
            }
            for answer in content.answers
        ],
    }


def _context(prepared: Prepared) -> AnswerContext:
    """What is known of the case, where some other hit tells it; nothing where none was kept."""
    known: Mapping[str, Any] = next((detail["context"] for detail in prepared.details.values()), {})
    return context_from_json(known)


def _draft(prepared: Prepared) -> dict[str, Any]:
    """What the grounded composer would put into the review queue, with what it rests on."""
    composed = engine.compose(prepared.request)
    return {
        "text": composed.text,
        "violations": [asdict(violation) for violation in composed.violations],
        "evidence": [
            {name: piece.get(name) for name in ("ref", "kind", "title", "text", "score")} for piece in prepared.evidence
        ],
        "outcome": (prepared.standing_verdict or {}).get("outcome"),
        "handover_reason": str(handover_reason(prepared)),
        "confidence": assessed(prepared, composed)["confidence"],
        "unanswered": list(prepared.unanswered),
    }
