"""Who invites a person must never come to own that person's account: the whole attack, step by step."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role, User
from tests.factories import make_member, make_merchant, make_user

pytestmark = pytest.mark.django_db
VICTIM, EVIL = "newhire@bigcorp.example", "evil@attacker.example"
LINK = re.compile(r"/join/[^\s\"<]+")


def _client(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def _invite(member: Member, slug: str) -> tuple[Any, str]:
    """The page that whoever invites sees, and the link in the victim's letter."""
    mail.outbox.clear()
    data = {"email": VICTIM, "role": Role.ANALYST}
    page = _client(member).post(f"/console/{slug}/settings/team/invite/", data, follow=True)
    run_due(["fast"], keep=False)
    (letter,) = mail.outbox
    assert letter.to == [VICTIM]
    found = LINK.search(str(letter.body))
    assert found
    return page, found.group()


def _reset_letters(address: str) -> list[list[str]]:
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": address})
    return [letter.to for letter in mail.outbox if "/reset/key/" in letter.body]


def test_an_inviter_cannot_take_over_the_invited_person() -> None:
    rival, mugs = make_merchant("rival"), make_merchant("mugs")
    mallory, alice = make_member(rival, Role.ADMIN), make_member(mugs, Role.OWNER)

    page, link = _invite(mallory, "rival")
    assert not LINK.search(page.content.decode())
    assert not User.objects.filter(email=VICTIM).exists()

    # Whoever reads the letter is the victim, who joins both merchants with one account.
    victim = Client()
    victim.post(link, {"name": "Vera", "password": "vera's very own words"})
    _page, second = _invite(alice, "mugs")
    assert victim.post(second)["Location"] == "/console/mugs/review/"
    assert victim.get("/console/mugs/settings/team/").status_code == 200


def test_a_stolen_session_leaves_no_way_back_into_the_account() -> None:
    """A guest at the victim's screen adds an address, or makes it the account's; neither survives a new password."""
    victim = make_user(VICTIM)
    guest = Client()
    guest.force_login(victim)
    for action in ("action_add", "action_primary"):
        assert guest.post("/accounts/email/", {action: "", "email": EVIL}).status_code == 405
    victim.refresh_from_db()
    assert victim.email == VICTIM
    assert _reset_letters(EVIL) == []
    assert _reset_letters(VICTIM) == [[VICTIM]]
