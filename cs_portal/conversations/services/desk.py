"""What the services of the desk's settings share: who may change them, names, and their entries in the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.tenancy import TenantModel, current_merchant
from cs_portal.merchants.models import Member

M = TypeVar("M", bound=TenantModel)


def clean_name(text: str, *, field: str, limit: int) -> str:
    """On one line. Raises :class:`Invalid` when it is empty or too long."""
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        raise Invalid(_("Write a name."), field=field)
    if len(name) > limit:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": limit}, field=field)
    return name


def insert(row: M, taken: Invalid) -> M:
    """Save a new row; raises ``taken`` where its name is used already."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise taken from None
    return row


def overwrite(
    model: type[M], row_id: UUID, values: Mapping[str, object], taken: Invalid, *, seen: datetime | None = None
) -> M:
    """Write the values if the row is as it was ``seen``, its ``updated_at``.

    Raises :class:`Conflict` when it changed since, :class:`NotFound`, or ``taken`` where the name is used already.
    """
    rows = model.objects.filter(public_id=row_id)
    try:
        with transaction.atomic():
            changed = (rows.filter(updated_at=seen) if seen else rows).update(**values)
    except IntegrityError:
        raise taken from None
    row = model.by_public_id(row_id)
    if not changed:
        raise Conflict(
            _("A colleague changed this in the meantime. You see the latest version; make your change again.")
        )
    return row


def log(row: TenantModel, kind: str, what: str, by: Member, now: datetime, **data: object) -> None:
    record(
        merchant_id=current_merchant().pk,
        actor=Actor("member", str(by.public_id)),
        action=f"{kind}.{what}",
        target=f"{kind}:{row.public_id}",
        now=now,
        data=data,
    )
