"""Roles, removal and coming back; owners are safe from admins, and one owner always stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.merchants.selectors import members, membership, memberships_of
from cs_portal.merchants.services.team import (
    change_role,
    remove_member,
    require_second_factor,
    restore_member,
)
from cs_portal.merchants.services.tokens import authenticate_token, create_token
from tests.factories import make_member, make_merchant

NOW = timezone.now()


@dataclass
class Team:
    merchant: Merchant
    alice: Member
    ann: Member
    olaf: Member


@pytest.fixture
def team(db: None) -> Iterator[Team]:
    merchant = make_merchant("mugs")
    made = Team(
        merchant,
        make_member(merchant, Role.OWNER, name="Alice"),
        make_member(merchant, Role.ADMIN, name="Ann"),
        make_member(merchant, Role.OPERATOR, name="Olaf"),
    )
    with scope(merchant=merchant):
        yield made


def _role(member: Member) -> str:
    return Member.objects.get(pk=member.pk).role


def test_an_admin_changes_an_operator_and_the_log_says_so(team: Team) -> None:
    change_role(member_id=team.olaf.public_id, by=team.ann, role=Role.ANALYST, now=NOW)
    assert _role(team.olaf) == Role.ANALYST
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.data) == ("member.role_changed", {"from": "operator", "to": "analyst"})


def test_an_admin_neither_makes_nor_touches_owners(team: Team) -> None:
    with pytest.raises(NotAllowed):
        change_role(member_id=team.olaf.public_id, by=team.ann, role=Role.OWNER, now=NOW)
    with pytest.raises(NotAllowed):
        change_role(member_id=team.alice.public_id, by=team.ann, role=Role.ANALYST, now=NOW)
    with pytest.raises(NotAllowed):
        remove_member(member_id=team.alice.public_id, by=team.ann, now=NOW)
    assert (_role(team.olaf), _role(team.alice)) == (Role.OPERATOR, Role.OWNER)
    assert not AuditEntry.objects.exists()


def test_the_last_owner_stays_an_owner_and_stays(team: Team) -> None:
    with pytest.raises(Conflict):
        change_role(member_id=team.alice.public_id, by=team.alice, role=Role.ADMIN, now=NOW)
    with pytest.raises(Conflict):
        remove_member(member_id=team.alice.public_id, by=team.alice, now=NOW)
    change_role(member_id=team.ann.public_id, by=team.alice, role=Role.OWNER, now=NOW)
    change_role(member_id=team.alice.public_id, by=team.alice, role=Role.ADMIN, now=NOW)
    assert _role(team.alice) == Role.ADMIN


def test_a_removed_owner_does_not_count_as_the_other_owner(team: Team) -> None:
    change_role(member_id=team.ann.public_id, by=team.alice, role=Role.OWNER, now=NOW)
    remove_member(member_id=team.ann.public_id, by=team.alice, now=NOW)
    with pytest.raises(Conflict):
        remove_member(member_id=team.alice.public_id, by=team.alice, now=NOW)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_others_may_not(team: Team, role: str) -> None:
    other = make_member(team.merchant, role)
    for deed in (
        lambda: change_role(member_id=team.olaf.public_id, by=other, role=Role.ADMIN, now=NOW),
        lambda: remove_member(member_id=team.olaf.public_id, by=other, now=NOW),
        lambda: restore_member(member_id=team.olaf.public_id, by=other, now=NOW),
        lambda: require_second_factor(by=other, required=False, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_a_removed_member_is_a_stranger_but_keeps_the_row(team: Team) -> None:
    remove_member(member_id=team.olaf.public_id, by=team.ann, now=NOW)
    assert membership(user=team.olaf.user, slug="mugs") is None
    assert memberships_of(user=team.olaf.user) == []
    assert team.olaf not in members()
    assert Member.objects.filter(pk=team.olaf.pk).exists()
    with pytest.raises(NotFound):
        remove_member(member_id=team.olaf.public_id, by=team.ann, now=NOW)


def test_undo_brings_the_member_back_once(team: Team) -> None:
    remove_member(member_id=team.olaf.public_id, by=team.ann, now=NOW)
    for _ in range(2):
        restore_member(member_id=team.olaf.public_id, by=team.ann, now=NOW)
    assert membership(user=team.olaf.user, slug="mugs") == team.olaf
    assert AuditEntry.objects.filter(action="member.restored").count() == 1


def test_an_admin_brings_no_owner_back(team: Team) -> None:
    change_role(member_id=team.ann.public_id, by=team.alice, role=Role.OWNER, now=NOW)
    boss = Member.objects.select_related("user").get(pk=team.ann.pk)
    remove_member(member_id=team.alice.public_id, by=boss, now=NOW)
    admin = make_member(team.merchant, Role.ADMIN)
    with pytest.raises(NotAllowed):
        restore_member(member_id=team.alice.public_id, by=admin, now=NOW)


def test_an_unknown_role_is_refused(team: Team) -> None:
    with pytest.raises(Invalid):
        change_role(member_id=team.olaf.public_id, by=team.alice, role="king", now=NOW)


def test_members_come_owners_first(team: Team) -> None:
    assert [member.role for member in members()] == ["owner", "admin", "operator"]


def test_two_steps_are_required_by_those_who_have_them_only(team: Team) -> None:
    with pytest.raises(Conflict):
        require_second_factor(by=team.alice, required=True, now=NOW)
    assert not Merchant.objects.get(pk=team.merchant.pk).requires_mfa


def test_the_tokens_of_a_removed_member_are_dead_and_stay_so(team: Team) -> None:
    made = {"name": "Shop", "scopes": ["read"], "days": None, "now": NOW}
    theirs, plain = create_token(by=team.ann, **made)
    _ours, kept = create_token(by=team.alice, **made)
    remove_member(member_id=team.ann.public_id, by=team.alice, now=NOW)
    assert authenticate_token(presented=plain, scope="read", now=NOW) is None
    assert authenticate_token(presented=kept, scope="read", now=NOW) is not None
    assert AuditEntry.objects.filter(action="token.revoked", target=f"token:{theirs.public_id}").count() == 1
    restore_member(member_id=team.ann.public_id, by=team.alice, now=NOW)
    assert authenticate_token(presented=plain, scope="read", now=NOW) is None


def test_who_may_make_no_tokens_any_more_loses_those_they_made(team: Team) -> None:
    made = {"name": "Shop", "scopes": ["read", "write"], "days": None, "now": NOW}
    bea = make_member(team.merchant, Role.OWNER, name="Bea")
    _theirs, owners = create_token(by=bea, **made)
    change_role(member_id=bea.public_id, by=team.alice, role=Role.ADMIN, now=NOW)
    assert authenticate_token(presented=owners, scope="write", now=NOW) is not None
    for role in (Role.OPERATOR, Role.ANALYST):
        token, plain = create_token(by=team.ann, **made)
        _ours, kept = create_token(by=team.alice, **made)
        change_role(member_id=team.ann.public_id, by=team.alice, role=role, now=NOW)
        assert authenticate_token(presented=plain, scope="read", now=NOW) is None
        assert authenticate_token(presented=kept, scope="write", now=NOW) is not None
        entry = AuditEntry.objects.get(action="token.revoked", target=f"token:{token.public_id}")
        assert entry.actor_id == str(team.alice.public_id)
        change_role(member_id=team.ann.public_id, by=team.alice, role=Role.ADMIN, now=NOW)
        team.ann.refresh_from_db()
        assert authenticate_token(presented=plain, scope="read", now=NOW) is None
