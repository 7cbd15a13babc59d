"""kill -9 of the web process in mid-POST: a message is committed or absent, and the client's retry makes it one."""

from __future__ import annotations

import http.client
import json
import random
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.models import Event, Job
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.core.tenancy import scope
from cs_portal.storefront.models import ChatSession
from tests.factories import make_conversation, make_merchant
from tests.faults.processes import close_connections, environment, free_port, kill, spawn, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS = 12
SENDERS = 4
SEED = 20261124


def _session(conversation: Conversation) -> str:
    token = new_token()
    with scope(merchant=conversation.merchant):
        ChatSession.objects.create(
            storefront=conversation.storefront,
            shopper=conversation.shopper,
            conversation=conversation,
            token_hash=token_hash(token),
            expires_at=timezone.now() + timedelta(days=1),
            created_at=timezone.now(),
        )
    return token


class Sender(threading.Thread):
    """A widget: sends its messages one after another, each again under the same id until it is accepted."""

    def __init__(self, port: int, token: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.stop = port, token, stop
        self.accepted: list[str] = []
        self.pause = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            client_id = f"{self.token[:8]}-{len(self.accepted)}"
            while not self._accepted(client_id):
                self.pause.wait(0.05)
            self.accepted.append(client_id)

    def _accepted(self, client_id: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(
                "POST",
                "/chat/api/messages",
                json.dumps({"client_id": client_id, "text": f"Message {client_id}"}),
                {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
            )
            return connection.getresponse().status in {200, 201}
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    chance, port, stop = random.Random(SEED), free_port(), threading.Event()
    merchant = make_merchant()
    tokens = [_session(make_conversation(merchant)) for _ in range(SENDERS)]
    close_connections()
    env = environment(tmp_path, CHAT_MESSAGES_PER_MINUTE="100000", CHAT_MESSAGES_PER_SESSION="100000")
    serve = ("-m", "uvicorn", "cs_portal.asgi:application", "--port", str(port), "--log-level", "error")
    web = spawn(*serve, env=env)
    senders = [Sender(port, token, stop) for token in tokens]
    try:
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            before = sum(len(sender.accepted) for sender in senders)
            wait_for(
                lambda before=before: sum(len(s.accepted) for s in senders) > before,  # type: ignore[misc]
                seconds=60,
                what="a message accepted after the restart",
            )
            stop.wait(chance.uniform(0, 0.3))
            kill(web)
            web = spawn(*serve, env=env)
        stop.set()
        for sender in senders:
            sender.join(timeout=60)
            assert not sender.is_alive()
    finally:
        kill(web)
    accepted = [client_id for sender in senders for client_id in sender.accepted]
    with scope(merchant=merchant):
        assert sorted(Message.objects.values_list("client_id", flat=True)) == sorted(accepted)
        assert Job.objects.filter(kind="draft_reply").count() == len(accepted)
        assert Event.objects.filter(name="message:posted", topic="console").count() == len(accepted)
        for conversation in Conversation.objects.all():
            assert conversation.version == conversation.messages.count()
    assert len(accepted) > KILLS
