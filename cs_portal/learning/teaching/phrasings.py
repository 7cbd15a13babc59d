"""Questions as shoppers ask them that an FAQ answered, with approval, though none of its phrasings was near."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from bots.api import Bot
from bots.types import as_language
from cs_portal.conversations.redaction import PLACEHOLDER
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.knowledge.content import folded
from cs_portal.knowledge.models import Faq, FaqState, PhrasingSuggestion
from cs_portal.knowledge.selectors import working_copies
from cs_portal.learning.gaps.neutral import neutraliser
from cs_portal.learning.gaps.reading import best_of, personal_of, redacted, turn_of

FIRST, AGAIN = timedelta(days=180), timedelta(days=14)
#: Similarity to the nearest phrasing (see ``bots.retrieval.grouping``) below which a wording is news.
NEWS = 0.6
SHORTEST, LONGEST = 4, 150


def suggest(*, bot: Bot, now: datetime) -> int:
    """Write suggestions down; returns how many came."""
    last = PhrasingSuggestion.objects.order_by("-asked_at").values_list("asked_at", flat=True).first()
    by_faq: dict[int, list[PhrasingSuggestion]] = {}
    for row in _questions(last - AGAIN if last else now - FIRST):
        by_faq.setdefault(row.faq_id, []).append(row)
    faqs = list(Faq.objects.filter(pk__in=by_faq).prefetch_related("texts"))
    copies, kept = working_copies(faqs), 0
    for faq in faqs:
        texts = {code: (text.question, *text.phrasings) for code, text in copies[faq.pk].texts.items()}
        news = list(_news(by_faq[faq.pk], texts, bot))
        PhrasingSuggestion.objects.bulk_create(news, ignore_conflicts=True)
        kept += len(news)
    return kept


def _questions(since: datetime) -> Iterable[PhrasingSuggestion]:
    """Approved questions of published FAQs, redacted, with nobody's data in them."""
    stands = Review.objects.filter(
        draft=OuterRef("pk"),
        decision__in=[Decision.APPROVED, Decision.EDITED],
        undone_at=None,
        executed_at__isnull=False,
        autopilot__isnull=True,  # the bot is not taught by what nobody looked at
    )
    drafts = Draft.objects.filter(Exists(stands), state=DraftState.SENT, answered=True, created_at__gte=since)
    drafts = drafts.select_related("message", "conversation__shopper").order_by("created_at", "pk")
    known = set(PhrasingSuggestion.objects.filter(asked_at__gte=since - AGAIN).values_list("draft", flat=True))
    published = {faq.public_id: faq for faq in Faq.objects.filter(state=FaqState.PUBLISHED).only("pk", "public_id")}
    zone, neutral = ZoneInfo(current_merchant().timezone), neutraliser()
    for draft in drafts.iterator(chunk_size=200):
        faq = published.get(best_of(draft)[0] or draft.public_id)
        if draft.public_id in known or faq is None or draft.unanswered or len(draft.intents) > 3:
            continue
        if "\n" in (turn := turn_of(draft.message)):
            continue
        today = draft.created_at.astimezone(zone).date()
        text = redacted(turn, personal_of(draft.conversation), today)
        # Words about one product would lead every question about it here.
        whole = not PLACEHOLDER.search(text) and neutral(text, draft.locale) == text
        if SHORTEST <= len(text) <= LONGEST and whole:
            yield PhrasingSuggestion(
                faq=faq,
                locale=draft.locale,
                text=text,
                folded=folded(text),
                similarity=0,
                conversation=draft.conversation.public_id,
                draft=draft.public_id,
                asked_at=draft.message.created_at,
            )


def _news(rows: list[PhrasingSuggestion], texts: dict[str, tuple[str, ...]], bot: Bot) -> Iterable[PhrasingSuggestion]:
    """Those that no phrasing of their language is near to."""
    for code, phrasings in texts.items():
        mine = [row for row in rows if row.locale == code]
        own = [phrasing for phrasing in phrasings if phrasing]
        if not mine or not own:
            continue
        language = as_language(code)
        asked = bot.comparable([row.text for row in mine], [language] * len(mine))
        near = (asked @ bot.comparable(own, [language] * len(own), kept=True).T).max(axis=1)
        for row, similarity in zip(mine, near, strict=True):
            row.similarity = round(float(similarity), 4)
            if row.similarity < NEWS:
                yield row
