"""Asking for a second pair of eyes before an answer goes live, where the merchant wants one."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import ApprovalState, Faq, PublicationRequest
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.writing import log, may_edit
from cs_portal.merchants.models import Member


def ask_to_publish(faq: Faq, content: FaqContent, *, by: Member, now: datetime) -> PublicationRequest:
    """Ask for the newest revision, which holds ``content``, within the caller's transaction.

    Asking twice for the same revision is one request. Raises :class:`Invalid` where it could not be published.
    """
    may_edit(by)
    check(content, publishing=True)
    found = PublicationRequest.objects.filter(faq=faq, state=ApprovalState.OPEN).first()
    if found is not None and found.revision == faq.latest:
        return found
    if found is not None:
        decide(found, ApprovalState.OVERTAKEN, by=None, now=now)
    row = PublicationRequest.objects.create(faq=faq, revision=faq.latest, asked_by=by, asked_at=now)
    log(faq, by, "faq.publication_asked", now, revision=faq.latest)
    return row


def decide(
    row: PublicationRequest, state: ApprovalState, *, by: Member | None, now: datetime, reason: str = ""
) -> None:
    """The conditional update settles the race between two colleagues."""
    rows = PublicationRequest.objects.filter(pk=row.pk, state=ApprovalState.OPEN)
    if not rows.update(state=state, decided_by=by, decided_at=now, reason=reason):
        raise Conflict(_("This was decided already."))
