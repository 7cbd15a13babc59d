"""The amounts above which two people must agree: set and taken away by owners and admins."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.drafting.models import PairLimit
from cs_portal.merchants.models import Member
from cs_portal.merchants.selectors import members
from cs_portal.merchants.services.roles import log, require_configurer
from cs_portal.policies.engine.money import MAX_MINOR, MINOR_DIGITS


def set_pair_limit(*, by: Member, currency: str, above_minor: int | None, now: datetime) -> bool:
    """Two people for more than ``above_minor`` of ``currency``, from now on; ``None``: one is enough again.

    Returns whether that is a change. Raises :class:`Invalid` for a bad amount or currency, and where nobody could be
    the second.
    """
    require_configurer(by)
    if currency not in MINOR_DIGITS:
        raise Invalid(_("Use a three-letter currency code such as EUR."), field="currency")
    if above_minor is not None and not 0 <= above_minor <= MAX_MINOR:
        raise Invalid(_("This amount is too large."), field="above")
    if above_minor is not None and reviewers() < 2:
        raise Invalid(_("Nobody could be the second: invite a colleague who may review first."), field="above")
    with transaction.atomic():
        rows = PairLimit.objects.filter(currency=currency)
        if above_minor is None:
            changed = bool(rows.delete()[0])
        elif rows.filter(above_minor=above_minor).exists():
            changed = False
        else:
            fresh = {"above_minor": above_minor, "updated_at": now}
            PairLimit.objects.update_or_create(currency=currency, defaults=fresh)
            changed = True
        if changed:
            said: dict[str, str | int] = {"currency": currency}
            action = "pair.lifted" if above_minor is None else "pair.limited"
            log(by, action, f"merchant:{by.merchant.public_id}", now, {**said, "limit": above_minor or 0})
    return changed


def reviewers() -> int:
    """How many of the team may approve."""
    return sum(member.may_review for member in members())
