"""Further wordings: those of the language model, and a fresh start on current facts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.composing.ranking import order
from bots.types import Candidate, EvidenceLink, Signals, Violation
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict
from cs_portal.core.jobs import Lease
from cs_portal.drafting import engine
from cs_portal.drafting.assessing import assessed, weights_of_merchant
from cs_portal.drafting.models import Draft, DraftCandidate, DraftState
from cs_portal.drafting.prepare import Prepared, prepare
from cs_portal.drafting.services.create import add_candidate, ask_for_candidates, contents
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.model_calls import word_candidates
from cs_portal.drafting.services.notices import tell_console, tell_writing
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Member


class VerdictMoved(Exception):
    """An admin overrode the verdict while the draft was made anew: the words have to be made under that one."""


def add_model_candidates(*, lease: Lease, draft_id: int, generation: int, now: datetime) -> int:
    """Append a language model's candidates to a draft that still waits; returns how many.

    Models that fail or are slow leave the composer's draft as it is and a note on it. One that writes for nobody any
    more, because the draft was decided on or made anew, is stopped.
    """
    draft = Draft.objects.select_related("message").filter(pk=draft_id, generation=generation).first()
    if draft is None or draft.state != DraftState.READY:
        with lease.finishing(now=now):
            return 0
    Draft.objects.filter(pk=draft.pk).update(model_state="running")
    prepared = prepare(draft.message, now=now, seed=generation, earlier=draft)
    composed = list(draft.candidates.filter(generation=generation, source="composer"))
    connection.close()  # the model takes seconds; a connection is not held for that long
    made, attempts = word_candidates(
        prepared.request, clock=timezone.now, on_progress=partial(_show_progress, draft, generation)
    )
    if made and attempts[-1].name == "":
        made = _judge(prepared, composed, made)
    done_at = timezone.now()
    with lease.finishing(now=done_at):
        waiting = Draft.objects.filter(pk=draft.pk, generation=generation, state=DraftState.READY)
        if not waiting.update(
            model_state="done" if made or not attempts else "failed",
            model_note="" if made or not attempts else attempts[-1].failure,
            model_attempts=[asdict(attempt) for attempt in attempts],
            model_version=made[0].model if made else "",
            model_writing="",
        ):
            Draft.objects.filter(pk=draft.pk, generation=generation).update(model_writing="")
            return 0
        taken = draft.candidates.filter(generation=generation).count()
        for offset, candidate in enumerate(made):
            add_candidate(draft, candidate, position=taken + 1 + offset, now=done_at)
        for row in composed:
            DraftCandidate.objects.filter(pk=row.pk).update(signals=row.signals)
        _rank(draft, prepared)
        keep_hits(draft)
        tell_console(draft, "candidate:added", now=done_at)
    return len(made)


def _show_progress(draft: Draft, generation: int, text: str) -> bool:
    """Show what the model wrote so far to whoever has the draft open; whether the draft still waits for it."""
    waiting = Draft.objects.filter(pk=draft.pk, generation=generation, state=DraftState.READY)
    shown = waiting.values_list("model_writing", "opened_at").first()
    if shown is not None and shown[1] is not None and shown[0] != text:
        with transaction.atomic():
            waiting.update(model_writing=text)
            tell_writing(draft, now=timezone.now())
    connection.close()
    return shown is not None


def _judge(prepared: Prepared, composed: list[DraftCandidate], made: list[Candidate]) -> list[Candidate]:
    """``made`` with its likelihood under the portal's own model that made it; ``composed`` rows get theirs, too."""
    judged = engine.judge(prepared.request, [*(as_candidate(row) for row in composed), *made])
    for row, candidate in zip(composed, judged, strict=False):
        row.signals = asdict(candidate.signals) if candidate.signals is not None else {}
    return list(judged[len(composed) :])


def _rank(draft: Draft, prepared: Prepared) -> None:
    """Put the best candidate first, as long as nobody has opened the draft: then nothing moves under their eyes."""
    if not Draft.objects.filter(pk=draft.pk, opened_at=None).update(selected=1):
        return
    rows = list(draft.candidates.filter(generation=draft.generation).order_by("position"))
    candidates = [as_candidate(row) for row in rows]
    ranked = order(candidates, weights_of_merchant())
    draft.candidates.filter(generation=draft.generation).update(position=F("position") + 100)
    for position, (place, score) in enumerate(ranked, start=1):
        DraftCandidate.objects.filter(pk=rows[place].pk).update(position=position, score=score)
    Draft.objects.filter(pk=draft.pk).update(**assessed(prepared, candidates[ranked[0][0]]))


def as_candidate(row: DraftCandidate) -> Candidate:
    """A saved candidate as the engine knows it."""
    source: Any = row.source
    return Candidate(
        text=row.text,
        source=source,
        model=row.model,
        score=row.score,
        links=tuple(EvidenceLink(**link) for link in row.links),
        violations=tuple(Violation(**violation) for violation in row.violations),
        log_probability=row.log_probability,
        seconds=row.seconds,
        signals=Signals(**row.signals) if row.signals else None,
    )


def regenerate_draft(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """Ask for a fresh draft on current facts, in new wordings. The old candidates stay until it is there."""
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY).update(state=DraftState.READY):
            raise Conflict(_("This draft is no longer waiting for review."))
        if not ask_for_renewal(draft, now=now):
            return draft
        record(
            merchant_id=draft.merchant_id,
            actor=Actor("member", str(by.public_id)),
            action="draft.regenerated",
            target=f"draft:{draft.public_id}",
            now=now,
        )
    return draft


def ask_for_renewal(draft: Draft, *, now: datetime) -> bool:
    """Have the waiting draft made anew; False while that is asked for already. Within the caller's transaction."""
    wish = f"renew:{draft.public_id}:"
    if jobs.pending(key_prefix=wish):
        return False
    generation = Draft.objects.values_list("generation", flat=True).get(pk=draft.pk)
    jobs.enqueue(
        "renew_draft",
        key=f"{wish}{uuid4()}",
        merchant_id=draft.merchant_id,
        payload={"draft": draft.pk, "generation": generation + 1},
        now=now,
    )
    Draft.objects.filter(pk=draft.pk).update(model_state="waiting")
    return True


def stop_waiting(*, draft_id: int, note: str) -> None:
    """No further wordings will come; ``note`` is the code of what failed."""
    rows = Draft.objects.filter(pk=draft_id, model_state__in=["waiting", "running"])
    rows.update(model_state="failed" if note else "done", model_note=note)


def renew_draft(*, lease: Lease, draft_id: int, generation: int, now: datetime) -> None:
    """Prepare a waiting draft again, as its next generation, and finish the job with it.

    An admin's override stays while it decides the same request on the same state of the order.
    """
    draft = Draft.objects.select_related("message").get(pk=draft_id)
    prepared = prepare(draft.message, now=now, seed=generation, earlier=draft)
    composed = engine.compose(prepared.request)
    done_at = timezone.now()
    with lease.finishing(now=done_at):
        fresh = contents(prepared, composed)
        fresh["conversation_version"] = prepared.conversation.version
        waiting = Draft.objects.filter(pk=draft.pk, state=DraftState.READY, generation=generation - 1)
        found = waiting.select_for_update().first()
        if found is None:
            stop_waiting(draft_id=draft_id, note="")
            return
        if found.override != draft.override:
            raise VerdictMoved
        waiting.update(**fresh, generation=generation, selected=1, reopened_because={})
        draft.refresh_from_db()
        add_candidate(draft, composed, position=1, now=done_at)
        ask_for_candidates(draft, now=done_at)
        keep_hits(draft)
        tell_console(draft, "draft:updated", now=done_at)
