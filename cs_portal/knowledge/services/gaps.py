"""What members do with gaps: assign, dismiss, merge, split. Each can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.knowledge.models import Dismissal, Faq, GapQuestion, GapState, KnowledgeGap
from cs_portal.knowledge.services.gap_counts import recount, title_of
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Member, Role

MAX_NOTE = 200
#: Gaps that one step may name.
MAX_BULK = 100


def assign_gaps(*, gap_ids: Iterable[UUID], to: UUID | None, by: Member, now: datetime) -> int:
    """Give gaps to a member, or to nobody. Raises :class:`Invalid` for one who cannot write answers."""
    may_edit(by)
    member = None
    if to is not None:
        member = Member.objects.filter(public_id=to, removed_at=None).exclude(role=Role.ANALYST).first()
        if member is None:
            raise Invalid(_("Choose a colleague who may write answers."), field="member")
    with transaction.atomic():
        gaps = _locked(gap_ids)
        KnowledgeGap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(assignee=member)
        for gap in gaps:
            log(gap, by, "gap.assigned", now, member=str(member.public_id) if member else "")
    return len(gaps)


def dismiss_gaps(*, gap_ids: Iterable[UUID], reason: str, note: str = "", by: Member, now: datetime) -> int:
    """Put open gaps aside; new questions like theirs join them silently. Returns how many were open."""
    may_edit(by)
    if reason not in Dismissal.values:
        raise Invalid(_("Choose a reason."), field="reason")
    if len(note) > MAX_NOTE:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": MAX_NOTE}, field="note")
    with transaction.atomic():
        gaps = [gap for gap in _locked(gap_ids) if gap.state == GapState.OPEN]
        if not gaps:
            raise Conflict(_("A colleague was faster: this gap is not open any more."))
        KnowledgeGap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(
            state=GapState.DISMISSED, dismissal=reason, note=" ".join(note.split()), closed_at=now
        )
        for gap in gaps:
            log(gap, by, "gap.dismissed", now, reason=reason)
    return len(gaps)


def reopen_gaps(*, gap_ids: Iterable[UUID], by: Member, now: datetime) -> int:
    """Dismissed and resolved gaps are open again."""
    may_edit(by)
    with transaction.atomic():
        gaps = [gap for gap in _locked(gap_ids) if gap.state in {GapState.DISMISSED, GapState.RESOLVED}]
        if not gaps:
            raise Conflict(_("This gap is open already."))
        KnowledgeGap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(
            state=GapState.OPEN, dismissal="", note="", closed_at=None, reopened_at=now
        )
        for gap in gaps:
            log(gap, by, "gap.reopened", now)
    return len(gaps)


def merge_gaps(*, into: UUID, gap_ids: Iterable[UUID], by: Member, now: datetime) -> list[KnowledgeGap]:
    """The questions of other gaps become those of ``into``. Returns what was merged, for :func:`unmerge_gaps`."""
    may_edit(by)
    wanted = list(gap_ids)
    with transaction.atomic():
        gaps = {gap.public_id: gap for gap in _locked([into, *wanted])}
        kept = gaps.get(into)
        others = [gap for public_id, gap in gaps.items() if public_id != into and gap.state != GapState.MERGED]
        if kept is None or kept.state == GapState.MERGED or not others:
            raise Conflict(_("Choose two different gaps that are there."))
        for gap in others:
            GapQuestion.objects.filter(gap=gap).update(gap=kept, origin=gap.pk)
            # What was merged into it before comes along, and can be taken back from where it is now.
            KnowledgeGap.objects.filter(merged_into=gap).update(merged_into=kept)
            KnowledgeGap.objects.filter(pk=gap.pk).update(state=GapState.MERGED, merged_into=kept, closed_at=now)
            log(gap, by, "gap.merged", now, into=str(kept.public_id))
        recount(now=now, among=[kept.pk])
    return others


def unmerge_gaps(*, gap_ids: Iterable[UUID], by: Member, now: datetime) -> list[KnowledgeGap]:
    """Take questions that came by a merge back to where they were; the gaps are open again."""
    may_edit(by)
    with transaction.atomic():
        gaps = [gap for gap in _locked(gap_ids) if gap.state == GapState.MERGED]
        if not gaps:
            raise Conflict(_("This was taken back already."))
        for gap in gaps:
            GapQuestion.objects.filter(gap=gap.merged_into_id, origin=gap.pk).update(gap=gap, origin=None)
            KnowledgeGap.objects.filter(pk=gap.pk).update(state=GapState.OPEN, merged_into=None, closed_at=None)
            log(gap, by, "gap.unmerged", now)
        recount(now=now, among={gap.pk for gap in gaps} | {gap.merged_into_id for gap in gaps if gap.merged_into_id})
    return gaps


def split_questions(*, gap_id: UUID, question_ids: Sequence[UUID], by: Member, now: datetime) -> KnowledgeGap:
    """Questions that ask something else become a gap of their own, and stay out of the old one."""
    may_edit(by)
    with transaction.atomic():
        gap = _locked_one(gap_id)
        rows = list(GapQuestion.objects.filter(gap=gap, public_id__in=question_ids).order_by("asked_at", "id"))
        if not rows:
            raise Invalid(_("Choose at least one question."), field="question")
        if len(rows) == gap.questions.count():
            raise Conflict(_("These are all of its questions. There is nothing to split."))
        title, locale = title_of(rows)
        made = KnowledgeGap.objects.create(
            title=title,
            locale=locale,
            assignee=gap.assignee,
            first_asked_at=rows[0].asked_at,
            last_asked_at=rows[-1].asked_at,
            counted_at=now,
            created_at=now,
        )
        GapQuestion.objects.filter(pk__in=[row.pk for row in rows]).update(gap=made, origin=gap.pk, by_hand=True)
        recount(now=now, among=[gap.pk, made.pk])
        log(made, by, "gap.split", now, source=str(gap.public_id))
    made.refresh_from_db()
    return made


def unsplit_gap(*, gap_id: UUID, by: Member, now: datetime) -> KnowledgeGap:
    """Put the questions that were split off back; the gap that they made is gone. Returns the gap that they go to."""
    may_edit(by)
    with transaction.atomic():
        made = _locked_one(gap_id)
        rows = GapQuestion.objects.filter(gap=made, by_hand=True, origin__isnull=False)
        source = KnowledgeGap.objects.filter(pk__in=rows.values("origin")).exclude(state=GapState.MERGED).first()
        if source is None:
            raise Conflict(_("This was taken back already."))
        # Questions that joined it since are the same question, so they go along.
        GapQuestion.objects.filter(gap=made).update(gap=source, origin=None, by_hand=False)
        log(made, by, "gap.unsplit", now, source=str(source.public_id))
        made.delete()
        recount(now=now, among=[source.pk])
    return source


def keep_drafted(*, gap: KnowledgeGap, faq: Faq, by: Member, now: datetime) -> None:
    """Remember the FAQ that was written for the gap, within the caller's transaction."""
    KnowledgeGap.objects.filter(pk=gap.pk).update(faq=faq)
    log(gap, by, "gap.drafted", now, faq=str(faq.public_id))


def log(gap: KnowledgeGap, by: Member, action: str, now: datetime, **data: str) -> None:
    record(
        merchant_id=gap.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"gap:{gap.public_id}",
        now=now,
        data=data,
    )


def _locked(gap_ids: Iterable[UUID]) -> list[KnowledgeGap]:
    """Those that are there, locked in one order. Raises :class:`Invalid` for none or too many."""
    ids = list(gap_ids)
    if len(ids) > MAX_BULK:
        raise Invalid(_("At most %(limit)s gaps at a time.") % {"limit": MAX_BULK})
    gaps = list(KnowledgeGap.objects.select_for_update().filter(public_id__in=ids).order_by("pk"))
    if not gaps:
        raise Invalid(_("Choose at least one gap."))
    return gaps


def _locked_one(gap_id: UUID) -> KnowledgeGap:
    KnowledgeGap.by_public_id(gap_id)
    return KnowledgeGap.objects.select_for_update().get(public_id=gap_id)
