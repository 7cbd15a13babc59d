"""The same reply, shorter, warmer, more formal or in the other language, as a further candidate.

The composer's words are composed anew from the same facts, without any model. Words that a person or a model wrote are
rewritten by a language model that the merchant connected. Both are checked as every candidate, and neither replaces
what the operator reads or types.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.composing.rewriting import as_wish
from bots.types import Candidate
from cs_portal.conversations.services.texts import clean
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.jobs import Lease
from cs_portal.drafting import engine
from cs_portal.drafting.errors import DraftAlreadyDecided
from cs_portal.drafting.model_choice import connected_models
from cs_portal.drafting.models import Draft, DraftCandidate, DraftState, Rewording, RewordingState, Wish
from cs_portal.drafting.prepare import prepare
from cs_portal.drafting.rewording import NotTranslated, reworded_request
from cs_portal.drafting.services.create import add_candidate
from cs_portal.drafting.services.model_calls import reword_text
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Locale, Member

COMPOSE, REWRITE = "compose_rewording", "rewrite_text"
#: Each is picked by a number key.
MOST_CANDIDATES = 9


def ask_for_rewording(
    *, draft_id: UUID, by: Member, wish: str, candidate: int | None, text: str, now: datetime
) -> Rewording:
    """Have the reply said otherwise: the wording at ``candidate``, or ``text`` where the operator changed it.

    Raises :class:`Invalid` for an unknown wish and where no connected model could rewrite such words,
    :class:`Conflict` while the same is being made already, or once there are as many candidates as keys.
    """
    require_reviewer(by)
    if wish not in Wish.values:
        raise Invalid(_("Choose how the reply shall be said."), field="wish")
    draft = Draft.by_public_id(draft_id)
    base = draft.candidates.filter(generation=draft.generation, position=candidate or 0).first()
    rewrites = _to_rewrite(base, text)
    if rewrites and not connected_models(_language(draft, wish)):
        raise Invalid(
            _("Only the composer's own words can be said otherwise here. Connect a language model to rewrite others."),
            field="wish",
        )
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.READY).update(state=DraftState.READY):
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        if draft.candidates.filter(generation=draft.generation).count() >= MOST_CANDIDATES:
            raise Conflict(_("There are as many wordings as number keys. Choose one of them, or regenerate."))
        row = _create(draft, by, wish, rewrites, now)
        # From here on nothing is reordered under the operator's eyes.
        Draft.objects.filter(pk=draft.pk, opened_at=None).update(opened_at=now)
        jobs.enqueue(
            REWRITE if rewrites else COMPOSE,
            key=f"reword:{row.public_id}",
            merchant_id=draft.merchant_id,
            payload={"rewording": row.pk},
            now=now,
        )
        record(
            merchant_id=draft.merchant_id,
            actor=Actor("member", str(by.public_id)),
            action="draft.reworded",
            target=f"draft:{draft.public_id}",
            now=now,
            data={"wish": wish, "candidate": str(base.public_id) if base is not None else ""},
        )
    return row


def compose_rewording(*, lease: Lease, rewording_id: int, now: datetime) -> None:
    """The job: the composer's words in another tone or language."""
    row = _open(rewording_id)
    if row is None:
        with lease.finishing(now=now):
            return
    draft = row.draft
    prepared = prepare(draft.message, now=now, seed=_seed(draft), earlier=draft)
    try:
        made, failure = engine.compose(reworded_request(prepared, row.wish, now=now)), ""
    except NotTranslated:
        made, failure = None, "untranslated"
    _finish(lease, row, made, failure, clock=timezone.now)


def rewrite_text(*, lease: Lease, rewording_id: int, now: datetime) -> None:
    """The job: words of a person or a model, rewritten by a connected language model."""
    row = _open(rewording_id)
    if row is None:
        with lease.finishing(now=now):
            return
    draft = row.draft
    prepared = prepare(draft.message, now=now, seed=_seed(draft), earlier=draft)
    try:
        request = reworded_request(prepared, row.wish, now=now)
    except NotTranslated:
        _finish(lease, row, None, "untranslated", clock=timezone.now)
        return
    connection.close()  # the model takes seconds; a connection is not held for that long
    made, failure = reword_text(request, row.text, wish=as_wish(row.wish), clock=timezone.now)
    _finish(lease, row, made, failure, clock=timezone.now)


def give_up_rewording(*, rewording_id: int, now: datetime) -> None:
    """Every attempt failed: nobody waits for it any more."""
    with transaction.atomic():
        if _settle(rewording_id, RewordingState.FAILED, failure="worker"):
            tell_console(Rewording.objects.get(pk=rewording_id).draft, "candidate:added", now=now)


def _to_rewrite(base: DraftCandidate | None, text: str) -> str:
    """The words that the composer did not write; empty where it did."""
    typed = clean(text, empty=_("Write a reply first.")) if text.strip() or base is None else base.text
    if base is not None and base.source == "composer" and typed == base.text.strip():
        return ""
    return typed


def _seed(draft: Draft) -> int:
    """That of the composer's words, so that no more of them changes than was wished."""
    return draft.generation if draft.generation > 1 else 0


def _language(draft: Draft, wish: str) -> str:
    return wish if wish in Locale.values else draft.locale


def _create(draft: Draft, by: Member, wish: str, text: str, now: datetime) -> Rewording:
    try:
        with transaction.atomic():
            row: Rewording = Rewording.objects.create(
                draft=draft, generation=draft.generation, wish=wish, text=text, member=by, created_at=now
            )
            return row
    except IntegrityError:
        raise Conflict(_("This wording is being written already.")) from None


def _open(rewording_id: int) -> Rewording | None:
    """The wish with its draft, while both still wait."""
    rows = Rewording.objects.select_related("draft__message", "draft__conversation")
    row = rows.filter(pk=rewording_id, state=RewordingState.WAITING).first()
    if row is None or row.draft.state != DraftState.READY or row.draft.generation != row.generation:
        _settle(rewording_id, RewordingState.FAILED, failure="moved")
        return None
    return row


def _finish(
    lease: Lease, row: Rewording, made: Candidate | None, failure: str, *, clock: Callable[[], datetime]
) -> None:
    now = clock()
    with lease.finishing(now=now):
        same = Draft.objects.filter(pk=row.draft_id, state=DraftState.READY, generation=row.generation)
        draft = same.select_for_update().first()
        if draft is None:
            _settle(row.pk, RewordingState.FAILED, failure="moved")
            return
        candidate = _candidate(draft, made, row.wish, now) if made is not None else None
        failure = failure or ("same" if candidate is None else "")
        _settle(row.pk, RewordingState.FAILED if failure else RewordingState.DONE, failure=failure, candidate=candidate)
        tell_console(draft, "candidate:added", now=now)


def _candidate(draft: Draft, made: Candidate, wish: str, now: datetime) -> DraftCandidate | None:
    """The new one, after the others; ``None`` where one of them says the same, word for word."""
    siblings = draft.candidates.filter(generation=draft.generation)
    if siblings.filter(text=made.text).exists():
        return None
    last = siblings.aggregate(last=Max("position"))["last"] or 0
    row = add_candidate(draft, made, position=last + 1, now=now)
    DraftCandidate.objects.filter(pk=row.pk).update(wish=wish)
    return row


def _settle(pk: int, state: str, *, failure: str = "", candidate: DraftCandidate | None = None) -> bool:
    rows = Rewording.objects.filter(pk=pk, state=RewordingState.WAITING)
    # The words are the candidate's from here on, or nobody's.
    return bool(rows.update(state=state, failure=failure, candidate=candidate, text=""))
