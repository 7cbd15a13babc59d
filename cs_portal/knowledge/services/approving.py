"""The second pair of eyes: what an operator asked to publish is approved or declined by another member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import ApprovalState, Faq, FaqState, PublicationRequest
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.lifecycle import BulkResult, each_of, move_on, publish_faq
from cs_portal.knowledge.services.requesting import decide
from cs_portal.knowledge.services.writing import Change, Step, log, may_edit
from cs_portal.merchants.models import Member

MAX_REASON = 300


def publish_seen(*, seen: Mapping[UUID, int], by: Member, now: datetime) -> BulkResult:
    """Each FAQ at the revision that somebody looked at, as ``by`` may: where another member asked for that very
    revision to go live, it is an approval. One that was changed since is left as it is."""
    return each_of(seen, _publish_or_approve, by=by, now=now, seen=seen)


def _publish_or_approve(*, faq_id: UUID, by: Member, seen: int, now: datetime, change_id: UUID) -> Change:
    asked = PublicationRequest.objects.filter(faq__public_id=faq_id, revision=seen, state=ApprovalState.OPEN)
    row = asked.exclude(asked_by=by).first()
    if row is None:
        return publish_faq(faq_id=faq_id, by=by, seen=seen, now=now, change_id=change_id)
    return approve_publication(request_id=row.public_id, by=by, now=now, change_id=change_id)


def approve_publication(*, request_id: UUID, by: Member, now: datetime, change_id: UUID | None = None) -> Change:
    """The revision goes live as :func:`~.lifecycle.publish_faq` does it; that is undone as any publishing.

    Raises :class:`NotAllowed` for whoever asked, :class:`Conflict` where it was decided or changed meanwhile.
    """
    with transaction.atomic():
        row = _open(request_id, by)
        if row.asked_by_id == by.pk:
            raise NotAllowed(_("Somebody else has to approve this."))
        if row.faq.latest != row.revision:
            raise Conflict(_("This FAQ was changed since, so this is not what would go live. Ask again."))
        decide(row, ApprovalState.APPROVED, by=by, now=now)

        def step(faq: Faq, content: FaqContent) -> Step | None:
            if faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes:
                return None
            check(content, publishing=True)
            return Step(content, FaqState.PUBLISHED, goes_live=True, approved=True)

        return move_on(
            row.faq.public_id,
            step,
            by=by,
            seen=row.revision,
            action="faq.publication_approved",
            now=now,
            change_id=change_id,
        )


def decline_publication(*, request_id: UUID, by: Member, reason: str, now: datetime) -> PublicationRequest:
    """Nothing goes live; whoever asked is told why."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid(_("Say what should be changed."), field="reason")
    if len(reason) > MAX_REASON:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": MAX_REASON}, field="reason")
    with transaction.atomic():
        row = _open(request_id, by)
        if row.asked_by_id == by.pk:
            raise NotAllowed(_("Withdraw your own request instead."))
        decide(row, ApprovalState.DECLINED, by=by, now=now, reason=reason)
        log(row.faq, by, "faq.publication_declined", now, revision=row.revision)
    return row


def withdraw_publication(*, request_id: UUID, by: Member, now: datetime) -> PublicationRequest:
    """By whoever asked."""
    with transaction.atomic():
        row = _open(request_id, by)
        if row.asked_by_id != by.pk:
            raise NotAllowed(_("Your role does not permit this."))
        decide(row, ApprovalState.WITHDRAWN, by=by, now=now)
        log(row.faq, by, "faq.publication_withdrawn", now, revision=row.revision)
    return row


def reopen_publication(*, request_id: UUID, by: Member, now: datetime) -> PublicationRequest:
    """Undo of declining or withdrawing, by whoever did it, as long as the FAQ is as it was."""
    may_edit(by)
    with transaction.atomic():
        row = PublicationRequest.objects.select_related("faq").filter(public_id=request_id).first()
        if row is None:
            raise NotFound
        other = PublicationRequest.objects.filter(faq=row.faq, state=ApprovalState.OPEN).exists()
        decided = row.state in {ApprovalState.DECLINED, ApprovalState.WITHDRAWN} and row.decided_by_id == by.pk
        if other or not decided or row.faq.latest != row.revision:
            raise Conflict(_("This cannot be undone any more."))
        PublicationRequest.objects.filter(pk=row.pk).update(
            state=ApprovalState.OPEN, decided_by=None, decided_at=None, reason=""
        )
        log(row.faq, by, "faq.publication_reopened", now, revision=row.revision)
    return row


def _open(request_id: UUID, by: Member) -> PublicationRequest:
    may_edit(by)
    row = PublicationRequest.objects.select_related("faq").filter(public_id=request_id).first()
    if row is None:
        raise NotFound
    if row.state != ApprovalState.OPEN:
        raise Conflict(_("This was decided already."))
    return row
