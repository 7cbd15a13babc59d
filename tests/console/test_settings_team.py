"""The team's page and the page that an invitation opens."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Invitation, Member, Role, User
from cs_portal.merchants.services.invitations import invite, token_of
from tests.console.conftest import Cast
from tests.factories import make_member, make_user

NEW = {"name": "Fay", "password": "a very long secret"}


def _url(path: str = "") -> str:
    return f"/console/mugs/settings/team/{path}"


def _link(cast: Cast, email: str = "fay@example.com", role: str = Role.OPERATOR) -> str:
    with scope(merchant=cast.merchant):
        invitation = invite(by=cast.alice, email=email, role=role, language="en", now=timezone.now())
    return f"/join/{token_of(invitation)}/"


def _signed_in(client: Client) -> str:
    request = HttpRequest()
    request.session = client.session
    return getattr(get_user(request), "email", "")


def _role(cast: Cast, email: str) -> str:
    with scope(merchant=cast.merchant):
        return Member.objects.get(user__email=email, removed_at=None).role


def test_inviting_mails_the_link_and_shows_it_to_nobody(cast: Cast) -> None:
    client = cast.client(cast.ann)
    page = client.post(_url("invite/"), {"email": "fay@example.com", "role": "operator"}, follow=True)
    with scope(merchant=cast.merchant):
        invitation = Invitation.objects.get()
    again = client.post(_url(f"invitations/{invitation.public_id}/resend/"), follow=True)
    for shown in (page, again, client.get(_url())):
        assert shown.status_code == 200
        assert "fay@example.com" in shown.content.decode()
        assert "/join/" not in shown.content.decode()
    run_due(["fast"], keep=False)
    assert "/join/" in mail.outbox[-1].body


def test_a_link_of_the_page_is_not_in_an_operators_page(cast: Cast) -> None:
    _link(cast)
    page = cast.client(cast.olaf).get(_url()).content.decode()
    assert "fay@example.com" not in page
    assert "Invite a colleague" not in page


@pytest.mark.parametrize("data", [{"email": "x", "role": "operator"}, {"email": "a@example.com", "role": "owner"}])
def test_what_an_admin_may_not_invite(cast: Cast, data: dict[str, str]) -> None:
    assert cast.client(cast.ann).post(_url("invite/"), data).status_code == 422
    with scope(merchant=cast.merchant):
        assert not Invitation.objects.exists()


@pytest.mark.parametrize("step", ["role/", "remove/", "restore/"])
def test_members_are_out_of_reach_for_operators_and_strangers(cast: Cast, step: str) -> None:
    url = _url(f"{cast.bob.public_id}/{step}")
    assert cast.client(cast.olaf).post(url, {"role": "admin"}).status_code == 403
    assert cast.client(cast.charlie).post(url, {"role": "admin"}).status_code == 404
    theirs = f"/console/rival/settings/team/{cast.bob.public_id}/{step}"
    assert cast.client(cast.charlie).post(theirs, {"role": "admin"}).status_code == 404
    assert _role(cast, cast.bob.user.email) == Role.OPERATOR
    assert not AuditEntry.objects.exists()


def test_an_owner_is_safe_from_admins_and_the_last_one_from_themselves(cast: Cast) -> None:
    alice = _url(f"{cast.alice.public_id}/")
    assert cast.client(cast.ann).post(f"{alice}role/", {"role": "analyst"}).status_code == 403
    assert cast.client(cast.ann).post(f"{alice}remove/").status_code == 403
    assert cast.client(cast.alice).post(f"{alice}remove/").status_code == 409
    assert _role(cast, cast.alice.user.email) == Role.OWNER


def test_a_removed_member_is_out_at_once_and_back_by_undo(cast: Cast) -> None:
    olaf, ann = cast.client(cast.olaf), cast.client(cast.ann)
    assert olaf.get(_url()).status_code == 200
    page = ann.post(_url(f"{cast.olaf.public_id}/remove/"), follow=True).content.decode()
    assert olaf.get(_url()).status_code == 404
    assert f'action="{_url(f"{cast.olaf.public_id}/restore/")}"' in page
    ann.post(_url(f"{cast.olaf.public_id}/restore/"))
    assert olaf.get(_url()).status_code == 200


def test_whoever_leaves_lands_at_the_front_door(cast: Cast) -> None:
    assert cast.client(cast.ann).post(_url(f"{cast.ann.public_id}/remove/"))["Location"] == "/console/"


def test_queries_do_not_grow_with_the_team(cast: Cast) -> None:
    client, counts = cast.client(cast.ann), []
    client.get(_url())
    for more in (0, 5):
        for _ in range(more):
            make_member(cast.merchant)
        with CaptureQueriesContext(connection) as queries:
            client.get(_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- the link ----------------------------------------------------------------------------------------------------


def test_a_new_person_makes_an_account_and_is_inside(cast: Cast) -> None:
    link, client = _link(cast), Client()
    answer = client.post(link, NEW)
    assert answer["Location"] == "/console/mugs/review/"
    assert _signed_in(client) == "fay@example.com"
    assert client.get("/console/mugs/review/").status_code == 200
    assert Client().get(link).status_code == 404


def test_the_page_is_the_same_whether_the_address_has_an_account(cast: Cast) -> None:
    make_user("known@example.com")
    pages = []
    for email in ("known@example.com", "fresh@example.com"):
        link = _link(cast, email)
        text = Client().get(link).content.decode()
        token = link.removeprefix("/join/").rstrip("/")
        for own in (token, token.replace(":", "%3A"), token.replace(":", "%253A"), email):
            text = text.replace(own, "-")
        pages.append(_without_csrf(text))
    assert pages[0] == pages[1]


def _without_csrf(text: str) -> str:
    import re

    return re.sub(r"[A-Za-z0-9]{64}", "-", text)


def test_an_existing_user_joins_by_signing_in(cast: Cast) -> None:
    fay = make_user("fay@example.com")
    link, client = _link(cast), Client()
    assert client.post(link, NEW).status_code == 422
    assert User.objects.get(pk=fay.pk).check_password("correct horse battery")
    client.force_login(fay)
    assert client.post(link)["Location"] == "/console/mugs/review/"
    assert _role(cast, "fay@example.com") == Role.OPERATOR


def test_somebody_else_cannot_take_the_invitation(cast: Cast) -> None:
    link = _link(cast)
    client = cast.client(cast.charlie)
    assert "who was not invited" in client.get(link).content.decode()
    assert client.post(link, NEW).status_code == 422
    with scope(merchant=cast.merchant):
        assert not Member.objects.filter(user=cast.charlie.user).exists()
    assert Client().get(link).status_code == 200


def test_opening_the_link_changes_nothing_and_is_not_kept(cast: Cast) -> None:
    link = _link(cast)
    for _ in range(2):
        answer = Client().get(link)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "WyJhIl0:x"])
def test_a_dead_link_is_one_page(db: None, token: str) -> None:
    answer = Client().get(f"/join/{token}/")
    assert answer.status_code == 404
    assert b"This link opens nothing" in answer.content


def test_guessing_is_slowed_down(db: None) -> None:
    codes = [Client().get(f"/join/x{n}/").status_code for n in range(31)]
    assert (codes[0], codes[-1]) == (404, 429)


def test_joining_needs_a_csrf_token(cast: Cast) -> None:
    assert Client(enforce_csrf_checks=True).post(_link(cast), NEW).status_code == 403


def test_a_weak_password_is_refused_and_the_link_stays(cast: Cast) -> None:
    link = _link(cast)
    assert Client().post(link, {**NEW, "password": "short"}).status_code == 422
    assert Client().get(link).status_code == 200
