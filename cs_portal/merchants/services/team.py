"""Members: their role, their leaving and coming back.

Owners are changed by owners alone, and one owner always stays: the merchant's row is locked first, so that two owners
who demote each other at the same moment do not both succeed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.merchants.models import Member, Merchant, Role, User
from cs_portal.merchants.services.roles import log, require_configurer
from cs_portal.merchants.services.tokens import revoke_tokens_of


def change_role(*, member_id: UUID, by: Member, role: str, now: datetime) -> Member:
    """Who may no longer make API tokens loses those they made; a later promotion brings none back.

    Raises :class:`NotAllowed` for an owner touched or made by an admin, :class:`Conflict` for the last owner."""
    require_grantable(by, role)
    with transaction.atomic():
        member = _changeable(member_id, by)
        if member.role == role:
            return member
        if member.role == Role.OWNER:
            _require_another_owner(member)
        data = {"from": member.role, "to": role}
        member.role = role
        member.save(update_fields=["role"])
        log(by, "member.role_changed", f"member:{member.public_id}", now, data)
        if not member.may_configure:
            revoke_tokens_of(member, by=by, now=now)
    return member


def remove_member(*, member_id: UUID, by: Member, now: datetime) -> Member:
    """End the membership and the API tokens that the member made, at once.

    Claims and assignments are released by :mod:`cs_portal.drafting.services.leaving`.
    """
    with transaction.atomic():
        member = _changeable(member_id, by)
        if member.role == Role.OWNER:
            _require_another_owner(member)
        member.removed_at = now
        member.save(update_fields=["removed_at"])
        log(by, "member.removed", f"member:{member.public_id}", now, {"role": member.role})
        revoke_tokens_of(member, by=by, now=now)
    return member


def restore_member(*, member_id: UUID, by: Member, now: datetime) -> Member:
    """Undo a removal; the member comes back with the role they had. What was released or revoked stays so."""
    require_configurer(by)
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=by.merchant_id)
        member = Member.by_public_id(member_id)
        require_grantable(by, member.role)
        if Member.objects.filter(pk=member.pk, removed_at__isnull=False).update(removed_at=None):
            log(by, "member.restored", f"member:{member.public_id}", now, {"role": member.role})
    member.removed_at = None
    return member


def require_grantable(by: Member, role: str) -> None:
    """Whether ``by`` may give ``role``. Raises :class:`Invalid` or :class:`NotAllowed`."""
    require_configurer(by)
    if role not in Role.values:
        raise Invalid(_("Choose a role."), field="role")
    if role == Role.OWNER and by.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can make owners."))


def _changeable(member_id: UUID, by: Member) -> Member:
    require_configurer(by)
    Merchant.objects.select_for_update().get(pk=by.merchant_id)
    member = Member.objects.filter(public_id=member_id, removed_at=None).select_related("user").first()
    if member is None:
        raise NotFound
    if member.role == Role.OWNER and by.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can change or remove an owner."))
    return member


def _require_another_owner(member: Member) -> None:
    if not Member.objects.filter(role=Role.OWNER, removed_at=None).exclude(pk=member.pk).exists():
        raise Conflict(_("This is the last owner. Make somebody else an owner first."))


def has_second_factor(user: User) -> bool:
    from allauth.mfa.models import Authenticator  # not installed where the demo shop runs

    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def with_second_factor(user_ids: list[int]) -> set[int]:
    """Of these users, those who sign in with two steps. One query."""
    from allauth.mfa.models import Authenticator

    rows = Authenticator.objects.filter(user_id__in=user_ids, type=Authenticator.Type.TOTP)
    return set(rows.values_list("user_id", flat=True))


def require_second_factor(*, by: Member, required: bool, now: datetime) -> Merchant:
    """Ask two-step sign-in of every member. Whoever asks for it has it already, or they would lock themselves out."""
    require_configurer(by)
    if required and not has_second_factor(by.user):
        raise Conflict(_("Set up your own two-step sign-in first."))
    with transaction.atomic():
        changed = Merchant.objects.filter(pk=by.merchant_id, requires_mfa=not required).update(requires_mfa=required)
        if changed:
            action = "merchant.mfa_required" if required else "merchant.mfa_optional"
            log(by, action, f"merchant:{by.merchant.public_id}", now)
    return Merchant.objects.get(pk=by.merchant_id)
