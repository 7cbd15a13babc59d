"""What an open live stream costs, and how fast it is: real sockets against the portal's own server.

``python bench/stream.py --listeners 500 --events 40`` makes a database in a temporary folder, starts uvicorn on it,
opens the streams as shoppers' browsers would, publishes events, stops the server and prints JSON:

- ``kb_per_listener``: growth of the server's resident memory from no stream to all, after the last event
- ``fan_out_p50_ms``, ``fan_out_p99_ms``: from before an event's transaction to its arrival, over all listeners
- ``lost``, ``doubled``: events that a listener did not get, or got twice
- ``threads``: of the server, with all streams open
- ``stop_seconds``: from SIGTERM, with all streams open, to the end of the process; ``exit_code`` of the server
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Opened and closed before the memory is first read, so that what is made once is not counted as a listener's. They may
#: leave memory behind that is used again, so the growth is divided by the others.
WARM_UP = 20
#: Streams that open at the same time, fewer than a listening socket's backlog.
AT_ONCE = 50
PATIENCE_SECONDS = 60.0


class Store:
    """The bench's own database: one conversation that every listener follows with a token of its own."""

    def __init__(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from django.utils import timezone

        from tests.factories import make_conversation, make_merchant

        self._now = timezone.now
        self.conversation = make_conversation(make_merchant("bench"))

    def tokens(self, count: int) -> list[str]:
        from datetime import timedelta

        from cs_portal.core.secrets import new_token, token_hash
        from cs_portal.core.tenancy import scope
        from cs_portal.storefront.models import ChatSession

        tokens = [new_token() for _ in range(count)]
        now = self._now()
        with scope(merchant=self.conversation.merchant):
            ChatSession.objects.bulk_create(
                ChatSession(
                    merchant=self.conversation.merchant,
                    storefront_id=self.conversation.storefront_id,
                    shopper_id=self.conversation.shopper_id,
                    conversation=self.conversation,
                    token_hash=token_hash(token),
                    expires_at=now + timedelta(hours=1),
                    created_at=now,
                )
                for token in tokens
            )
        return tokens

    def publish(self, number: int) -> None:
        from cs_portal.core.events import conversation_topic, publish

        publish(
            merchant_id=self.conversation.merchant_id,
            topic=conversation_topic(self.conversation.public_id),
            name="message:posted",
            data={"message": number},
            now=self._now(),
        )


class Server:
    """uvicorn with the portal, started as ``manage.py up`` starts it."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "uvicorn", "cs_portal.asgi:application", "--port", str(self.port)),
                *("--timeout-graceful-shutdown", "3", "--log-level", "warning", "--no-access-log", "--ws", "none"),
            ],
            cwd=ROOT,
        )

    def stop(self) -> tuple[float, int]:
        """Seconds until SIGTERM has ended the process, and its exit code."""
        began = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE_SECONDS)
        return time.perf_counter() - began, code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def asks_ps(self, column: str) -> int:
        command = ["ps", "-o", f"{column}=", "-p", str(self._process.pid)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603

    async def until_listening(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return


class Listener:
    """One stream over a socket; notes when each event arrived."""

    def __init__(self) -> None:
        self.arrivals: dict[int, list[float]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, port: int, token: str) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /stream/chat/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        self._writer.write(f"{head}Accept: text/event-stream\r\nUser-Agent: {'bench ' * 20}\r\n\r\n".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(status.decode())
        await reader.readuntil(b"retry: 1000\n")
        self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                number = json.loads(line.removeprefix(b"data: "))["message"]
                self.arrivals.setdefault(number, []).append(time.perf_counter())

    async def close(self) -> None:
        if self._writer is not None and self._reading is not None:
            self._writer.close()
            await asyncio.gather(self._reading, return_exceptions=True)


async def opened(port: int, tokens: list[str]) -> list[Listener]:
    listeners = [Listener() for _ in tokens]
    for first in range(0, len(tokens), AT_ONCE):
        pairs = zip(listeners[first : first + AT_ONCE], tokens[first : first + AT_ONCE], strict=True)
        await asyncio.gather(*(listener.open(port, token) for listener, token in pairs))
    return listeners


async def until(condition: Callable[[], bool]) -> bool:
    """Whether ``condition`` came true in time."""
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while not condition():
        if time.perf_counter() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


async def published(store: Store, listeners: list[Listener], events: int) -> dict[int, float]:
    """Publish one event at a time, each after the last arrived everywhere; when each was begun."""
    begun: dict[int, float] = {}
    for number in range(events):
        # Not in step with the server's poll.
        await asyncio.sleep(0.037 * (number % 7))
        begun[number] = time.perf_counter()
        await asyncio.to_thread(store.publish, number)
        await until(lambda number=number: all(number in listener.arrivals for listener in listeners))
    return begun


async def measure(store: Store, server: Server, tokens: list[str], *, events: int) -> dict[str, Any]:
    count = len(tokens)
    await server.until_listening()
    for listener in await opened(server.port, tokens[:WARM_UP]):
        await listener.close()
    await asyncio.sleep(1)
    before = server.asks_ps("rss")
    listeners = await opened(server.port, tokens)
    idle = server.asks_ps("rss")
    begun = await published(store, listeners, events)
    after = server.asks_ps("rss")
    threads = server.asks_ps("nlwp")
    stop_seconds, exit_code = await asyncio.to_thread(server.stop)
    for listener in listeners:
        await listener.close()
    heard = [listener.arrivals.get(number, []) for listener in listeners for number in begun]
    delays = [
        (listener.arrivals[number][0] - at) * 1000
        for listener in listeners
        for number, at in begun.items()
        if number in listener.arrivals
    ]
    centiles = statistics.quantiles(delays, n=100)
    return {
        "listeners": count,
        "events": events,
        "kb_per_listener_idle": round((idle - before) / (count - WARM_UP), 1),
        "kb_per_listener": round((after - before) / (count - WARM_UP), 1),
        "fan_out_p50_ms": round(centiles[49]),
        "fan_out_p99_ms": round(centiles[98]),
        "lost": sum(not times for times in heard),
        "doubled": sum(len(times) > 1 for times in heard),
        "threads": threads,
        "stop_seconds": round(stop_seconds, 2),
        "exit_code": exit_code,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--events", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-portal-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "CS_PORTAL_VAR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
            "WARM_UP": "0",  # the dictionary would be counted with the listeners
        }
        sys.path.insert(0, str(ROOT))
        store = Store()
        tokens = store.tokens(options.listeners)
        server = Server()
        try:
            result = asyncio.run(measure(store, server, tokens, events=options.events))
        finally:
            server.kill()
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
