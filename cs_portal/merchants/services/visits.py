"""When a member was last here."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from cs_portal.merchants.models import Member

#: How exact ``last_visit_at`` is: a write per click would be waste.
KEPT_EVERY = timedelta(minutes=5)
#: Who was away for longer comes back to a new visit.
NEW_VISIT_AFTER = timedelta(minutes=30)


def note_visit(*, member: Member, now: datetime) -> datetime | None:
    """Remember that ``member`` is here; returns when the visit before ended if this request begins a new one."""
    before = member.last_visit_at
    if before is not None and now - before < KEPT_EVERY:
        return None
    unseen = Q(last_visit_at=None) | Q(last_visit_at__lt=now - KEPT_EVERY)
    Member.objects.filter(unseen, pk=member.pk).update(last_visit_at=now)
    return before if before is not None and now - before >= NEW_VISIT_AFTER else None
