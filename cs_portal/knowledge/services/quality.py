"""What members say to findings: no problem, for a reason, and back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.knowledge.findings import finding
from cs_portal.knowledge.models import QualityFinding
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Member

MAX_REASON = 200


def ignore_finding(*, finding_id: UUID, by: Member, reason: str, now: datetime) -> QualityFinding:
    """It is no problem, for a reason that colleagues read. It comes back when what it rests on changes."""
    may_edit(by)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid(_("Say why it is no problem."), field="reason")
    if len(reason) > MAX_REASON:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": MAX_REASON}, field="reason")
    row = finding(finding_id)
    with transaction.atomic():
        standing = QualityFinding.objects.filter(pk=row.pk, ignored_at=None)
        if not standing.update(ignored_at=now, ignored_by=by, reason=reason):
            raise Conflict(_("A colleague was faster: this is ignored already."))
        _log(row, "finding.ignored", by, now)
    return row


def heed_finding(*, finding_id: UUID, by: Member, now: datetime) -> QualityFinding:
    """Take an "ignore" back."""
    may_edit(by)
    row = finding(finding_id)
    with transaction.atomic():
        QualityFinding.objects.filter(pk=row.pk).update(ignored_at=None, ignored_by=None, reason="")
        _log(row, "finding.heeded", by, now)
    return row


def _log(row: QualityFinding, action: str, by: Member, now: datetime) -> None:
    record(
        merchant_id=row.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"faq:{row.faq.public_id}",
        now=now,
        data={"kind": row.kind},
    )
