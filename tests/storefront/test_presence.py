"""POST /chat/api/typing, seen, leave and email"""

from __future__ import annotations

from datetime import timedelta

import pytest

from cs_portal.conversations.models import Conversation
from cs_portal.conversations.services import is_away
from cs_portal.core.models import Event
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.storefront import limits
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db


def conversation() -> Conversation:
    with scopes_disabled():
        return Conversation.objects.get()


def test_typing_is_told_to_the_console(widget: Widget) -> None:
    opened = widget.open()
    assert widget.post("typing", {}).status_code == 204
    assert list(Event.objects.values_list("topic", "name", "data")) == [
        ("console", "shopper:typing", {"conversation": opened["conversation"]})
    ]


def test_looking_and_leaving_are_remembered(widget: Widget) -> None:
    widget.open()
    assert widget.post("seen", {}).status_code == 204
    assert conversation().shopper_seen_at == NOW
    assert not is_away(conversation(), now=NOW + timedelta(seconds=60))
    assert widget.post("leave", {}).status_code == 204
    assert is_away(conversation(), now=NOW)


def test_an_empty_body_will_do(widget: Widget) -> None:
    widget.open()
    assert widget.post("seen", content_type="").status_code == 204


def test_an_address_is_kept(widget: Widget) -> None:
    opened = widget.open()
    assert widget.post("email", {"email": " li@example.com "}).status_code == 204
    assert conversation().email == "li@example.com"
    assert widget.open(token=opened["token"])["state"]["has_email"] is True


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a@example.com\nBcc: b@example.com", "x" * 250 + "@example.com", 5, None]
)
def test_what_is_no_address_is_refused(widget: Widget, address: object) -> None:
    widget.open()
    answer = widget.post("email", {"email": address})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "email")
    assert conversation().email == ""


@pytest.mark.parametrize("path", ["typing", "seen", "leave", "email"])
def test_without_a_session_nothing_happens(widget: Widget, path: str) -> None:
    widget.open()
    before = conversation().shopper_seen_at
    assert widget.post(path, {}, token="wrong").status_code == 401
    assert (conversation().shopper_seen_at, Event.objects.count()) == (before, 0)


@pytest.mark.parametrize("path", ["typing", "seen", "leave", "email"])
def test_no_other_page_may_call(widget: Widget, path: str) -> None:
    widget.open()
    foreign = Widget(widget.storefront, **{"Sec-Fetch-Site": "same-site"})
    foreign.token = widget.token
    assert foreign.post(path, {"email": "li@example.com"} if path == "email" else {}).status_code == 403
    assert (conversation().email, Event.objects.count()) == ("", 0)


@pytest.mark.parametrize("path", ["typing", "seen", "leave", "email"])
def test_unknown_fields_and_other_methods_are_refused(widget: Widget, path: str) -> None:
    widget.open()
    answer = widget.post(path, {"version": 7})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "version")
    assert widget.call("GET", path).status_code == 405


@pytest.mark.parametrize("path", ["typing", "seen", "leave"])
def test_quiet_calls_are_limited_per_session(widget: Widget, path: str) -> None:
    widget.open()
    answers = [widget.post(path, {}).status_code for _ in range(limits.QUIET_CALLS_PER_SESSION + 1)]
    assert answers == [204] * limits.QUIET_CALLS_PER_SESSION + [429]


def test_addresses_are_limited_per_session(widget: Widget) -> None:
    widget.open()
    answers = [widget.post("email", {"email": f"a{n}@example.com"}).status_code for n in range(6)]
    assert answers == [204] * 5 + [429]
    assert conversation().email == "a4@example.com"
