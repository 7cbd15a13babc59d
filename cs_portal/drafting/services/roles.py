"""Who may decide on drafts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cs_portal.core.errors import NotAllowed
from cs_portal.merchants.models import Member


def require_reviewer(by: Member) -> None:
    """Raises :class:`NotAllowed` for those who only read."""
    if not by.may_review:
        raise NotAllowed(_("Your role may read drafts, not change them."))
