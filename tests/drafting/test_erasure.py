"""Forgetting a shopper: the whole database is searched for them, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus, Payment, Shipment, Shopper
from cs_portal.conversations import search
from cs_portal.conversations.models import Activity, Author, Conversation, Message, Note, OutgoingReply
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core import jobs
from cs_portal.core.errors import Invalid, NotAllowed, NotFound
from cs_portal.core.jobs import lease_next
from cs_portal.core.models import AuditEntry, Event, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Decision, Draft, Review
from cs_portal.drafting.services import erasure
from cs_portal.drafting.services.erasure import erase_shopper, expired_conversations, next_sweep_at, set_retention
from cs_portal.drafting.services.own_words import post_own_reply, send_own_reply
from cs_portal.drafting.services.shopper_export import ask_for_export
from cs_portal.merchants.models import Member, Merchant, Role, ShopperExport
from cs_portal.storefront.models import ChatSession
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_message,
    make_order,
    make_shopper,
)

NOW = timezone.now()
#: What must be nowhere afterwards: name, shop id, e-mail, the other address, phone, street, tracking, words, notes.
MARKS = (
    "zephyrine",
    "quartermain",
    "cust-90417",
    "zq@example.org",
    "aside@example.net",
    "13700001234",
    "juniper",
    "trk-55512",
    "leave it with the neighbour",
    "marzipan",
    "wechat-77",
    "nougat",
    "praline",
    "cardamom",
    "saffron",
    "turmeric",
    "liquorice",
)


def everything() -> str:
    """Every value of every table, tables of no model and packed ones included, in lower case."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [_text(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found).lower()


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", errors="ignore")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


@pytest.fixture
def ann(db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN, name="Ann")
    with scope(merchant=merchant):
        yield member


def _zephyrine(merchant: Merchant, now: datetime = NOW) -> Shopper:
    """A shopper with something in every place that can hold a shopper."""
    shopper = make_shopper(
        merchant,
        "cust-90417",
        name="Zephyrine Quartermain",
        email="zq@example.org",
        phone="13700001234",
        tags=["likes nougat"],
        payment_methods=[{"id": "wechat-77", "label": "wechat-77"}],
    )
    order = make_order(
        merchant,
        shopper,
        number="88001",
        address={"name": "Zephyrine Quartermain", "street": "17 Juniper Crescent"},
        note="Leave it with the neighbour",
    )
    Payment.objects.filter(order=order).update(method_id="wechat-77")
    Shipment.objects.create(order=order, tracking="TRK-55512", carrier="SF Express")
    conversation = make_conversation(
        merchant,
        shopper,
        email="aside@example.net",
        preview="My marzipan is broken",
        csat_score=2,
        csat_comment="No praline at all",
    )
    for text in ("My marzipan is broken", "I am Zephyrine, 13700001234, 17 Juniper Crescent"):
        search.index_message(make_message(conversation, text, cards=[{"kind": "order", "number": "88001"}]))
    search.index_note(Note.objects.create(conversation=conversation, text="Wants cardamom", created_at=now))
    search.index_email(conversation_id=conversation.pk, email=conversation.email)
    search.index_shoppers([shopper.pk])
    Activity.objects.create(conversation=conversation, kind="csat", data={"score": 2}, created_at=now)
    OutgoingReply.objects.create(
        conversation=conversation, text="Dear Zephyrine, saffron", execute_after=now, created_at=now
    )
    draft = make_draft(
        merchant,
        conversation,
        texts=("Dear Zephyrine, your marzipan",),
        order=order,
        entities=[{"kind": "address", "value": "17 Juniper Crescent"}],
        request={"action": "change_address", "address": {"street": "17 Juniper Crescent"}},
        evidence=[{"kind": "order", "text": "17 Juniper Crescent"}],
    )
    Review.objects.create(
        draft=draft, decision=Decision.REJECTED, text="turmeric", note="liquorice Zephyrine", created_at=now
    )
    storefront = conversation.storefront
    ChatSession.objects.create(
        storefront=storefront,
        shopper=shopper,
        conversation=conversation,
        token_hash="0" * 64,
        expires_at=now,
        created_at=now,
    )
    ShopperExport.objects.create(
        shopper=shopper.public_id, document='{"name": "Zephyrine"}', created_at=now, expires_at=now
    )
    return shopper


def _erase(shopper: Shopper, by: Member) -> None:
    erase_shopper(shopper_id=shopper.public_id, by=by, confirmation=shopper.email or shopper.name, now=NOW)


def test_nothing_of_the_shopper_is_left_anywhere(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    before = everything()
    assert [mark for mark in MARKS if mark not in before] == []
    _erase(shopper, ann)
    assert run_due(["bulk"], keep=False) == 1
    after = everything()
    assert [mark for mark in MARKS if mark in after] == []


def test_the_books_stay_without_the_person(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    _erase(shopper, ann)
    order = Order.objects.get(number="88001")
    assert (order.status, order.paid_minor, order.address, order.note) == (OrderStatus.DELIVERED, 8600, {}, "")
    assert order.lines.get().title == "Mug"
    assert order.payments.get().amount_minor == 8600
    shopper.refresh_from_db()
    assert (shopper.external_id, shopper.name, shopper.email, shopper.phone) == (None, "", "", "")


def test_a_shopper_without_orders_leaves_no_row(ann: Member) -> None:
    shopper = make_shopper(ann.merchant, None)
    make_conversation(ann.merchant, shopper, texts=["hello"])
    erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation=str(shopper.public_id)[:8], now=NOW)
    assert not Shopper.objects.exists()
    assert not Conversation.objects.exists()


def test_others_are_untouched(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    other = make_shopper(ann.merchant, name="Li Wei", phone="555")
    kept = make_draft(ann.merchant, make_conversation(ann.merchant, other, texts=["Where is it?"]))
    make_order(ann.merchant, other, number="1", address={"street": "Elm"})
    _erase(shopper, ann)
    assert Order.objects.get(number="1").address == {"street": "Elm"}
    assert Draft.objects.get().pk == kept.pk
    assert Message.objects.count() == 1
    other.refresh_from_db()
    assert (other.name, other.phone) == ("Li Wei", "555")


def test_the_log_says_that_it_happened_by_id_alone(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    _erase(shopper, ann)
    entry = AuditEntry.objects.get(action="shopper.erased")
    assert (entry.target, entry.actor_id) == (f"shopper:{shopper.public_id}", str(ann.public_id))


@pytest.mark.parametrize("typed", ["", "zq@example", "Zephyrine Quartermain!"])
def test_a_wrong_confirmation_erases_nothing(ann: Member, typed: str) -> None:
    shopper = _zephyrine(ann.merchant)
    with pytest.raises(Invalid):
        erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation=typed, now=NOW)
    assert Message.objects.exists()
    assert not AuditEntry.objects.exists()


def test_operators_erase_nobody_and_strangers_find_nobody(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    with pytest.raises(NotAllowed):
        _erase(shopper, make_member(ann.merchant, Role.OPERATOR))
    rival = make_merchant("rival")
    boss = make_member(rival, Role.OWNER)
    with scope(merchant=rival), pytest.raises(NotFound):
        _erase(shopper, boss)
    assert Message.objects.exists()


def test_every_field_of_a_shopper_and_order_was_thought_of() -> None:
    """A new field must be forgotten by ``erasure``, or listed here as one that says nothing of the person."""
    harmless = {"id", "merchant", "public_id", "locale", "created_at", "search"}
    assert {f.name for f in Shopper._meta.concrete_fields} - harmless == {
        *("external_id", "name", "email", "phone", "tags", "payment_methods"),
    }
    texts = {f.name for f in Order._meta.concrete_fields if f.get_internal_type() in {"TextField", "JSONField"}}
    assert texts == {"address", "note"}


def test_waiting_jobs_go_and_a_worker_in_the_middle_loses_its_lease(ann: Member) -> None:
    shopper = make_shopper(ann.merchant, name="Zephyrine")
    conversation = make_conversation(ann.merchant, shopper)
    receive_shopper_message(conversation_id=conversation.pk, text="marzipan?", client_id="c1", now=NOW)
    other = make_conversation(ann.merchant)
    receive_shopper_message(conversation_id=other.pk, text="mine", client_id="c1", now=NOW)
    lease = lease_next(["fast"], owner="w", now=NOW + timedelta(seconds=1))
    assert lease is not None
    _erase(shopper, ann)
    with pytest.raises(jobs.LeaseLost), lease.finishing(now=NOW):
        pass
    states = dict(Job.objects.filter(kind="draft_reply").values_list("payload__message", "state"))
    assert sorted(states.values()) == [JobState.CANCELLED, JobState.READY]
    assert states[Message.objects.get(conversation=other).pk] == JobState.READY


def test_an_approved_reply_is_not_sent_after_the_erasure(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    draft = Draft.objects.get()
    review = Review.objects.create(
        draft=draft, decision=Decision.APPROVED, text="saffron", execute_after=NOW, created_at=NOW
    )
    jobs.enqueue(
        "send_reply",
        key=f"send:{review.public_id}",
        merchant_id=ann.merchant_id,
        payload={"review": review.pk},
        now=NOW,
    )
    _erase(shopper, ann)
    assert run_due(["fast"], keep=False) == 0
    assert mail.outbox == []


@pytest.mark.parametrize("begun", [False, True])
def test_a_reply_in_ones_own_words_is_not_sent_after_the_erasure(ann: Member, begun: bool) -> None:
    shopper = make_shopper(ann.merchant, name="Zephyrine")
    reply = send_own_reply(
        conversation_id=make_conversation(ann.merchant, shopper).public_id, by=ann, text="Dear Zephyrine", now=NOW
    )
    later = reply.execute_after + timedelta(seconds=1)
    lease = lease_next(["fast"], owner="w", now=later) if begun else None
    _erase(shopper, ann)
    assert Job.objects.get(kind="send_own_reply").state == JobState.CANCELLED
    if lease is not None:
        with pytest.raises(jobs.LeaseLost):
            post_own_reply(lease=lease, reply_id=reply.pk, now=later)
    assert not Message.objects.exists()


def test_letters_in_the_own_mail_folder_are_burnt(
    ann: Member, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    settings.EMAIL_BACKEND = "cs_portal.core.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    for to in ("zq@example.org", "aside@example.net", "li@example.com"):
        mail.EmailMessage("Reply", "marzipan", to=[to]).send()
    shopper = _zephyrine(ann.merchant)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        _erase(shopper, ann)
    left = [path.read_text() for path in tmp_path.iterdir()]
    assert len(left) == 1
    assert "li@example.com" in left[0]


def test_an_export_that_is_being_made_is_void(ann: Member) -> None:
    shopper = _zephyrine(ann.merchant)
    ask_for_export(shopper_id=shopper.public_id, by=ann, now=NOW)
    _erase(shopper, ann)
    run_due(["bulk"], keep=False)
    assert not ShopperExport.objects.exists()


# --- retention ---------------------------------------------------------------------------------------------------


def _old(merchant: Merchant, days: int, **fields: object) -> Conversation:
    at = NOW - timedelta(days=days)
    return make_conversation(merchant, texts=["old words"], now=at, **fields)


def test_conversations_older_than_the_retention_are_erased_and_the_next_day_comes(ann: Member) -> None:
    old, young = _old(ann.merchant, 31), _old(ann.merchant, 29)
    set_retention(by=ann, days=30, now=NOW)
    assert expired_conversations(days=30, now=NOW).get() == old
    assert next_sweep_at() == NOW + timedelta(minutes=1)
    assert run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(minutes=2)) == 1
    assert Conversation.objects.get() == young
    following = next_sweep_at()
    assert following is not None
    assert following > NOW + timedelta(hours=23)
    assert AuditEntry.objects.get(action="conversations.expired").data == {"count": 1, "days": 30}


def test_the_last_message_counts_not_the_beginning(ann: Member) -> None:
    """An old conversation that somebody still writes in is kept whole; a young one cannot be older than its words."""
    long_ago, lately = NOW - timedelta(days=400), NOW - timedelta(days=3)
    kept = make_conversation(ann.merchant, texts=["still here"], now=long_ago, last_message_at=lately)
    gone = make_conversation(ann.merchant, texts=["old words"], now=long_ago, last_message_at=NOW - timedelta(days=31))
    assert list(expired_conversations(days=30, now=NOW)) == [gone]
    set_retention(by=ann, days=30, now=NOW)
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(minutes=2))
    assert list(Conversation.objects.all()) == [kept]


def test_more_than_a_batch_goes_in_one_sweep(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    for _ in range(5):
        _old(ann.merchant, 40)
    set_retention(by=ann, days=30, now=NOW)
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(minutes=2))
    assert not Conversation.objects.exists()


def test_strangers_go_with_their_last_conversation_and_customers_stay(ann: Member) -> None:
    stranger = make_shopper(ann.merchant, None, created_at=NOW - timedelta(days=50))
    customer = make_shopper(ann.merchant, created_at=NOW - timedelta(days=50))
    for shopper in (stranger, customer):
        _old(ann.merchant, 40, shopper=shopper)
    set_retention(by=ann, days=30, now=NOW)
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(minutes=2))
    assert list(Shopper.objects.filter(pk__in=[stranger.pk, customer.pk])) == [customer]


def test_changing_or_ending_the_retention_leaves_one_sweep_or_none(ann: Member) -> None:
    for days in (30, 60, 90):
        set_retention(by=ann, days=days, now=NOW + timedelta(seconds=days))
    waiting = Job.objects.filter(kind=erasure.SWEEP, state=JobState.READY)
    assert waiting.count() == 1
    set_retention(by=ann, days=None, now=NOW)
    assert waiting.count() == 0
    _old(ann.merchant, 400)
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(days=2))
    assert Conversation.objects.count() == 1


def test_another_merchants_conversations_stay(ann: Member) -> None:
    rival = make_merchant("rival")
    with scope(merchant=rival):
        theirs = _old(rival, 400)
    set_retention(by=ann, days=30, now=NOW)
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(minutes=2))
    with scope(merchant=rival):
        assert Conversation.objects.get() == theirs


@pytest.mark.parametrize("days", [0, 6, 3651, -1])
def test_a_retention_that_would_surprise_is_refused(ann: Member, days: int) -> None:
    with pytest.raises(Invalid):
        set_retention(by=ann, days=days, now=NOW)
    assert not Job.objects.exists()


def test_events_hold_no_words(ann: Member) -> None:
    conversation = make_conversation(ann.merchant)
    receive_shopper_message(conversation_id=conversation.pk, text="marzipan", client_id=str(uuid4()), now=NOW)
    assert Message.objects.get().author == Author.SHOPPER
    assert not any("marzipan" in str(row) for row in Event.objects.values())
