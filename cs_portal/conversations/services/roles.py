"""Who may act on conversations."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cs_portal.core.errors import NotAllowed
from cs_portal.merchants.models import Member


def require_operator(by: Member) -> None:
    """Raises :class:`NotAllowed` for those who only read. Operators act on every conversation of their merchant."""
    if not by.may_review:
        raise NotAllowed(_("Your role may read conversations, not change them."))
