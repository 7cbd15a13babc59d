"""A model server that behaves as it is told, request by request: it writes, hangs, drips, lies and fails."""

from __future__ import annotations

import gzip
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class ModelServer:
    """``plan`` holds behaviours of the coming requests, and ``always`` that of all others; ``requests`` came."""

    def __init__(self) -> None:
        self.plan: deque[Behaviour] = deque()
        self.always: Behaviour = writes("All is well.")
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()
        self.http = _Http(("127.0.0.1", 0), Handler)
        self.http.model = self

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/v1"

    def next(self) -> Behaviour:
        return self.plan.popleft() if self.plan else self.always


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.http.shutdown()
        server.http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    model: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested."""


class Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        model = self.server.model
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model.requests.append(body)
        model.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.close_connection = True
        model.next()(self)

    def log_message(self, *_: Any) -> None:
        pass

    def begin(self, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, data: object) -> None:
        self.wfile.write(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def wait(self, seconds: float) -> bool:
        """Whether the server is being stopped."""
        return self.server.model.over.wait(seconds)


def chunk(text: str = "", *, finish: str | None = None, logprob: object = None) -> dict[str, Any]:
    told = {"content": [{"token": text, "logprob": logprob, "bytes": None, "top_logprobs": []}]}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "delta": {"content": text} if text else {},
                "finish_reason": finish,
                "logprobs": told if logprob is not None else None,
            }
        ],
    }


def writes(
    text: str, *, usage: dict[str, Any] | None = None, logprob: object = None, finish: str = "stop"
) -> Behaviour:
    """Word by word; ``usage`` in an event of its own, as OpenAI does."""

    def behave(handler: Handler) -> None:
        handler.begin()
        for word in text.split(" "):
            handler.event(chunk(word + " ", logprob=logprob))
        handler.event(chunk(finish=finish))
        if usage is not None:
            handler.event({**chunk(), "choices": [], "usage": usage})
        handler.event("[DONE]")

    return behave


def writes_slowly(text: str, *, pause: float) -> Behaviour:
    """As :func:`writes`, with so many seconds before each word."""

    def behave(handler: Handler) -> None:
        handler.begin()
        for word in text.split(" "):
            if handler.wait(pause):
                return
            handler.event(chunk(word + " "))
        handler.event(chunk(finish="stop"))
        handler.event("[DONE]")

    return behave


def hangs(handler: Handler) -> None:
    """Takes the request and says nothing."""
    handler.wait(30)


def drips_bytes(handler: Handler) -> None:
    """One byte at a time of an event that never ends."""
    handler.begin()
    handler.wfile.write(b"data: ")
    while not handler.wait(0.02):
        handler.wfile.write(b" ")


def drips_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.wait(0.02):
        handler.wfile.write(b"a")


def drips_words(handler: Handler) -> None:
    handler.begin()
    while not handler.wait(0.02):
        handler.event(chunk("and "))


def floods(handler: Handler) -> None:
    """Megabytes without a line's end."""
    handler.begin()
    handler.wfile.write(b"data: ")
    while not handler.wait(0):
        handler.wfile.write(b"x" * 100_000)


def bomb(handler: Handler) -> None:
    """Kilobytes that unpack to many megabytes."""
    handler.begin(Content_Encoding="gzip")
    handler.wfile.write(gzip.compress(b"data: " + b"x" * 20_000_000))


def breaks_off(handler: Handler) -> None:
    handler.begin(Transfer_Encoding="chunked")
    data = f"data: {json.dumps(chunk('Half of '))}\n\n".encode()
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\nff\r\n")


def says(body: str | bytes, *, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(status, content_type, **headers)
        handler.wfile.write(body.encode() if isinstance(body, str) else body)

    return behave


def fails(status: int, *, code: str = "", **headers: str) -> Behaviour:
    """With an error that quotes the request back, as some servers do."""

    def behave(handler: Handler) -> None:
        quoted = json.dumps(handler.server.model.requests[-1]) + str(handler.headers.get("Authorization"))
        handler.begin(status, "application/json", **headers)
        handler.wfile.write(json.dumps({"error": {"message": quoted, "code": code or None}}).encode())

    return behave
