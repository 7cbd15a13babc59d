"""Letters of the team: invitations and notices.

At least once: a mail server gives no transaction, so a letter goes out before its job is done.
"""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.models import Invitation, Member
from cs_portal.merchants.scoping import scope_of
from cs_portal.merchants.services import invitations, notices


@handler(invitations.JOB, queue=Queue.FAST, max_attempts=8)
def mail_invitation(lease: Lease) -> None:
    """Mail the link that is valid now; an invitation that was closed meanwhile is not mailed."""
    with scope_of(lease):
        rows = invitations.open_invitations().select_related("merchant", "invited_by__user")
        invitation: Invitation | None = rows.filter(pk=lease.payload["invitation"]).first()
        if invitation is not None and invitations.stands(invitation, now=timezone.now()):
            invitations.letter(invitation).send()
        with lease.finishing(now=timezone.now()):
            pass


@handler(notices.JOB, queue=Queue.FAST, max_attempts=8)
def mail_notice(lease: Lease) -> None:
    with scope_of(lease):
        member = Member.objects.select_related("user", "merchant").filter(pk=lease.payload["member"]).first()
        if member is not None:
            letter = notices.letter(
                kind=lease.payload["kind"], member=member, conversation=UUID(lease.payload["conversation"])
            )
            if letter is not None:
                letter.send()
        with lease.finishing(now=timezone.now()):
            pass
