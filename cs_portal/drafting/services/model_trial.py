"""Asking the language model a question from the settings: by a job of the model queue, through the whole bot.

The question is understood, answers are looked up in the merchant's knowledge, the model words a reply and the guard
checks it, as for a shopper without orders. Nothing is sent to anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.types import Candidate, ComposeRequest, Turn, as_language
from cs_portal.core import jobs, ratelimit
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting import engine
from cs_portal.drafting.model_choice import has_model
from cs_portal.drafting.services.model_calls import Attempt, word_candidates
from cs_portal.drafting.services.shopper_export import drop_when_expired
from cs_portal.knowledge.retrieval import answers
from cs_portal.merchants.models import Member, ModelTrial, WorkState
from cs_portal.merchants.services.roles import log, require_configurer

JOB = "try_model"
LIFE = timedelta(days=1)
LONGEST_QUESTION = 500


def ask_model(*, by: Member, question: str, now: datetime) -> ModelTrial:
    """Queue the question. Raises :class:`Invalid`, :class:`Conflict` without a model, ``TooMany``."""
    require_configurer(by)
    question = question.replace("\x00", "").strip()
    if not question:
        raise Invalid(_("Write a question first."), field="question")
    if len(question) > LONGEST_QUESTION:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": LONGEST_QUESTION}, field="question")
    if not has_model():
        raise Conflict(_("No language model is installed or connected."))
    ratelimit.hit(scope="model-trials", subject=str(by.merchant_id), limit=20, seconds=600, now=now)
    with transaction.atomic():
        trial = ModelTrial.objects.create(question=question, asked_by=by, created_at=now, expires_at=now + LIFE)
        jobs.enqueue(
            JOB,
            key=f"trial:{trial.public_id}",
            merchant_id=trial.merchant_id,
            payload={"trial": trial.pk},
            now=now,
        )
        drop_when_expired(merchant_id=trial.merchant_id, at=trial.expires_at, now=now)
        log(by, "model.tried", f"trial:{trial.public_id}", now)
    return trial


def trial(*, trial_id: UUID) -> ModelTrial:
    """Raises :class:`~cs_portal.core.errors.NotFound`."""
    return ModelTrial.by_public_id(trial_id)


def run_trial(*, lease: Lease, trial_id: int, now: datetime) -> None:
    """Have the model answer and finish the job with what it wrote, or with why it did not."""
    row = ModelTrial.objects.filter(pk=trial_id).first()
    made: list[Candidate] = []
    attempts: list[Attempt] = []
    if row is not None:
        request = _request(row.question, now=now)
        connection.close()  # the model takes seconds; a connection is not held for that long
        made, attempts = word_candidates(request, clock=timezone.now)
    with lease.finishing(now=timezone.now()):
        ModelTrial.objects.filter(pk=trial_id).update(**_outcome(made, attempts))


def fail_trial(*, trial_id: int) -> None:
    ModelTrial.objects.filter(pk=trial_id).update(state=WorkState.FAILED, note="worker")


def _request(question: str, *, now: datetime) -> ComposeRequest:
    merchant = current_merchant()
    turns = (Turn("shopper", question),)
    bot = engine.bot()
    understood = bot.understand(turns, now=now, timezone=merchant.timezone)
    return ComposeRequest(
        language=as_language(understood.language),
        turns=turns,
        understanding=understood,
        store_name=merchant.name_in(understood.language),
        now=now,
        timezone=merchant.timezone,
        answers=answers(understood, bot=bot),
        seed=int(now.timestamp()) % 1_000_000,
    )


def _outcome(made: list[Candidate], attempts: list[Attempt]) -> dict[str, Any]:
    if not made:
        return {"state": WorkState.FAILED, "note": attempts[-1].failure if attempts else "nothing"}
    first = engine.rank(made)[0]
    return {
        "state": WorkState.DONE,
        "answer": first.text,
        "violations": [{"kind": v.kind, "text": v.text} for v in first.violations],
        "model": first.model,
        "seconds": first.seconds,
        "note": "",
    }
