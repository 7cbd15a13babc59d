"""Gaps for tests, each with its questions, made without the mining."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
from django.utils import timezone

from bots.api import Bot, HashingEmbedder
from bots.types import as_language
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import GapQuestion, KnowledgeGap
from cs_portal.knowledge.services.gap_counts import packed, recount
from cs_portal.merchants.models import Merchant

NOW = timezone.now()
BOT = Bot(embedder=HashingEmbedder())


def make_gap(merchant: Merchant, *texts: str, locale: str = "en", at: datetime = NOW, **fields: Any) -> KnowledgeGap:
    """Its questions are a day apart, the last of them at ``at``; the first one is its title."""
    with scope(merchant=merchant):
        gap = KnowledgeGap.objects.create(
            title=texts[0], locale=locale, first_asked_at=at, last_asked_at=at, counted_at=at, created_at=at, **fields
        )
        for age, text in enumerate(reversed(texts)):
            make_question(gap, text, locale=locale, at=at - timedelta(days=age))
        recount(now=NOW, among=[gap.pk])
        gap.refresh_from_db()
    return gap


def make_question(
    gap: KnowledgeGap, text: str, *, locale: str = "en", at: datetime = NOW, **fields: Any
) -> GapQuestion:
    vector = BOT.comparable([text], [as_language(locale)])[0].astype(np.float16)
    given = {"miss": "unanswered", "conversation": uuid4(), "draft": uuid4(), **fields}
    with scope(merchant=gap.merchant):
        return GapQuestion.objects.create(
            gap=gap,
            text=text,
            locale=locale,
            vector=packed(vector.astype(np.float32)),
            embedder=BOT.embedder_name,
            asked_at=at,
            **given,
        )
