"""GET /chat/api/transcript and POST /chat/api/transcript/mail"""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core import mail

from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import add_note, leave_email, post_reply
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.core.workers import run_due
from cs_portal.storefront import limits
from tests.factories import make_member, make_product
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db
HOSTILE = '<img src=x onerror="alert(1)"> & more'


def talk(widget: Widget) -> None:
    widget.say(HOSTILE)
    with scopes_disabled():
        conversation = Conversation.objects.select_related("merchant").get()
    member = make_member(conversation.merchant, name="Olaf Berg")
    make_product(conversation.merchant, external_id="p-9", title_en="Hearth Teapot", url="https://shop.example.com/p-9")
    with scope(merchant=conversation.merchant):
        add_note(conversation_id=conversation.public_id, by=member, text="Known to complain", now=NOW)
        post_reply(
            conversation=conversation,
            author=Author.OPERATOR,
            member=member,
            text="Have a look at this one.",
            draft_key=uuid4(),
            cards=[{"kind": "product", "id": "p-9"}],
            now=NOW,
        )


def test_the_file_holds_what_was_on_screen_and_nothing_internal(widget: Widget) -> None:
    widget.open()
    talk(widget)
    answer = widget.call("GET", "transcript?format=txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="chat-2026-11-24.txt"'
    text = answer.content.decode()
    for expected in ("2026-11-24 18:00  You", HOSTILE, "Olaf Berg", "Hearth Teapot", "https://shop.example.com/p-9"):
        assert expected in text
    assert "Known to complain" not in text


def test_the_page_is_data_and_never_markup(widget: Widget) -> None:
    widget.open()
    talk(widget)
    answer = widget.call("GET", "transcript")
    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<img" not in text
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; more" in text
    assert "<script" not in text
    assert "Known to complain" not in text


def test_it_speaks_the_conversations_language(widget: Widget) -> None:
    widget.open(locale="zh-CN")
    text = widget.call("GET", "transcript").content.decode()
    assert '<html lang="zh-Hans">' in text
    assert "茶舍" in text


def test_only_two_formats(widget: Widget) -> None:
    widget.open()
    answer = widget.call("GET", "transcript?format=../settings")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "format")


@pytest.mark.parametrize("token", ["", "x"])
def test_without_a_session_there_is_no_file(widget: Widget, token: str) -> None:
    widget.open()
    widget.say("Secret")
    answer = widget.call("GET", "transcript", token=token)
    assert answer.status_code == 401
    assert b"Secret" not in answer.content


def test_files_are_limited_per_session(widget: Widget) -> None:
    widget.open()
    answers = [widget.call("GET", "transcript").status_code for _ in range(limits.WISHES_PER_SESSION + 1)]
    assert answers == [200] * limits.WISHES_PER_SESSION + [429]


def test_the_letter_goes_to_the_address_that_the_shop_vouches_for(widget: Widget) -> None:
    opened = widget.open(identity=widget.identity("s-17", name="Li Wei", email="li@example.com"))
    assert opened["state"]["mail_to"] == "li@example.com"
    talk(widget)
    answer = widget.post("transcript/mail", {})
    assert (answer.status_code, answer.json()) == (200, {"email": "li@example.com"})
    run_due(["fast"], keep=False)
    sent = next(letter for letter in mail.outbox if "conversation" in letter.subject)
    assert (sent.to, sent.subject) == (["li@example.com"], "Your conversation with Tea House")
    assert "Have a look at this one." in str(sent.body)


def test_an_address_that_anyone_could_have_typed_gets_nothing(widget: Widget) -> None:
    widget.open()
    widget.say("Buy pills at https://evil.example")
    with scopes_disabled():
        conversation = Conversation.objects.select_related("merchant").get()
    with scope(merchant=conversation.merchant):
        leave_email(conversation_id=conversation.pk, email="victim@example.com", now=NOW)
    assert widget.call("GET", "messages").json()["state"]["mail_to"] == ""
    answer = widget.post("transcript/mail", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert not Job.objects.filter(kind="email_transcript").exists()


def test_letters_are_limited_per_session(widget: Widget) -> None:
    widget.open(identity=widget.identity("s-17", email="li@example.com"))
    answers = [widget.post("transcript/mail", {}).status_code for _ in range(limits.LETTERS_PER_SESSION + 1)]
    assert answers == [200] * limits.LETTERS_PER_SESSION + [429]
