"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cs_portal.core.models import AuditEntry


def trail(
    *,
    merchant_id: int,
    action: str = "",
    actor_kind: str = "",
    actor: str = "",
    kind: str = "",
    target: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The merchant's entries that fit, in no order yet. ``kind`` is the target's, ``target`` a part of its name.

    ``actor`` is a public id, ``until`` the first instant after.
    """
    rows = AuditEntry.objects.filter(merchant_number=merchant_id)
    if action:
        rows = rows.filter(action=action)
    if actor_kind:
        rows = rows.filter(actor_kind=actor_kind)
    if actor:
        rows = rows.filter(actor_id=actor)
    if kind:
        rows = rows.filter(target__startswith=f"{kind}:")
    if target:
        rows = rows.filter(target__contains=target)
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lt=until)
    return rows


def changes_by_others(
    *, merchant_id: int, member: UUID, since: datetime, without: Iterable[str]
) -> QuerySet[AuditEntry]:
    """What other members did since, the latest first, but for actions that begin as one of ``without``."""
    rows = trail(merchant_id=merchant_id, actor_kind="member").filter(at__gt=since).exclude(actor_id=str(member))
    for prefix in without:
        rows = rows.exclude(action__startswith=prefix)
    return rows.order_by("-id")
