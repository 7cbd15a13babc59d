"""The check of all answers: words and days, the rules, and what the embedder finds alike. Runs in a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from cs_portal.core.jobs import Lease
from cs_portal.drafting import engine
from cs_portal.drafting.contradictions import against_rules
from cs_portal.drafting.models import Draft
from cs_portal.knowledge.listing import today
from cs_portal.knowledge.quality.checks import UNUSED_FOR, check_all
from cs_portal.knowledge.services.links import ask_for_links
from cs_portal.knowledge.services.quality_runs import faqs_to_check, keep_findings, watch_links
from cs_portal.policies.services.analysing import faqs_against_rules

#: Fewer questions of shoppers than this in a month say nothing of an FAQ that was never used.
ENOUGH_QUESTIONS = 50


def check_answers(*, lease: Lease, now: datetime) -> int:
    """Check all answers of the merchant and finish the job with what was found; returns how many findings."""
    started = time.monotonic()
    faqs = faqs_to_check()
    asked = Draft.objects.filter(created_at__gte=now - UNUSED_FOR)[:ENOUGH_QUESTIONS].count() == ENOUGH_QUESTIONS
    vectors = _vectors()
    found = [
        *against_rules(faqs_against_rules()),
        *check_all(
            faqs,
            now=now,
            today=today(now=now),
            vectors=vectors,
            broken=watch_links(faqs, now=now),
            asked_recently=asked,
        ),
    ]
    seconds = time.monotonic() - started
    done_at = timezone.now()
    keep_findings(found, lease=lease, faqs=len(faqs), compared=vectors is not None, seconds=seconds, now=done_at)
    ask_for_links(now=done_at)
    return len(found)


def _vectors() -> Callable[[Sequence[str]], NDArray[np.float32]] | None:
    """The embedder's, where it knows meanings; the hashing one only knows words, and those are compared without it."""
    bot = engine.bot()
    return bot.meanings if bot.knows_meanings else None
