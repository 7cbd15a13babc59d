"""Invitations by e-mail: signed, expiring, single use.

The link is not stored: it is signed anew from the row whenever it is needed, so that neither the database nor a job
holds what opens the door. Resending changes the nonce, by which the old link dies.

The link proves the address, for it is mailed there and shown to nobody: whoever invites must not be able to make the
account of the person they invite. Inviting says nothing of whether the address has an account. Whoever holds the link
can join as that address alone: with the password of the account that exists, or by making one.

An invitation stands as long as its inviter might make it: it ends when they leave or lose the right to grant the role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cs_portal.core import jobs, ratelimit
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.secrets import new_token
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Invitation, Locale, Member, Merchant, User
from cs_portal.merchants.services.roles import log, require_configurer
from cs_portal.merchants.services.team import require_grantable

JOB = "mail_invitation"
LIFE = timedelta(days=7)
#: Letters that one merchant may cause, so that nobody mails the world through a portal.
LETTERS_PER_DAY = 50
#: Links under the earlier salt were shown to whoever invited, and prove nothing.
_SALT = "merchants.invitation.mailed"


def open_invitations() -> QuerySet[Invitation]:
    """Not accepted and not revoked; expired ones are among them, to be resent or revoked."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by__user")


def invite(*, by: Member, email: str, role: str, language: str, now: datetime) -> Invitation:
    """Invite an address and mail the link. Raises :class:`Invalid`, :class:`NotAllowed`, ``TooMany``.

    A second invitation of the same address replaces the first one.
    """
    require_grantable(by, role)
    email = _address(email)
    if Member.objects.filter(user__email=email, removed_at=None).exists():
        raise Invalid(_("This person is a member already."), field="email")
    _count_letter(by, now)
    with transaction.atomic():
        open_invitations().filter(email=email).update(revoked_at=now)
        try:
            with transaction.atomic():
                invitation = Invitation.objects.create(
                    email=email,
                    role=role,
                    nonce=new_token(),
                    language=language if language in Locale.values else Locale.EN,
                    invited_by=by,
                    created_at=now,
                    expires_at=now + LIFE,
                )
        except IntegrityError:
            raise Conflict(_("A colleague invited this person at the same moment.")) from None
        log(by, "invitation.sent", f"invitation:{invitation.public_id}", now, {"role": role})
        _mail(invitation, now)
    return invitation


def resend(*, invitation_id: UUID, by: Member, now: datetime) -> Invitation:
    """A fresh link with a fresh week, for which ``by`` stands; the old link is dead from now on."""
    require_configurer(by)
    invitation = _open(invitation_id)
    require_grantable(by, invitation.role)
    _count_letter(by, now)
    with transaction.atomic():
        invitation.nonce, invitation.expires_at = new_token(), now + LIFE
        invitation.invited_by = by
        still = open_invitations().filter(pk=invitation.pk)
        if not still.update(nonce=invitation.nonce, expires_at=invitation.expires_at, invited_by=by):
            raise Conflict(_("This invitation is not open any more."))
        log(by, "invitation.resent", f"invitation:{invitation.public_id}", now)
        _mail(invitation, now)
    return invitation


def revoke(*, invitation_id: UUID, by: Member, now: datetime) -> None:
    require_configurer(by)
    invitation = _open(invitation_id)
    with transaction.atomic():
        if open_invitations().filter(pk=invitation.pk).update(revoked_at=now):
            log(by, "invitation.revoked", f"invitation:{invitation.public_id}", now)


def link_of(invitation: Invitation) -> str:
    """The address that opens the invitation, as the invited person's browser sees it."""
    return settings.PORTAL_URL + reverse("invitation", kwargs={"token": token_of(invitation)})


def token_of(invitation: Invitation) -> str:
    return signing.Signer(salt=_SALT).sign_object([invitation.public_id.hex, invitation.nonce])


def invitation_by_token(token: str, *, now: datetime) -> Invitation | None:
    """The open invitation that the link belongs to; ``None`` for a forged, used, revoked, replaced or expired one."""
    try:
        public_id, nonce = signing.Signer(salt=_SALT).unsign_object(token)
        wanted = UUID(str(public_id))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    with scopes_disabled():
        row = Invitation.objects.filter(public_id=wanted).select_related("merchant", "invited_by__user").first()
    if row is None or not compare_digest(row.nonce, str(nonce)):
        return None
    closed = row.accepted_at or row.revoked_at or not stands(row, now=now)
    return None if closed else row


def stands(invitation: Invitation, *, now: datetime) -> bool:
    """Whether an open invitation has time left and an inviter who might still make it."""
    by = invitation.invited_by
    if by is None or by.removed_at is not None or not by.user.is_active or invitation.expires_at <= now:
        return False
    try:
        require_grantable(by, invitation.role)
    except NotAllowed:
        return False
    return True


@dataclass(frozen=True, slots=True)
class NewAccount:
    name: str
    password: str


def accept(*, token: str, user: User | None, account: NewAccount | None, now: datetime) -> Member:
    """Join as the ``user`` who is signed in with the invited address, or with a new account for it.

    Raises :class:`NotFound` for a link that opens nothing (any more), :class:`Invalid` for a name or password that
    will not do, :class:`Conflict` when the address has an account already or the user is somebody else.
    """
    invitation = invitation_by_token(token, now=now)
    if invitation is None:
        raise NotFound
    if user is not None and user.email.lower() != invitation.email:
        raise Conflict(_("You are signed in as somebody else. Sign out first."))
    with transaction.atomic(), scope(merchant=invitation.merchant):
        taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, nonce=invitation.nonce)
        if not taken.update(accepted_at=now):
            raise NotFound
        person = user or _new_user(invitation.email, account)
        member = _join(invitation, person)
        record(
            merchant_id=invitation.merchant_id,
            actor=Actor("member", str(member.public_id)),
            action="invitation.accepted",
            target=f"invitation:{invitation.public_id}",
            now=now,
            data={"member": str(member.public_id), "role": member.role},
        )
    return member


def _new_user(email: str, account: NewAccount | None) -> User:
    if account is None or not account.name.strip():
        raise Invalid(_("Write your name."), field="name")
    try:
        validate_password(account.password, user=User(email=email, name=account.name))
    except ValidationError as problem:
        raise Invalid(" ".join(problem.messages), field="password") from None
    try:
        with transaction.atomic():
            return User.objects.create_user(email=email, password=account.password, name=account.name.strip()[:80])
    except IntegrityError:
        raise Conflict(_("There is an account with this e-mail address. Sign in with it to join.")) from None


def _join(invitation: Invitation, user: User) -> Member:
    """A former member comes back to what they did; a member keeps the role they have."""
    member, made = Member.objects.get_or_create(user=user, defaults={"role": invitation.role})
    if not made and member.removed_at is not None:
        member.role, member.removed_at = invitation.role, None
        member.save(update_fields=["role", "removed_at"])
    return member


def letter(invitation: Invitation) -> EmailMessage:
    """The invitation in the language of whoever invited."""
    merchant: Merchant = invitation.merchant
    with translation.override(invitation.language):
        shop = " ".join(merchant.name_in(invitation.language).split())
        context = {
            "shop": shop,
            "inviter": invitation.invited_by.user.name if invitation.invited_by else "",
            "role": invitation.get_role_display(),
            "link": link_of(invitation),
            "days": LIFE.days,
        }
        body = render_to_string("merchants/mail/invitation.txt", context)
        subject = _("%(shop)s invites you to its customer service") % {"shop": shop}
    return EmailMessage(subject=subject, body=body, to=[invitation.email], headers={"Auto-Submitted": "auto-generated"})


def _mail(invitation: Invitation, now: datetime) -> None:
    jobs.enqueue(
        JOB,
        key=f"invitation:{invitation.public_id}:{invitation.expires_at.timestamp():.6f}",
        merchant_id=invitation.merchant_id,
        payload={"invitation": invitation.pk},
        now=now,
    )


def _count_letter(by: Member, now: datetime) -> None:
    ratelimit.hit(scope="invitations", subject=str(by.merchant_id), limit=LETTERS_PER_DAY, seconds=24 * 3600, now=now)


def _open(invitation_id: UUID) -> Invitation:
    row = open_invitations().filter(public_id=invitation_id).first()
    if row is None:
        raise NotFound
    return row


def _address(text: str) -> str:
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("Enter a valid e-mail address."), field="email") from None
    return email
