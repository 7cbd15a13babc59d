"""A portal and a shop on two ports, and a Chromium that visits them."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, sync_playwright

from cs_portal.core.stream.gateway import StreamGateway

QUEUE = """
window.CSPortal = window.CSPortal || function () { (CSPortal.q = CSPortal.q || []).push(arguments); };
window.heard = [];
for (const name of ["ready", "open", "close", "unread", "message", "identified", "product:clicked", "error"])
  CSPortal("on", name, (detail) => heard.push([name, detail]));
"""

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path fill="#c63" d="M0 0h9v9H0z"/></svg>'

#: A shop whose style sheet means no good to the widget.
HOSTILE_CSS = """
* { box-sizing: content-box !important; letter-spacing: 9px !important; }
div, iframe, button { display: none !important; transform: rotate(9deg) !important; background: red !important }
"""


@contextmanager
def portal() -> Iterator[str]:
    """The portal's ASGI application in a thread of this process; yields its origin."""
    from cs_portal.asgi import django_application
    from cs_portal.storefront.stream import chat_audience

    application = StreamGateway(django_application, {"/stream/chat/": chat_audience})
    server = uvicorn.Server(
        uvicorn.Config(application, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def shop(portal_origin: str) -> Iterator[str]:
    """A shop with a strict CSP; ``?storefront=…&identity=…`` become attributes of its script tag. Yields its origin."""

    class Shop(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            attributes = " ".join(f'data-{name}="{value}"' for name, value in parse_qsl(address.query))
            kind, body = {
                "/shop.css": ("text/css", HOSTILE_CSS),
                "/queue.js": ("text/javascript", QUEUE),
                "/favicon.ico": ("image/x-icon", ""),
                "/mug.svg": ("image/svg+xml", PICTURE),
            }.get(
                address.path,
                (
                    "text/html; charset=utf-8",
                    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
                    '<title>Shop</title><link rel="stylesheet" href="/shop.css"><script src="/queue.js"></script>'
                    f'<script async src="{portal_origin}/widget/loader.js" {attributes}></script>'
                    "<h1>Shop</h1><a href=/>Home</a></html>",
                ),
            )
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' {portal_origin}; "
                f"frame-src {portal_origin}",
            )
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """A shopper in a browser context of their own. ``complaints`` are console errors and failed scripts."""

    context: BrowserContext
    shop: str
    storefront: str
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._complain(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("#csportal iframe")

    def visit(self, **attributes: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in {"storefront": self.storefront, **attributes}.items())
        self.page.goto(f"{self.shop}/?{query}")
        self.page.locator("#csportal .launcher").wait_for(state="attached")

    def open(self) -> None:
        self.page.locator("#csportal .launcher").click()
        self.chat.locator("#log[aria-busy=false]").wait_for(state="attached")

    def say(self, text: str) -> None:
        self.chat.locator("#text").fill(text)
        self.chat.locator("#text").press("Enter")

    def texts(self) -> list[str]:
        return self.chat.locator(".bubble").all_text_contents()

    def heard(self) -> list[list[object]]:
        events: list[list[object]] = self.page.evaluate("heard")
        return events

    def until(self, expression: str, seconds: float = 30) -> None:
        """Until the page's ``expression`` is true. Playwright's own wait needs ``eval``, which the CSP bars."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"{expression} was not true within {seconds:g} s"
            self.page.wait_for_timeout(50)
