"""The file that a shopper may ask for: complete, logged, and gone after three days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.conversations.models import Author, Note
from cs_portal.core.errors import Conflict, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Decision, MessageTranslation, Review, TranslationState
from cs_portal.drafting.services.shopper_export import ask_for_export, download, shopper_data
from cs_portal.merchants.models import Member, Role, ShopperExport, WorkState
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


@pytest.fixture
def ann(db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN, name="Ann Secretname")
    with scope(merchant=merchant):
        yield member


def test_everything_held_is_in_the_file_and_nobody_else(ann: Member) -> None:
    shopper = make_shopper(ann.merchant, name="李伟", email="li@example.com", phone="137")
    make_order(ann.merchant, shopper, number="88001", note="ring twice")
    conversation = make_conversation(ann.merchant, shopper, csat_score=4, csat_comment="fine")
    message = make_message(conversation, "我的杯子碎了")
    said = {"message": message, "locale": "en", "text": "My cup broke", "model": "m", "created_at": NOW}
    MessageTranslation.objects.create(**said, state=TranslationState.DONE)
    make_message(conversation, "We refund you", author=Author.OPERATOR, member=ann)
    Note.objects.create(conversation=conversation, member=ann, text="polite", created_at=NOW)
    draft = make_draft(ann.merchant, conversation, texts=("We are sorry",))
    Review.objects.create(draft=draft, member=ann, decision=Decision.EDITED, text="Sorry!", created_at=NOW)
    make_conversation(ann.merchant, texts=["somebody else's words"])
    text = _made(shopper.public_id, ann)
    data = json.loads(text)
    assert data["profile"]["email"] == "li@example.com"
    assert (data["orders"][0]["number"], data["orders"][0]["note"]) == ("88001", "ring twice")
    (only,) = data["conversations"]
    assert [message["text"] for message in only["messages"]] == ["我的杯子碎了", "We refund you"]
    assert [one["text"] for one in only["messages"][0]["translations"]] == ["My cup broke"]
    assert only["rating"] == {"score": 4, "comment": "fine"}
    assert only["internal_notes"][0]["text"] == "polite"
    assert only["drafts"][0]["wordings"] == ["We are sorry"]
    assert only["drafts"][0]["decisions"][0]["text"] == "Sorry!"
    assert "somebody else" not in text
    assert "Secretname" not in text


def _made(shopper_id: object, by: Member) -> str:
    export = ask_for_export(shopper_id=shopper_id, by=by, now=NOW)  # type: ignore[arg-type]
    assert run_due(["bulk"], keep=False) == 1
    return download(export_id=export.public_id, by=by, now=NOW).document


def test_asking_and_downloading_are_logged(ann: Member) -> None:
    _made(make_shopper(ann.merchant).public_id, ann)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["shopper.export_requested", "shopper.export_downloaded"]


def test_it_is_gone_after_three_days(ann: Member) -> None:
    shopper = make_shopper(ann.merchant)
    _made(shopper.public_id, ann)
    export = ShopperExport.objects.get()
    later = NOW + timedelta(days=3)
    with pytest.raises(NotFound):
        download(export_id=export.public_id, by=ann, now=later)
    ShopperExport.objects.update(expires_at=NOW - timedelta(seconds=1))
    run_due(["bulk"], keep=False, clock=lambda: later + timedelta(minutes=2))
    assert not ShopperExport.objects.exists()


def test_what_is_not_ready_is_not_handed_out(ann: Member) -> None:
    export = ask_for_export(shopper_id=make_shopper(ann.merchant).public_id, by=ann, now=NOW)
    with pytest.raises(Conflict):
        download(export_id=export.public_id, by=ann, now=NOW)
    assert ShopperExport.objects.get().state == WorkState.WAITING


def test_operators_may_not_and_strangers_find_nothing(ann: Member) -> None:
    shopper = make_shopper(ann.merchant)
    _made(shopper.public_id, ann)
    export = ShopperExport.objects.get()
    olaf = make_member(ann.merchant, Role.OPERATOR)
    with pytest.raises(NotAllowed):
        ask_for_export(shopper_id=shopper.public_id, by=olaf, now=NOW)
    with pytest.raises(NotAllowed):
        download(export_id=export.public_id, by=olaf, now=NOW)
    rival = make_merchant("rival")
    boss = make_member(rival, Role.OWNER)
    with scope(merchant=rival), pytest.raises(NotFound):
        download(export_id=export.public_id, by=boss, now=NOW)


def test_queries_do_not_grow_with_the_conversations(ann: Member) -> None:
    shopper = make_shopper(ann.merchant)
    counts = []
    for more in (1, 5):
        for _ in range(more):
            make_draft(ann.merchant, make_conversation(ann.merchant, shopper, texts=["x"]))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shopper_data(shopper, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]
