"""Who may approve an action: the tier that the verdict names, and a second pair of eyes above an operator's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Order
from cs_portal.core.errors import NotAllowed
from cs_portal.merchants.models import Member, Role
from cs_portal.policies.engine import Missing
from cs_portal.policies.engine.approvals import stricter, tier_of
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services.compiling import ruleset_of

#: Actions by which the difference goes back where the wanted variants cost less, whatever the verdict's amount.
DIFFERENCE = {"exchange", "change_items"}


class Barrier(StrEnum):
    """Why a member may not approve."""

    ADMIN = "admin"  #: the rules want an owner or an admin
    SECOND = "second"  #: the member set the rules aside: another owner or admin must agree
    PAIR = "pair"  #: two people must agree to the amount, and the member is one of them already


_SENTENCES = {
    Barrier.ADMIN: _("The rules want an admin to approve this amount."),
    Barrier.SECOND: _("You decided against the rules, which want an admin here: another admin must approve it."),
    Barrier.PAIR: _("Two people must agree to this amount: a colleague has to approve it, too."),
}


def barrier(verdict: Mapping[str, Any], *, by: Member) -> Barrier | None:
    """What keeps ``by`` from approving what the standing ``verdict`` allows; ``None`` when nothing does.

    ``verdict`` carries an override's ``by`` where an admin decided instead of the rules. A shop with one admin alone
    has no second pair of eyes to ask.
    """
    if verdict.get("outcome") != "allow" or verdict.get("approver") != "admin":
        return None
    if not by.may_configure:
        return Barrier.ADMIN
    if verdict.get("by") == str(by.public_id) and _others(by):
        return Barrier.SECOND
    return None


def barrier_of_both(verdict: Mapping[str, Any], *, first: Member | None, by: Member) -> Barrier | None:
    """The same where ``first`` agreed before: they are two, and it is enough that one of them may."""
    if first is None:
        return barrier(verdict, by=by)
    if first.pk == by.pk:
        return barrier(verdict, by=by) or Barrier.PAIR
    return None if barrier(verdict, by=first) is None else barrier(verdict, by=by)


def sentence(found: Barrier) -> str:
    return str(_SENTENCES[found])


def require_approver(verdict: Mapping[str, Any], *, by: Member, first: Member | None = None) -> None:
    """Raises :class:`NotAllowed`, saying who must. ``first`` agreed before ``by``, where two people must."""
    if (found := barrier_of_both(verdict, first=first, by=by)) is not None:
        raise NotAllowed(sentence(found))


def tier_of_override(
    decided: Mapping[str, Any] | None, ruleset: RulesetVersion | None, *, amount_minor: int, order: Order | None
) -> str:
    """Who must approve ``amount_minor`` that an admin grants instead of the rules: no tier is lowered by overriding.

    The stricter of what the verdict ``decided`` names and of the ruleset's tiers for the amount, with what the order
    gave back before.
    """
    approver = str((decided or {}).get("approver") or "operator")
    if ruleset is None or order is None or not amount_minor:
        return approver
    approvals = ruleset_of(ruleset).approvals
    if approvals is None:
        return approver
    tier = tier_of(approvals, amount_minor + order.refunded_minor, order.currency)
    return "admin" if isinstance(tier, Missing) else stricter(approver, tier.approver)


def _others(by: Member) -> bool:
    return (
        Member.objects.filter(role__in=[Role.OWNER, Role.ADMIN], removed_at=None, user__is_active=True)
        .exclude(pk=by.pk)
        .exists()
    )
