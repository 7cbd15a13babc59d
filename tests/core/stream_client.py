"""A client of the stream that drives the ASGI callable directly, and a parser of what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0


@dataclass(frozen=True)
class Heard:
    """One dispatched event, as the WHATWG algorithm gives it to a page."""

    id: str
    name: str
    data: str


def parse(raw: bytes, *, last_id: str = "") -> tuple[list[Heard], str]:
    """Events of the complete blocks in ``raw``, and the last event id after them (WHATWG HTML, section 9.2.6)."""
    heard: list[Heard] = []
    complete, _, _ = raw.decode().rpartition("\n\n")
    for block in filter(None, complete.split("\n\n")):
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
        last_id = fields.get("id", last_id)
        if "data" in fields:
            heard.append(Heard(last_id, fields.get("event", "message"), fields["data"]))
    return heard, last_id


@dataclass
class Client:
    """One open request. ``stalled`` makes ``send`` wait as a full socket does."""

    raw: bytearray = field(default_factory=bytearray)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    task: asyncio.Task[None] | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def heard(self) -> list[Heard]:
        return parse(bytes(self.raw))[0]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.heard]

    async def until(self, condition: Callable[[Client], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: condition(self))

    async def until_heard(self, count: int) -> list[Heard]:
        await self.until(lambda client: len(client.heard) >= count)
        return self.heard

    async def until_ended(self) -> None:
        assert self.task is not None
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(self.task)

    async def leave(self) -> None:
        self.gone.set()
        await self.until_ended()

    async def receive(self) -> dict[str, Any]:
        if not self.gone.is_set() and not getattr(self, "_asked", False):
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.flowing.wait()
        if self.gone.is_set():
            return
        async with self.changed:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
            else:
                self.raw += message.get("body", b"")
                self.ended = not message.get("more_body", False)
            self.changed.notify_all()


Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def scope_of(path: str, *, method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    """``last_event_id="7"`` becomes ``last-event-id: 7``."""
    given = {"host": "testserver", "accept": "text/event-stream", **headers}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }


def connect(application: Application, scope: dict[str, Any]) -> Client:
    client = Client()
    client.flowing.set()
    client.task = asyncio.create_task(application(scope, client.receive, client.send))
    return client


@asynccontextmanager
async def stream(application: Application, scope: dict[str, Any]) -> Any:
    """An open stream: its headers and its first bytes have arrived."""
    client = connect(application, scope)
    try:
        await client.until(lambda it: bool(it.raw))
        yield client
    finally:
        client.flowing.set()
        await client.leave()
