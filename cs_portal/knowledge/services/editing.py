"""Writing answers: new FAQs, new revisions, and older ones taken up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.text import slugify

from cs_portal.knowledge.content import FaqContent, from_json
from cs_portal.knowledge.models import Cause, FaqState
from cs_portal.knowledge.selectors import faq_with_texts, revision_numbered, working_copy
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.requesting import ask_to_publish
from cs_portal.knowledge.services.writing import Change, FaqMoved, Step, create, may_edit, needs_approval, write
from cs_portal.merchants.models import Locale, Member

MAX_NOTE = 200


def create_faq(*, by: Member, content: FaqContent, publish: bool = False, note: str = "", now: datetime) -> Change:
    """Raises :class:`Invalid` naming the field, :class:`NotAllowed` for those who only read.

    Publishing is asked for where this member needs approval.
    """
    may_edit(by)
    check(content, publishing=publish)
    asks = publish and needs_approval(by)
    with transaction.atomic():
        live = publish and not asks
        step = Step(content, FaqState.PUBLISHED if live else FaqState.DRAFT, goes_live=live, note=note[:MAX_NOTE])
        change = create(step, key=_new_key(content), by=by, now=now)
        return _asked(change, content, by=by, now=now) if asks else change


def edit_faq(
    *,
    faq_id: UUID,
    by: Member,
    seen: int,
    content: FaqContent,
    publish: bool = False,
    note: str = "",
    now: datetime,
) -> Change:
    """Save ``content`` as the revision after ``seen``; what is live stays live until it is published.

    Raises :class:`FaqMoved` when ``seen`` is not the newest revision. Nothing changed: nothing is written. Publishing
    is asked for where this member needs approval.
    """
    may_edit(by)
    check(content, publishing=publish)
    asks = publish and needs_approval(by)
    step = Step(content, FaqState.DRAFT, goes_live=publish and not asks, note=note[:MAX_NOTE])
    with transaction.atomic():
        change = _save(step, faq_id=faq_id, by=by, seen=seen, now=now)
        waits = change.faq.state != FaqState.PUBLISHED or change.faq.has_unpublished_changes
        return _asked(change, content, by=by, now=now) if asks and waits else change


def _asked(change: Change, content: FaqContent, *, by: Member, now: datetime) -> Change:
    ask_to_publish(change.faq, content, by=by, now=now)
    return replace(change, asked=True)


def restore_revision(*, faq_id: UUID, number: int, by: Member, seen: int, now: datetime) -> Change:
    """Take up the content of an earlier revision as the newest one; a published FAQ still serves what it served."""
    old = revision_numbered(faq_with_texts(faq_id), number)
    step = Step(from_json(old.texts, old.category), FaqState.DRAFT, cause=Cause.RESTORED, source=number)
    return _save(step, faq_id=faq_id, by=by, seen=seen, now=now)


def _save(step: Step, *, faq_id: UUID, by: Member, seen: int, now: datetime) -> Change:
    """``step`` in the FAQ's own state, unless it goes live."""
    may_edit(by)
    check(step.content, publishing=step.goes_live)
    with transaction.atomic():
        faq = faq_with_texts(faq_id)
        if faq.latest != seen:
            raise FaqMoved
        live = faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes
        if step.content == working_copy(faq) and (live or not step.goes_live):
            return Change(faq, None)
        step = replace(step, state=FaqState.PUBLISHED if step.goes_live else FaqState(faq.state))
        action = "faq.published" if step.goes_live else "faq.saved"
        return write(faq, [step], seen=seen, by=by, action=action, now=now)


def duplicate_faq(*, faq_id: UUID, by: Member, now: datetime) -> Change:
    """A draft with the newest content of another FAQ."""
    may_edit(by)
    with transaction.atomic():
        content = working_copy(faq_with_texts(faq_id))
        step = Step(content, FaqState.DRAFT, cause=Cause.COPIED)
        return create(step, key=_new_key(content), by=by, now=now)


def _new_key(content: FaqContent) -> str:
    """Readable where the question is English, and not to be guessed twice."""
    words = slugify(content.text(Locale.EN).question)[:40].strip("-")
    return f"{words or 'faq'}-{uuid4().hex[:8]}"
