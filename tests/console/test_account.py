"""Sign-in, its second step, and what the browser remembers."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from cs_portal.merchants.adapters import MfaAdapter
from cs_portal.merchants.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def _sign_in(client: Client, user: User, **changes: str):
    return client.post(LOGIN, {"login": user.email, "password": PASSWORD, **changes})


def test_signing_in() -> None:
    assert _sign_in(Client(), make_user())["Location"] == "/console/"


def test_a_wrong_password_says_nothing_about_the_account() -> None:
    user = make_user()
    wrong = _sign_in(Client(), user, password="wrong").content.decode()
    unknown = _sign_in(Client(), user, login="nobody@example.com", password="wrong").content.decode()
    assert 'role="alert"' in wrong
    assert wrong.split('role="alert"')[1].split("</div>")[0] == unknown.split('role="alert"')[1].split("</div>")[0]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http://localhost/"]
)
def test_signing_in_leads_to_no_other_site(target: str) -> None:
    assert _sign_in(Client(), make_user(), next=target)["Location"] == "/console/"


def test_nobody_signs_up() -> None:
    body = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    answer = Client().post("/accounts/signup/", body)
    assert "Sign-up is closed" in answer.content.decode()
    assert not User.objects.exists()


def test_secrets_of_the_second_step_are_encrypted() -> None:
    adapter = MfaAdapter()
    assert adapter.encrypt("JBSWY3DP") != "JBSWY3DP"
    assert adapter.decrypt(adapter.encrypt("JBSWY3DP")) == "JBSWY3DP"


def test_the_second_step_is_asked_for() -> None:
    user = make_user()
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)
    client = Client()
    assert _sign_in(client, user)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/console/").status_code == 302
    assert "Enter your code" in client.get("/accounts/2fa/authenticate/").content.decode()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/console/"
    assert Authenticator.objects.count() == 1


def test_stored_secrets_are_unreadable_without_the_key() -> None:
    user = make_user()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.get().data)


def test_resetting_a_forgotten_password() -> None:
    user = make_user()
    client = Client()
    answer = client.post("/accounts/password/reset/", {"email": user.email}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    assert "Choose a new password" in form.content.decode()
    new = "another fine password"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert _sign_in(Client(), user, password=new)["Location"] == "/console/"
    assert "This link no longer works" in Client().get(link[1], follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer() -> None:
    answer = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in answer.content.decode()


def test_an_old_form_is_answered_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "a@example.com", "password": "x"})
    assert answer.status_code == 403
    assert "This page was open for too long." in answer.content.decode()


def test_the_theme_is_remembered_and_leads_nowhere_else() -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert (answer["Location"], client.cookies["cs_portal_theme"].value) == ("/", "dark")
    assert 'data-theme="dark"' in client.get(LOGIN).content.decode()
    client.post("/theme/", {"theme": '"><script>', "next": LOGIN})
    assert client.cookies["cs_portal_theme"].value == "system"
    assert client.get("/theme/").status_code == 405


def test_the_language_switch_works_without_javascript() -> None:
    client = Client()
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": LOGIN})
    assert answer["Location"] == LOGIN
    assert '<html lang="zh-Hans"' in client.get(LOGIN).content.decode()


ADDRESS = "/accounts/email/"


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_remove", "action_send"])
def test_the_page_of_the_address_changes_nothing(client: Client, action: str) -> None:
    user = make_user("fay@example.com")
    EmailAddress.objects.create(user=user, email="second@evil.example", verified=False)
    client.force_login(user)
    before = list(EmailAddress.objects.order_by("email").values_list("email", "primary"))
    assert client.post(ADDRESS, {action: "", "email": "second@evil.example"}).status_code == 405
    assert client.post(ADDRESS, {action: "", "email": "third@evil.example"}).status_code == 405
    user.refresh_from_db()
    assert user.email == "fay@example.com"
    assert list(EmailAddress.objects.order_by("email").values_list("email", "primary")) == before
    assert "fay@example.com" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("verified", [True, False])
def test_a_forgotten_password_is_mailed_to_the_sign_in_address_alone(client: Client, verified: bool) -> None:
    user = make_user("fay@example.com")
    EmailAddress.objects.create(user=user, email="second@evil.example", verified=verified)
    client.post("/accounts/password/reset/", {"email": "second@evil.example"})
    assert not any("/password/reset/key/" in letter.body for letter in mail.outbox)
    mail.outbox.clear()
    client.post("/accounts/password/reset/", {"email": "FAY@example.com"})
    assert [letter.to for letter in mail.outbox] == [["fay@example.com"]]
    assert "/password/reset/key/" in mail.outbox[0].body


def test_a_look_alike_of_an_address_gets_no_letter_of_its_own(client: Client) -> None:
    """The Kelvin sign lower-cases to a k."""
    make_user("kim@example.com")
    client.post("/accounts/password/reset/", {"email": "\u212aim@example.com"})
    assert all(letter.to == ["kim@example.com"] for letter in mail.outbox if "/reset/key/" in letter.body)
