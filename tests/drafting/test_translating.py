"""A shopper's message in the reader's language: masked, paid once, and only where a connected model can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.errors import Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import MessageTranslation, ModelUsage
from cs_portal.drafting.services.translating import ask_for_translation
from tests.drafting.conftest import Desk, make_desk
from tests.drafting.models_at_hand import make_connection
from tests.factories import make_conversation, make_merchant, make_message
from tests.model_server import ModelServer, fails, model_server, writes

pytestmark = pytest.mark.django_db(transaction=True)
ENGLISH = "Please cancel my order."
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        yield desk


@pytest.fixture
def server(desk: Desk, settings: Any) -> Iterator[ModelServer]:
    with model_server() as running:
        settings.LANGUAGE_MODEL_HOSTS = [running.host]
        running.always = writes(ENGLISH, usage=USAGE)
        make_connection(desk.merchant, running.url)
        yield running


def ask(desk: Desk, message: Any, *, by: Any = None, locale: str = "en") -> MessageTranslation:
    return ask_for_translation(
        conversation_id=message.conversation.public_id,
        message_id=message.public_id,
        locale=locale,
        by=by or desk.olaf,
        now=timezone.now(),
    )


def test_it_is_translated_masked_and_paid_once(desk: Desk, server: ModelServer) -> None:
    shopper = desk.conversation.shopper
    message = make_message(desk.conversation, f"我是{shopper.name}，请取消订单 10533，邮箱 {shopper.email}")
    ask(desk, message)
    run_due(["model"], keep=False)
    row = ask(desk, message)
    assert (row.state, row.text, row.model) == ("done", ENGLISH, "small-1+translate_v1")
    run_due(["model"], keep=False)
    assert len(server.requests) == 1, "asked again, it is given back"
    sent = str(server.requests)
    assert "请取消订单" in sent
    for secret in (shopper.name, shopper.email):
        assert secret not in sent
    usage = ModelUsage.objects.get()
    assert (usage.calls, usage.tokens_in, usage.tokens_out) == (1, 100, 10)
    (entry,) = AuditEntry.objects.filter(action="message.translated")
    assert entry.data == {"message": str(message.public_id), "locale": "en"}


def test_a_failure_can_be_asked_for_again(desk: Desk, server: ModelServer) -> None:
    message = make_message(desk.conversation, "请取消订单")
    server.plan.append(fails(401))
    ask(desk, message)
    run_due(["model"], keep=False)
    row = MessageTranslation.objects.get()
    assert (row.state, row.failure, row.text) == ("failed", "not_authorised", "")
    ask(desk, message)
    run_due(["model"], keep=False)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("done", "")


def test_without_a_connected_model_nothing_is_asked(desk: Desk) -> None:
    with pytest.raises(Invalid):
        ask(desk, make_message(desk.conversation, "请取消订单"))
    assert not Job.objects.exists()


def test_it_is_a_reviewers_deed_on_a_shoppers_message_of_this_merchant(desk: Desk, server: ModelServer) -> None:
    message = make_message(desk.conversation, "请取消订单")
    with pytest.raises(NotAllowed):
        ask(desk, message, by=desk.nina)
    with pytest.raises(NotFound):
        ask(desk, make_message(desk.conversation, "好的", author="operator"))
    other = make_merchant("rival")
    strange = make_conversation(other, texts=["请取消订单"])
    with scope(merchant=other):
        theirs = strange.messages.get()
    with pytest.raises(NotFound):
        ask_for_translation(
            conversation_id=strange.public_id,
            message_id=theirs.public_id,
            locale="en",
            by=desk.olaf,
            now=timezone.now(),
        )
    assert not MessageTranslation.objects.exists()
    assert not Job.objects.filter(kind="translate_message").exists()
    assert not server.requests
