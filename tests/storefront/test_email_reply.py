"""The job that writes to shoppers who left before the reply came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import leave_email, mark_left, mark_seen, post_reply
from cs_portal.core.jobs import lease_next
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run, run_due
from cs_portal.merchants.models import Merchant, Storefront
from tests.factories import make_conversation, make_product, make_shopper
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db
TEXT = "Your mug is <on> its way & arrives tomorrow."


@pytest.fixture
def conversation(merchant: Merchant, storefront: Storefront) -> Conversation:
    shopper = make_shopper(merchant, name="Li Wei")
    return make_conversation(merchant, shopper, storefront, texts=["Where is it?"], email="li@example.com", now=NOW)


def reply(conversation: Conversation, text: str = TEXT, **fields: Any) -> Any:
    with scope(merchant=conversation.merchant):
        return post_reply(
            conversation=conversation, author=Author.BOT, member=None, text=text, draft_key=uuid4(), now=NOW, **fields
        )


def leave(conversation: Conversation) -> None:
    with scope(merchant=conversation.merchant):
        mark_left(conversation_id=conversation.pk, now=NOW)


def look(conversation: Conversation) -> None:
    with scope(merchant=conversation.merchant):
        mark_seen(conversation_id=conversation.pk, now=NOW)


def work() -> int:
    return run_due(["fast"], keep=False)


def letter() -> EmailMultiAlternatives:
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    return sent


def test_who_left_gets_the_reply_once(conversation: Conversation) -> None:
    leave(conversation)
    message = reply(conversation)
    work()
    work()
    sent = letter()
    assert (sent.subject, sent.to) == ("Tea House has replied to you", ["li@example.com"])
    assert sent.extra_headers["Message-ID"] == f"<reply.{message.public_id}@127.0.0.1>"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert TEXT in str(sent.body)
    assert "https://shop.example.com/#csportal=open" in str(sent.body)
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "Your mug is &lt;on&gt; its way &amp; arrives tomorrow." in str(html)


def test_the_letter_speaks_the_conversations_language(conversation: Conversation) -> None:
    leave(conversation)
    with scope(merchant=conversation.merchant):
        Conversation.objects.update(locale="zh-hans")
        conversation.refresh_from_db()
    reply(conversation)
    work()
    assert letter().subject.startswith("茶舍")


def test_the_letter_does_not_carry_what_the_shopper_wrote(conversation: Conversation) -> None:
    leave(conversation)
    reply(conversation)
    work()
    assert "Where is it?" not in letter().message().as_string()


def test_the_letter_links_the_products_of_the_replys_cards(conversation: Conversation, merchant: Merchant) -> None:
    make_product(merchant, external_id="p-9", title_en="Mug <b>", url="https://shop.example.com/p-9")
    make_product(merchant, external_id="p-8", title_en="Lamp", url="javascript:1")
    leave(conversation)
    cards = [{"kind": "product", "id": "p-9"}, {"kind": "product", "id": "p-8"}, {"kind": "order", "number": "10533"}]
    reply(conversation, cards=cards)
    work()
    assert "Mug <b>, ¥43.00: https://shop.example.com/p-9" in letter().body
    html = str(letter().alternatives[0].content)
    assert '<a href="https://shop.example.com/p-9"' in html
    assert "Mug &lt;b&gt;</a>" in html
    assert "javascript" not in html + letter().body


def test_without_an_address_nothing_is_sent(conversation: Conversation) -> None:
    leave(conversation)
    with scope(merchant=conversation.merchant):
        Conversation.objects.update(email="")
    reply(conversation)
    work()
    assert mail.outbox == []
    assert Job.objects.get(kind="email_reply").state == JobState.DONE


def test_who_was_never_there_gets_the_letter(conversation: Conversation) -> None:
    reply(conversation)
    work()
    assert len(mail.outbox) == 1


def test_who_may_still_be_looking_gets_it_only_if_they_are_not(conversation: Conversation) -> None:
    look(conversation)
    reply(conversation)
    work()
    assert mail.outbox == []
    later = Job.objects.get(kind="email_reply", state=JobState.READY)
    assert later.execute_after == NOW + timedelta(seconds=61)
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        work()
        work()
    assert len(mail.outbox) == 1


def test_who_read_it_on_screen_and_then_left_gets_no_letter(widget: Widget) -> None:
    widget.open()
    widget.say()
    widget.post("email", {"email": "li@example.com"})
    with scope(merchant=widget.storefront.merchant):
        conversation = Conversation.objects.get()
    reply(conversation)
    Job.objects.filter(kind="draft_reply").delete()
    work()
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        widget.post("seen", {})
        widget.post("leave", {})
    with time_machine.travel(NOW + timedelta(seconds=90), tick=False):
        work()
    assert mail.outbox == []
    letters = Job.objects.filter(kind="email_reply")
    assert set(letters.values_list("state", flat=True)) == {JobState.DONE, JobState.CANCELLED}


def test_a_worker_that_died_after_sending_repeats_the_same_letter(conversation: Conversation) -> None:
    leave(conversation)
    reply(conversation)
    lease = lease_next(["fast"], owner="w-1", now=NOW)
    assert lease is not None
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        work()  # the lease ran out: another worker takes the job
        run(lease)  # and the first one comes back to life
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert Job.objects.get(kind="email_reply").state == JobState.DONE


def test_a_shops_name_cannot_add_a_header(conversation: Conversation) -> None:
    merchant = conversation.merchant
    merchant.name = "Tea\r\nBcc: all@example.com"
    merchant.save()
    leave(conversation)
    reply(conversation)
    work()
    assert letter().subject == "Tea Bcc: all@example.com has replied to you"
    assert letter().recipients() == ["li@example.com"]


def test_a_message_that_is_gone_is_no_failure(conversation: Conversation) -> None:
    leave(conversation)
    message = reply(conversation)
    with scope(merchant=conversation.merchant):
        message.delete()
    work()
    assert mail.outbox == []
    assert Job.objects.get(kind="email_reply").state == JobState.DONE


def test_an_address_left_in_time_is_used(conversation: Conversation) -> None:
    leave(conversation)
    with scope(merchant=conversation.merchant):
        leave_email(conversation_id=conversation.pk, email="new@example.com", now=NOW)
    reply(conversation)
    work()
    assert letter().to == ["new@example.com"]
