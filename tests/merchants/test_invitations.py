"""Invitations: signed, expiring, single use, and silent about who has an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Invitation, Member, Merchant, Role, User
from cs_portal.merchants.services import invitations
from cs_portal.merchants.services.invitations import NewAccount, accept, invitation_by_token, invite, resend, revoke
from cs_portal.merchants.services.team import change_role, remove_member
from tests.factories import make_member, make_merchant, make_user

NOW = timezone.now()
ACCOUNT = NewAccount(name="Fay", password="a very long secret")


@dataclass
class Team:
    merchant: Merchant
    alice: Member
    ann: Member
    olaf: Member


@pytest.fixture
def team(db: None) -> Iterator[Team]:
    merchant = make_merchant("mugs", name_zh="杯子店")
    made = Team(
        merchant,
        make_member(merchant, Role.OWNER, name="Alice"),
        make_member(merchant, Role.ADMIN, name="Ann"),
        make_member(merchant, Role.OPERATOR, name="Olaf"),
    )
    with scope(merchant=merchant):
        yield made


def _invite(
    team: Team, email: str = "Fay@Example.com ", role: str = Role.OPERATOR, by: Member | None = None
) -> Invitation:
    return invite(by=by or team.ann, email=email, role=role, language="en", now=NOW)


def _token(invitation: Invitation) -> str:
    return invitations.token_of(Invitation.objects.get(pk=invitation.pk))


def _link(invitation: Invitation) -> str:
    return invitations.link_of(Invitation.objects.get(pk=invitation.pk))


def test_a_new_person_joins_with_an_account_of_their_own(team: Team) -> None:
    token = _token(_invite(team))
    member = accept(token=token, user=None, account=ACCOUNT, now=NOW)
    assert (member.role, member.user.email, member.user.name) == (Role.OPERATOR, "fay@example.com", "Fay")
    assert member.user.check_password("a very long secret")
    assert AuditEntry.objects.filter(action="invitation.accepted").count() == 1


def test_the_link_works_once(team: Team) -> None:
    token = _token(_invite(team))
    accept(token=token, user=None, account=ACCOUNT, now=NOW)
    assert invitation_by_token(token, now=NOW) is None
    with pytest.raises(NotFound):
        accept(token=token, user=None, account=NewAccount("Eve", "another long secret"), now=NOW)
    assert Member.objects.filter(user__email="fay@example.com").count() == 1


def test_an_existing_user_joins_as_themselves_and_as_nobody_else(team: Team) -> None:
    fay, eve = make_user("fay@example.com"), make_user("eve@example.com")
    token = _token(_invite(team))
    with pytest.raises(Conflict):
        accept(token=token, user=eve, account=None, now=NOW)
    assert accept(token=token, user=fay, account=None, now=NOW).user == fay


def test_no_second_account_for_an_address_that_has_one(team: Team) -> None:
    fay = make_user("fay@example.com", password="the password of Fay")
    token = _token(_invite(team))
    with pytest.raises(Conflict):
        accept(token=token, user=None, account=ACCOUNT, now=NOW)
    fay.refresh_from_db()
    assert fay.check_password("the password of Fay")
    assert invitation_by_token(token, now=NOW) is not None


def test_inviting_tells_nothing_of_accounts(team: Team) -> None:
    make_user("known@example.com")
    known, unknown = _invite(team, "known@example.com"), _invite(team, "unknown@example.com")
    assert (known.role, known.expires_at) == (unknown.role, unknown.expires_at)
    assert run_due(["fast"], keep=False) == 2
    first, second = mail.outbox
    assert first.subject == second.subject
    assert first.body.replace(_link(known), "") == second.body.replace(_link(unknown), "")


def test_the_letter_holds_the_link_and_the_job_does_not(team: Team) -> None:
    invitation = _invite(team)
    run_due(["fast"], keep=False)
    letter = mail.outbox[0]
    assert letter.to == ["fay@example.com"]
    assert _link(invitation) in letter.body
    assert "Ann invites you" in letter.body
    job = Job.objects.get(kind=invitations.JOB)
    assert _token(invitation) not in str((job.payload, job.key))


def test_the_letter_is_in_the_inviters_language(team: Team) -> None:
    invite(by=team.ann, email="fay@example.com", role=Role.OPERATOR, language="zh-hans", now=NOW)
    run_due(["fast"], keep=False)
    assert "杯子店" in mail.outbox[0].subject


def test_a_week_later_it_is_over_and_resending_starts_anew(team: Team) -> None:
    invitation = _invite(team)
    old, later = _token(invitation), NOW + timedelta(days=7)
    assert invitation_by_token(old, now=later) is None
    resend(invitation_id=invitation.public_id, by=team.ann, now=later)
    fresh = _token(invitation)
    assert invitation_by_token(old, now=later) is None
    assert invitation_by_token(fresh, now=later) == invitation
    assert Job.objects.filter(kind=invitations.JOB).count() == 2


def test_revoked_means_closed_and_is_not_mailed(team: Team) -> None:
    invitation = _invite(team)
    token = _token(invitation)
    revoke(invitation_id=invitation.public_id, by=team.ann, now=NOW)
    assert invitation_by_token(token, now=NOW) is None
    with pytest.raises(NotFound):
        accept(token=token, user=None, account=ACCOUNT, now=NOW)
    run_due(["fast"], keep=False)
    assert mail.outbox == []


def test_inviting_again_replaces_the_first(team: Team) -> None:
    old = _token(_invite(team))
    second = _invite(team, role=Role.ANALYST)
    assert invitation_by_token(old, now=NOW) is None
    assert accept(token=_token(second), user=None, account=ACCOUNT, now=NOW).role == Role.ANALYST


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "." * 3000])
def test_forged_tokens_open_nothing(team: Team, token: str) -> None:
    assert invitation_by_token(token, now=NOW) is None


def test_a_token_signed_for_something_else_opens_nothing(team: Team) -> None:
    invitation = _invite(team)
    other = signing.Signer(salt="something.else").sign_object([invitation.public_id.hex, invitation.nonce])
    assert invitation_by_token(other, now=NOW) is None
    wrong = signing.Signer(salt="merchants.invitation.mailed").sign_object([invitation.public_id.hex, "x"])
    assert invitation_by_token(wrong, now=NOW) is None


def test_admins_invite_no_owners_and_operators_nobody(team: Team) -> None:
    with pytest.raises(NotAllowed):
        _invite(team, role=Role.OWNER)
    with pytest.raises(NotAllowed):
        _invite(team, by=team.olaf)
    assert _invite(team, role=Role.OWNER, by=team.alice).role == Role.OWNER


def test_an_admin_does_not_resend_an_owners_invitation(team: Team) -> None:
    invitation = _invite(team, role=Role.OWNER, by=team.alice)
    with pytest.raises(NotAllowed):
        resend(invitation_id=invitation.public_id, by=team.ann, now=NOW)


def test_members_are_not_invited_again_and_former_ones_come_back_to_their_row(team: Team) -> None:
    with pytest.raises(Invalid):
        _invite(team, email=team.olaf.user.email)
    remove_member(member_id=team.olaf.public_id, by=team.ann, now=NOW)
    token = _token(_invite(team, email=team.olaf.user.email, role=Role.ANALYST))
    back = accept(token=token, user=team.olaf.user, account=None, now=NOW)
    assert (back.pk, back.role, back.removed_at) == (team.olaf.pk, Role.ANALYST, None)


@pytest.mark.parametrize("account", [None, NewAccount("", "a very long secret"), NewAccount("Fay", "short")])
def test_a_bad_account_leaves_the_invitation_open(team: Team, account: NewAccount | None) -> None:
    token = _token(_invite(team))
    with pytest.raises(Invalid):
        accept(token=token, user=None, account=account, now=NOW)
    assert invitation_by_token(token, now=NOW) is not None
    assert not User.objects.filter(email="fay@example.com").exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_an_invitation_ends_with_its_inviters_right_to_make_it(team: Team, role: Role) -> None:
    token = _token(_invite(team, role=Role.ADMIN))
    change_role(member_id=team.ann.public_id, by=team.alice, role=role, now=NOW)
    assert invitation_by_token(token, now=NOW) is None
    with pytest.raises(NotFound):
        accept(token=token, user=None, account=ACCOUNT, now=NOW)
    run_due(["fast"], keep=False)
    assert mail.outbox == []
    assert not User.objects.filter(email="fay@example.com").exists()


def test_a_former_owner_who_is_an_admin_lets_nobody_become_an_owner(team: Team) -> None:
    token = _token(_invite(team, role=Role.OWNER, by=team.alice))
    other = make_member(team.merchant, Role.OWNER, name="Otto")
    change_role(member_id=team.alice.public_id, by=other, role=Role.ADMIN, now=NOW)
    with pytest.raises(NotFound):
        accept(token=token, user=None, account=ACCOUNT, now=NOW)


def test_an_invitation_ends_when_its_inviter_leaves_and_lives_when_a_colleague_sends_it_again(team: Team) -> None:
    invitation = _invite(team)
    token = _token(invitation)
    remove_member(member_id=team.ann.public_id, by=team.alice, now=NOW)
    with pytest.raises(NotFound):
        accept(token=token, user=None, account=ACCOUNT, now=NOW)
    resend(invitation_id=invitation.public_id, by=team.alice, now=NOW)
    assert accept(token=_token(invitation), user=None, account=ACCOUNT, now=NOW).role == Role.OPERATOR


def test_a_link_that_was_shown_to_an_inviter_opens_nothing(team: Team) -> None:
    invitation = Invitation.objects.get(pk=_invite(team).pk)
    shown = signing.Signer(salt="merchants.invitation").sign_object([invitation.public_id.hex, invitation.nonce])
    assert invitation_by_token(shown, now=NOW) is None


def test_letters_are_counted(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "LETTERS_PER_DAY", 2)
    _invite(team, "a@example.com")
    _invite(team, "b@example.com")
    with pytest.raises(TooMany):
        _invite(team, "c@example.com")
    assert not Invitation.objects.filter(email="c@example.com").exists()


def test_another_merchants_invitation_is_not_found(team: Team) -> None:
    other = make_merchant("rival")
    boss = make_member(other, Role.OWNER)
    with scope(merchant=other):
        foreign = invite(by=boss, email="x@example.com", role=Role.OPERATOR, language="en", now=NOW)
    with pytest.raises(NotFound):
        resend(invitation_id=foreign.public_id, by=team.alice, now=NOW)
    with pytest.raises(NotFound):
        revoke(invitation_id=foreign.public_id, by=team.alice, now=NOW)


def test_a_link_changes_nothing_for_somebody_who_has_a_place_already(team: Team) -> None:
    """Promotions are for owners and admins to make on the page of the team, not for old letters."""
    token = _token(_invite(team, role=Role.ADMIN, by=team.alice))
    fay = make_member(team.merchant, Role.OPERATOR, user=make_user("fay@example.com"))
    member = accept(token=token, user=fay.user, account=None, now=NOW)
    assert (member.pk, member.role) == (fay.pk, Role.OPERATOR)
    assert Member.objects.get(pk=fay.pk).role == Role.OPERATOR
    assert AuditEntry.objects.get(action="invitation.accepted").data["role"] == "operator"
