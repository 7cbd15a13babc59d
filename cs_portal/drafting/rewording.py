"""The request of a draft, for the same reply said otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bots.types import ComposeRequest, FaqHit, Tone, as_language
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.models import Wish
from cs_portal.drafting.prepare import Prepared
from cs_portal.knowledge.answers import choose_answer, context_from_json
from cs_portal.knowledge.markdown import to_plain
from cs_portal.knowledge.selectors import ServedFaq, served_faqs
from cs_portal.merchants.models import Locale

TONES: dict[str, Tone] = {Wish.BRIEF: "brief", Wish.WARM: "warm", Wish.FORMAL: "formal"}


class NotTranslated(Exception):
    """An answer that the reply rests on has no words in the wanted language."""


def reworded_request(prepared: Prepared, wish: str, *, now: datetime) -> ComposeRequest:
    """What the wished wording is made of and checked against. Raises :class:`NotTranslated`."""
    if wish not in Locale.values:
        return replace(prepared.request, tone=TONES[wish])
    language, request = as_language(wish), prepared.request
    served = served_faqs({hit.entry.id for hit in request.answers})
    return replace(
        request,
        language=language,
        store_name=prepared.conversation.merchant.name_in(language),
        understanding=replace(request.understanding, language=language),
        answers=tuple(_in_language(hit, served.get(hit.entry.id), prepared, wish, now=now) for hit in request.answers),
    )


def _in_language(hit: FaqHit, faq: ServedFaq | None, prepared: Prepared, wish: str, *, now: datetime) -> FaqHit:
    """The same answer, for the same case, in the wanted language. One without words, which hands over, has none."""
    if hit.entry.language == wish:
        return hit
    language = as_language(wish)
    if not hit.entry.answer.strip():
        return replace(hit, entry=replace(hit.entry, language=language))
    context = context_from_json(prepared.details[hit.entry.id].get("context") or {})
    today = local_day(prepared.conversation.merchant, now)
    chosen = choose_answer(faq.content, context, wish, today=today) if faq is not None else None
    if faq is None or chosen is None or not chosen.text.strip():
        raise NotTranslated
    question = faq.content.text(wish).question or hit.entry.question
    entry = replace(hit.entry, language=language, question=question, answer=to_plain(chosen.text), variants=())
    return replace(hit, entry=entry)
