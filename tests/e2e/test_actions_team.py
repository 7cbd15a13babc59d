"""A colleague is invited, joins in a browser of their own, gets another role and turns on two-step sign-in."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from email import message_from_bytes
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext
from tests.e2e.hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.models]

PASSWORD = "three-unrelated-words-here"


def code_of(secret: str) -> str:
    """What an authenticator app shows (RFC 6238); at the end of its half minute one waits for the next."""
    if time.time() % 30 > 22:
        time.sleep(30 - time.time() % 30)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


def invite(hands: Hands, email: str) -> str:
    """The link of the invitation, which stands in its letter alone."""
    page = hands.page
    hands.go("settings/team/")
    form = page.locator("form.inline-form")
    hands.write(form.locator("#id_email"), email)
    hands.choose(form.locator("#id_role"), "Analyst")
    hands.button("Invite", form)
    hands.told("on its way")
    expect(page.locator("main")).not_to_contain_text("/join/")
    return letter_link(hands.stack.folder / "mail", email)


def letter_link(folder: Path, email: str) -> str:
    """From the letter to ``email``, which a worker writes a moment after the click."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for path in folder.glob("*.log"):
            for text in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                letter = message_from_bytes(text.strip())
                body = letter.get_payload(decode=True)
                if letter["To"] == email and isinstance(body, bytes) and (found := re.search(rb"\S+/join/\S+", body)):
                    return found.group().decode()
        time.sleep(0.2)
    raise AssertionError(f"no letter to {email}")


def enter_password(hands: Hands) -> None:
    """Where it is asked for once more."""
    asked = hands.page.locator("form[action*=reauthenticate]")
    expect(asked.or_(hands.page.locator("img.qr")).first).to_be_visible()
    if asked.count():
        hands.write(hands.page.locator("#id_password"), PASSWORD)
        hands.button("Continue", asked)


def test_a_colleague_joins_and_protects_the_account(hands: Hands, new_context: NewContext) -> None:
    email = f"{hands.mark}@fernhill.example"
    link = invite(hands, email)
    other = new_context(java_script_enabled=hands.scripts).new_page()
    colleague = Hands(other, hands.stack, hands.way)
    other.goto(link)
    expect(other.locator("main")).to_contain_text(email)
    colleague.write(other.locator("#id_name"), f"Robin {hands.mark}")
    colleague.write(other.locator("#id_password"), PASSWORD)
    colleague.button("Make the account and join")
    colleague.told("Welcome to Fernhill")

    row = hands.page.locator(".data-table tr", has_text=email)
    hands.go("settings/team/")
    expect(row).to_contain_text(f"Robin {hands.mark}")
    hands.choose(row.locator("select"), "Operator")
    hands.button("Change", row)
    expect(row.locator("select option:checked")).to_have_text("Operator")

    secret = protect(colleague)
    hands.go("settings/team/")
    expect(row).to_contain_text("On")
    sign_in_with_code(colleague, email, secret)


def protect(hands: Hands) -> str:
    """Turn on two-step sign-in; the app's secret."""
    page = hands.page
    hands.go("settings/two-step/")
    hands.link("Set up")
    enter_password(hands)
    secret = page.locator("code.snippet").inner_text().strip()
    hands.write(page.locator("#id_code"), code_of(secret))
    hands.button("Turn on")
    expect(page.locator("body")).to_contain_text(re.compile("recovery codes", re.IGNORECASE))
    hands.go("settings/two-step/")
    expect(page.locator("section[aria-labelledby=mine-title]")).to_contain_text("On")
    return secret


def sign_in_with_code(hands: Hands, email: str, secret: str) -> None:
    page = hands.page
    page.context.clear_cookies()
    page.goto(f"{hands.stack.portal}/accounts/login/")
    hands.write(page.locator("#id_login"), email)
    hands.write(page.locator("#id_password"), PASSWORD)
    hands.button("Sign in", page.locator("form[action*=login]"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enter your code")
    hands.write(page.locator("#id_code"), code_of(secret))
    hands.button("Sign in", page.locator("form[action*=authenticate]"))
    page.wait_for_url("**/console/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
