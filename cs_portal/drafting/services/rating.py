"""An operator marks a piece of evidence: it helped, or it is wrong or out of date. Each member has one mark on each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Draft, EvidenceRating, Mark
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Member


@transaction.atomic
def rate_evidence(*, draft_id: UUID, by: Member, reference: str, mark: str, now: datetime) -> EvidenceRating | None:
    """Set the member's mark, or take it off where it is that already; then ``None``.

    A decided draft can be marked, too. Raises :class:`NotFound` for what the draft does not rest on.
    """
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    if mark not in Mark.values:
        raise Invalid(_("Say whether it helped, or is wrong."), field="mark")
    if reference not in {piece["ref"] for piece in draft.evidence}:
        raise NotFound
    faq = _faq(reference)
    mine = EvidenceRating.objects.filter(draft=draft, reference=reference, member=by)
    row: EvidenceRating | None = None
    if not mine.filter(mark=mark).delete()[0]:
        row, _made = EvidenceRating.objects.update_or_create(
            draft=draft, reference=reference, member=by, defaults={"mark": mark, "faq": faq, "created_at": now}
        )
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action="evidence.rated" if row is not None else "evidence.unrated",
        target=f"draft:{draft.public_id}",
        now=now,
        data={"kind": reference.partition(":")[0], "faq": str(faq.public_id) if faq else "", "mark": mark},
    )
    return row


def _faq(reference: str) -> Faq | None:
    """The FAQ that a reference quotes (``faq:<id>:<revision>``), while it is there."""
    kind, _colon, rest = reference.partition(":")
    public_id = as_uuid(rest.partition(":")[0]) if kind == "faq" else None
    return Faq.objects.filter(public_id=public_id).first() if public_id is not None else None
