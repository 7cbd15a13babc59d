"""The live stream behind its real server: sockets, signals and memory."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cs_portal.core.events import conversation_topic, publish
from cs_portal.core.models import Event
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.core.tenancy import scope
from cs_portal.storefront.models import ChatSession
from tests.factories import make_conversation, make_merchant

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0
GRACE_SECONDS = 3
#: Enough to fill what the kernel buffers for a socket that nobody reads, and the queue behind it.
EVENTS, PORTION, FILLER = 3000, 50, "x" * 4000


def database_url() -> str:
    """The test database, as a child process finds it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(given['NAME']))}"
    host = f"{given['HOST'] or 'localhost'}:{given['PORT'] or 5432}"
    return f"postgres://{quote(given['USER'])}:{quote(given['PASSWORD'])}@{host}/{given['NAME']}"


@contextmanager
def server() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """uvicorn on the test database, started as the product starts it, and its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    process = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "uvicorn", "cs_portal.asgi:application"),
            *("--fd", str(listening.fileno()), "--timeout-graceful-shutdown", str(GRACE_SECONDS)),
            *("--log-level", "warning", "--no-access-log", "--ws", "none"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "DATABASE_URL": database_url(),
            "CS_PORTAL_VAR": str(settings.VAR_DIR),
            "SECRET_KEY": settings.SECRET_KEY,
            "WARM_UP": "0",  # the dictionary would be counted with the streams
        },
        pass_fds=[listening.fileno()],
        stderr=subprocess.PIPE,
    )
    port = listening.getsockname()[1]
    listening.close()
    try:
        yield process, port
    finally:
        process.kill()
        process.communicate()


class Shopper:
    """A conversation, and sockets that follow it."""

    def __init__(self) -> None:
        self.merchant = make_merchant("north")
        self.conversation = make_conversation(self.merchant)
        self.topic = conversation_topic(self.conversation.public_id)

    def token(self) -> str:
        token = new_token()
        with scope(merchant=self.merchant):
            ChatSession.objects.create(
                storefront_id=self.conversation.storefront_id,
                shopper_id=self.conversation.shopper_id,
                conversation=self.conversation,
                token_hash=token_hash(token),
                expires_at=timezone.now() + timedelta(hours=1),
                created_at=timezone.now(),
            )
        return token

    def follow(self, port: int) -> socket.socket:
        """A socket whose stream is open and whose first event can come."""
        connected = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        head = f"GET /stream/chat/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token()}\r\n\r\n"
        connected.sendall(head.encode())
        read_until(connected, b"retry: 1000\n")
        return connected

    def publish(self, **data: Any) -> None:
        publish(merchant_id=self.merchant.pk, topic=self.topic, name="message:posted", data=data, now=timezone.now())

    def publish_large(self, first: int, count: int) -> None:
        now = timezone.now()
        Event.objects.bulk_create(
            Event(
                merchant=self.merchant,
                topic=self.topic,
                name="message:posted",
                data={"n": number, "filler": FILLER},
                created_at=now,
            )
            for number in range(first, first + count)
        )


def read_until(connected: socket.socket, wanted: bytes) -> bytes:
    read = b""
    while wanted not in read:
        more = connected.recv(65536)
        assert more, read
        read += more
    return read


def read_until_event(connected: socket.socket, number: int) -> None:
    read_until(connected, b'{"n":%d' % number)


def read_to_the_end(connected: socket.socket) -> bytes:
    read = b""
    while more := connected.recv(65536):
        read += more
    return read


def resident_kb(process: subprocess.Popen[bytes]) -> int:
    command = ["ps", "-o", "rss=", "-p", str(process.pid)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_sigterm_ends_open_streams_properly_and_at_once() -> None:
    shopper = Shopper()
    with server() as (process, port):
        sockets = [shopper.follow(port) for _ in range(10)]
        shopper.publish(n=1)
        for connected in sockets:
            read_until(connected, b'data: {"n":1}\n\n')
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert time.monotonic() - began < GRACE_SECONDS
        assert process.returncode == -signal.SIGTERM
        assert errors == b""
        for connected in sockets:
            # The last chunk of HTTP: the response ended, it was not cut.
            assert read_to_the_end(connected).endswith(b"0\r\n\r\n")


@pytest.mark.faults
def test_a_stalled_socket_is_cut_with_memory_flat_while_others_hear_everything() -> None:
    shopper = Shopper()
    with server() as (process, port):
        stalled, reading = shopper.follow(port), shopper.follow(port)
        before = resident_kb(process)
        for first in range(0, EVENTS, PORTION):
            shopper.publish_large(first, PORTION)
            read_until_event(reading, first + PORTION - 1)
        grown = resident_kb(process) - before
        cut = read_to_the_end(stalled)
        assert not cut.endswith(b"0\r\n\r\n")
        assert b'{"n":%d' % (EVENTS - 1) not in cut
        shopper.publish(n=EVENTS)
        read_until_event(reading, EVENTS)
        assert grown < 8_000


@pytest.mark.faults
def test_five_hundred_listeners_cost_under_thirty_kilobytes_each_and_no_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "bench/stream.py", "--listeners", "500", "--events", "10"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"},
        check=True,
        capture_output=True,
        timeout=240,
    )
    measured = json.loads(done.stdout)
    assert measured["listeners"] == 500
    assert 0 < measured["kb_per_listener"] < 30
    assert measured["threads"] < 20
    assert (measured["lost"], measured["doubled"]) == (0, 0)
    assert measured["stop_seconds"] < GRACE_SECONDS
