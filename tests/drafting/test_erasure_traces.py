"""What an erasure finds beside the rows: letters to earlier addresses, previews of imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail

from cs_portal.commerce.models import ImportRun, ImportState
from cs_portal.commerce.services.import_traces import FORGOTTEN_AFTER
from cs_portal.commerce.services.importing import fail_import
from cs_portal.commerce.services.imports import start_import
from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.reply_mail import reply_letter
from cs_portal.conversations.services import leave_email
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.services.erasure import erase_shopper
from cs_portal.merchants.models import Member, Role
from tests.factories import make_conversation, make_member, make_merchant, make_shopper

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
SHOPPERS = b"id,name,email\nc-1,Zephyrine,zq@example.org\n"


@pytest.fixture
def ann() -> Iterator[Member]:
    member = make_member(make_merchant(), Role.ADMIN)
    with scope(merchant=member.merchant):
        yield member


def _write(conversation: Conversation) -> None:
    message = Message.objects.filter(conversation=conversation).latest("id")
    reply_letter(message=message, conversation=Conversation.objects.get(pk=conversation.pk)).send()


def test_letters_to_an_earlier_address_are_burnt_and_others_stay(
    ann: Member, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    shopper = make_shopper(ann.merchant, name="Zephyrine", email="zq@example.org")
    conversation = make_conversation(ann.merchant, shopper, texts=["marzipan"], email="first@example.net")
    _write(conversation)
    leave_email(conversation_id=conversation.pk, email="second@example.net", now=NOW)
    _write(conversation)
    other = make_conversation(ann.merchant, texts=["mine"], email="xzq@example.org")
    _write(other)
    mail.EmailMessage("Note", "text", to=["Zephyrine <ZQ@example.org>"]).send()
    with django_capture_on_commit_callbacks(execute=True):
        erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation="zq@example.org", now=NOW)
    left = [path.read_text() for path in tmp_path.iterdir()]
    assert len(left) == 1
    assert "To: xzq@example.org" in left[0]


def _upload(ann: Member, name: str = "shoppers.csv") -> ImportRun:
    return start_import(kind="shoppers", file_name=name, blocks=[SHOPPERS], by=ann, now=NOW)


def test_previews_and_file_names_that_name_the_shopper_are_cleared(ann: Member) -> None:
    run, named = _upload(ann), _upload(ann, "zephyrine.csv")
    stranger = ImportRun.objects.create(
        kind="shoppers", file_name="x.csv", preview=[[2, {"id": "c-9"}]], created_at=NOW
    )
    shopper = make_shopper(ann.merchant, name="Zephyrine", email="zq@example.org")
    erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation="zq@example.org", now=NOW)
    for each in (run, named, stranger):
        each.refresh_from_db()
    assert (run.preview, run.file_name) == ([], "shoppers.csv")
    assert (named.preview, named.file_name) == ([], "–")
    assert stranger.preview


def test_a_run_that_ended_keeps_no_preview(ann: Member) -> None:
    run = _upload(ann)
    assert run.preview
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.RUNNING)
    fail_import(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.preview) == (ImportState.FAILED, [])


def test_an_upload_that_waits_is_forgotten_by_a_job(ann: Member) -> None:
    run = _upload(ann)
    job = Job.objects.get(kind="forget_uploads")
    assert FORGOTTEN_AFTER <= job.execute_after - NOW <= FORGOTTEN_AFTER + timedelta(hours=1)
    with time_machine.travel(job.execute_after + timedelta(minutes=1), tick=False):
        run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.preview, run.token) == (ImportState.DISCARDED, [], "")
