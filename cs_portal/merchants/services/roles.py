"""Who may configure, and how a change of settings enters the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import NotAllowed
from cs_portal.merchants.models import Member


def require_configurer(by: Member) -> None:
    """Raises :class:`NotAllowed` for operators and analysts."""
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may change settings."))


def log(by: Member, action: str, target: str, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Append to the audit log what a member did. ``data`` holds ids, names of fields and numbers, never text."""
    record(
        merchant_id=by.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=target,
        now=now,
        data=data,
    )
