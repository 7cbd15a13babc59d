"""What waits for a second pair of eyes, and what became of one's own requests."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from cs_portal.core.errors import NotFound
from cs_portal.knowledge.models import ApprovalState, Faq, PublicationRequest
from cs_portal.merchants.models import Member

#: So long a decision on one's own request is told.
TOLD_FOR = timedelta(days=7)


def waiting_requests() -> QuerySet[PublicationRequest]:
    """The longest waiting first."""
    rows = PublicationRequest.objects.filter(state=ApprovalState.OPEN).select_related("faq", "asked_by__user")
    return rows.order_by("asked_at", "id")


def requests_for(member: Member) -> QuerySet[PublicationRequest]:
    """Those that this member may decide on."""
    return waiting_requests().exclude(asked_by=member) if member.may_review else waiting_requests().none()


def declined_requests(member: Member, *, now: datetime) -> QuerySet[PublicationRequest]:
    """This member's requests that were declined of late and that they have not taken up since."""
    mine = Q(asked_by=member, state=ApprovalState.DECLINED, decided_at__gte=now - TOLD_FOR, revision=F("faq__latest"))
    return PublicationRequest.objects.filter(mine).select_related("faq", "decided_by__user").order_by("-decided_at")


def request_of(faq: Faq) -> PublicationRequest | None:
    """The last one about the revision that is the newest now: open or declined, else ``None``."""
    states = [ApprovalState.OPEN, ApprovalState.DECLINED]
    rows = PublicationRequest.objects.filter(faq=faq, revision=faq.latest, state__in=states)
    return rows.select_related("asked_by__user", "decided_by__user").order_by("-id").first()


def may_approve(row: PublicationRequest, member: Member) -> bool:
    """Whether this member could put live now what was asked for."""
    current = row.state == ApprovalState.OPEN and row.faq.latest == row.revision
    return current and member.may_review and row.asked_by_id != member.pk


def publication_request(request_id: UUID) -> PublicationRequest:
    row = PublicationRequest.objects.select_related("faq", "asked_by__user").filter(public_id=request_id).first()
    if row is None:
        raise NotFound
    return row
