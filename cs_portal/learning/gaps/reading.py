"""Real questions that nothing answered well, redacted; and what colleagues replied to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bots.types import PersonalValues
from cs_portal.commerce.selectors import orders_of
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.redaction import PLACEHOLDER, redact
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.facts import personal_values
from cs_portal.drafting.models import Draft
from cs_portal.drafting.unanswered import unanswered
from cs_portal.knowledge.models import Faq, GapQuestion, Miss

MAX_TEXT = 500
#: Characters that a question has at least, besides placeholders, signs and blanks.
SHORTEST = 3
#: Orders of a shopper whose values are looked for.
ORDERS = 20
#: Drafts that are read at a time.
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, redacted. ``number`` tells those of one draft apart; ``faq`` is the best of its time."""

    draft: UUID
    number: int
    conversation: UUID
    text: str
    locale: str
    miss: Miss
    faq: UUID | None
    score: float | None
    at: datetime


def questions(*, since: datetime, until: datetime) -> list[Draft]:
    """Drafts with questions that no gap holds yet, oldest first."""
    rows = unanswered(Draft.objects.filter(created_at__gte=since, created_at__lt=until))
    known = set(GapQuestion.objects.filter(asked_at__gte=since).values_list("draft", flat=True))
    ordered = rows.select_related("message", "conversation__shopper").order_by("created_at", "pk")
    return [draft for draft in ordered.iterator(chunk_size=CHUNK) if draft.public_id not in known]


def read(drafts: Iterable[Draft]) -> Iterator[Asked]:
    """The questions of each draft, in the order of the drafts. Values of the shopper's records are looked up once."""
    personal: dict[int, PersonalValues] = {}
    zone = ZoneInfo(current_merchant().timezone)
    for draft in drafts:
        conversation = draft.conversation
        if conversation.pk not in personal:
            personal[conversation.pk] = personal_of(conversation)
        today = draft.created_at.astimezone(zone).date()
        for number, (text, miss) in enumerate(_asked(draft)):
            said = redacted(text, personal[conversation.pk], today)
            if len(re.sub(r"[\W_]+", "", PLACEHOLDER.sub("", said))) < SHORTEST:
                continue
            faq, score = best_of(draft)
            yield Asked(
                draft=draft.public_id,
                number=number,
                conversation=conversation.public_id,
                text=said[:MAX_TEXT],
                locale=draft.locale,
                miss=miss,
                faq=faq,
                score=score,
                at=draft.message.created_at,
            )


def personal_of(conversation: Conversation) -> PersonalValues:
    shopper = conversation.shopper
    orders = list(orders_of(shopper=shopper)[:ORDERS])
    return personal_values(shopper, orders, email=conversation.email)


def redacted(text: str, personal: PersonalValues, today: date) -> str:
    return redact(" ".join(text.split()), personal=personal, today=today)


def best_of(draft: Draft) -> tuple[UUID | None, float | None]:
    """The FAQ that came nearest when the draft was made, and its score."""
    pieces: Sequence[dict[str, Any]] = [piece for piece in draft.evidence if piece.get("kind") == "faq"]
    best = max(pieces, key=lambda piece: piece.get("score") or 0, default=None)
    if best is None:
        return None, None
    try:
        return UUID(str(best["ref"]).split(":")[1]), best.get("score")
    except (IndexError, ValueError):
        return None, best.get("score")


def _asked(draft: Draft) -> Iterator[tuple[str, Miss]]:
    whole = draft.rejected or draft.own_words or draft.rewritten  # type: ignore[attr-defined]
    if draft.answered is not False and draft.unanswered and not whole:
        yield from ((part, Miss.PASSED_OVER) for part in draft.unanswered)
        return
    above = Miss.REJECTED if draft.rejected else Miss.OWN_WORDS  # type: ignore[attr-defined]
    yield turn_of(draft.message), Miss.UNANSWERED if draft.answered is False else above


def turn_of(message: Message) -> str:
    """What the shopper said since the reply before, up to ``message``."""
    before = Message.objects.filter(conversation=message.conversation_id, id__lt=message.pk)
    reply = before.filter(author__in=[Author.OPERATOR, Author.BOT]).order_by("-id").values_list("id", flat=True).first()
    lines = before.filter(author=Author.SHOPPER, id__gt=reply or 0).order_by("id").values_list("text", flat=True)
    return "\n".join([*lines, message.text])


@dataclass(frozen=True, slots=True)
class Replied:
    """What a colleague sent to a question, in their words; ``personal`` is what must go from it."""

    text: str
    locale: str
    personal: PersonalValues
    on: date


def replies(rows: Iterable[GapQuestion]) -> list[Replied]:
    """Operators' own sent words to these questions (edits of drafts included), oldest first."""
    ids = {row.draft for row in rows}
    drafts = Draft.objects.filter(public_id__in=ids).select_related("message", "conversation__shopper")
    zone = ZoneInfo(current_merchant().timezone)
    found = []
    for draft in drafts.order_by("created_at", "pk"):
        later = Message.objects.filter(conversation=draft.conversation_id, id__gt=draft.message_id).order_by("id")
        words: list[str] = []
        for message in later[:12]:
            if message.author == Author.SHOPPER and words:
                break
            if message.author == Author.OPERATOR:
                words.append(message.text)
        if words:
            personal = personal_of(draft.conversation)
            found.append(Replied("\n".join(words), draft.locale, personal, draft.created_at.astimezone(zone).date()))
    return found


def faqs_by_id(asked: Iterable[Asked]) -> dict[UUID, Faq]:
    wanted = {each.faq for each in asked if each.faq is not None}
    return {faq.public_id: faq for faq in Faq.objects.filter(public_id__in=wanted).only("pk", "public_id", "merchant")}
