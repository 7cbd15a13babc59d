"""A question asked again on the production path: read, searched and judged as a shopper's message is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bots.api import Bot
from bots.retrieval.index import FaqIndex
from bots.types import FaqHit, Turn, as_language
from cs_portal.commerce.selectors import active_products
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.retrieval import ANSWER_THRESHOLD, answers


@dataclass(frozen=True, slots=True)
class Found:
    """The best hit. ``answers``: above the threshold and in the shopper's language, so that a reply rests on it."""

    faq: str
    score: float
    answers: bool


class Asker:
    """Asks for one merchant, within its scope; reads the catalogue once."""

    def __init__(self, bot: Bot, *, now: datetime) -> None:
        self._bot, self._now = bot, now
        self._titles = [f"{product.title_en} {product.title_zh}" for product in active_products()]
        self._zone = current_merchant().timezone

    def best(self, text: str, locale: str, *, among: FaqIndex | None = None) -> Found | None:
        """None where nothing was found at all."""
        understanding = self._bot.understand(
            (Turn("shopper", text),), locale_hint=as_language(locale), now=self._now, timezone=self._zone
        )
        hits = answers(understanding, bot=self._bot, among=among, titles=self._titles)

        def fits(hit: FaqHit) -> bool:
            return hit.score >= ANSWER_THRESHOLD and hit.entry.language == understanding.language

        best = max(hits, key=lambda hit: (fits(hit), hit.score), default=None)
        return None if best is None else Found(best.entry.id, round(best.score, 4), fits(best))
