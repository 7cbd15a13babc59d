"""A shop behind a webhook on loopback: it verifies signatures, keeps what it did by key, and fails as it is told."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@dataclass
class FakeShop:
    """``faults`` are taken one per call: ``hang`` and ``hang_undone`` answer too late, ``drop`` closes after doing it,
    ``garbage``, ``huge``, ``drip``, ``redirect``, ``busy``, ``error`` and ``refuse`` answer so. ``pause_seconds`` pass
    between doing and answering. ``repeated`` are the keys that were called for although they were done."""

    url: str = ""
    done: dict[str, str] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    hang_seconds: float = 4.0
    pause_seconds: float = 0.0
    pending: bool = False

    def kinds(self) -> list[str]:
        return [call["type"] for call in self.calls]


def _handler(shop: FakeShop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            Webhook(SECRET).verify(body, dict(self.headers.items()))
            message = json.loads(body)
            shop.calls.append(message)
            fault = shop.faults.pop(0) if shop.faults else ""
            getattr(self, f"_{fault or 'answer'}")(message)

        def _answer(self, message: dict[str, Any]) -> None:
            if message["type"] == "order.action":
                assert self.headers["idempotency-key"] == message["key"]
                if message["key"] in shop.done:
                    shop.repeated.append(message["key"])
                reference = shop.done.setdefault(message["key"], f"remote-{len(shop.done) + 1}")
                time.sleep(shop.pause_seconds)
                self._send(200, {"status": "done", "reference": reference})
            elif message["type"] == "order.look_up":
                self._send(200, {"order": {"number": message["order"]}})
            elif shop.pending:
                self._send(200, {"status": "pending"})
            elif message["key"] in shop.done:
                self._send(200, {"status": "done", "reference": shop.done[message["key"]]})
            else:
                self._send(200, {"status": "not_found"})

        def _hang(self, message: dict[str, Any]) -> None:
            shop.done.setdefault(message["key"], f"remote-{len(shop.done) + 1}")
            time.sleep(shop.hang_seconds)

        def _hang_undone(self, message: dict[str, Any]) -> None:
            time.sleep(shop.hang_seconds)

        def _drop(self, message: dict[str, Any]) -> None:
            shop.done.setdefault(message["key"], f"remote-{len(shop.done) + 1}")
            self.connection.close()

        def _garbage(self, message: dict[str, Any]) -> None:
            self._send(200, "<html>")

        def _huge(self, message: dict[str, Any]) -> None:
            self._send(200, {"status": "done", "reference": "x" * 2_000_000})

        def _drip(self, message: dict[str, Any]) -> None:
            for _ in range(200):
                try:
                    self.wfile.write(b"H")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)

        def _redirect(self, message: dict[str, Any]) -> None:
            self.send_response(307)
            self.send_header("location", "http://169.254.169.254/latest")
            self.end_headers()

        def _busy(self, message: dict[str, Any]) -> None:
            self._send(429, {"status": "busy"}, retry_after="7")

        def _error(self, message: dict[str, Any]) -> None:
            self._send(500, {"oops": True})

        def _refuse(self, message: dict[str, Any]) -> None:
            self._send(422, {"status": "refused", "code": "already_shipped"})

        def _send(self, status: int, body: Any, retry_after: str = "") -> None:
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            if retry_after:
                self.send_header("retry-after", retry_after)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def fake_shop() -> Iterator[FakeShop]:
    shop = FakeShop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/cs-portal"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
