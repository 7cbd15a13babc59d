"""Sign-in, its second step, and what the browser remembers."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
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
