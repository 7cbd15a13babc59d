"""Addresses in answers: asked by a worker, gone or failing often enough is broken, and never inside our own network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from cs_portal.core import outbound
from cs_portal.core.jobs import lease_next
from cs_portal.core.models import Job, JobState
from cs_portal.knowledge.models import LinkCheck, LinkState
from cs_portal.knowledge.quality.links import links_in
from cs_portal.knowledge.services.links import JOB, ask_for_links, check_links
from cs_portal.knowledge.services.quality_runs import JOB as CHECK
from tests.knowledge.conftest import Shop


class _Answers(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.strip("/")
        status = int(name) if name.isdigit() else {"moved": 302, "loop": 302, "away": 302}.get(name, 200)
        self.send_response(status)
        if status == 302:
            to = {"moved": "/200", "loop": "/loop", "away": "http://169.254.169.254/latest"}[name]
            self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(settings) -> Iterator[str]:  # type: ignore[no-untyped-def]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    _Answers.asked = []
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def ask(shop: Shop, *urls: str) -> dict[str, tuple[str, str]]:
    """State and note by the last part of the address."""
    for url in urls:
        LinkCheck.objects.get_or_create(url=url, defaults={"due_at": shop.now})
    LinkCheck.objects.update(due_at=shop.now)
    ask_for_links(now=timezone.now())
    lease = lease_next(["upkeep"], owner="test", now=timezone.now())
    assert lease is not None and lease.kind == JOB
    check_links(lease=lease, now=timezone.now(), sleep=lambda seconds: None)
    return {row.url.rsplit("/", 1)[-1]: (row.state, row.note) for row in LinkCheck.objects.all()}


def test_what_a_server_answers(shop: Shop, site: str) -> None:
    found = ask(
        shop, *(f"{site}/{path}" for path in ("200", "404", "410", "403", "429", "503", "moved", "loop", "away"))
    )
    assert found == {
        "200": (LinkState.OK, "200"),
        "404": (LinkState.BROKEN, "404"),
        "410": (LinkState.BROKEN, "410"),
        "403": (LinkState.OK, "403"),
        "429": (LinkState.OK, "429"),
        "503": (LinkState.DOUBTFUL, "503"),
        "moved": (LinkState.OK, "200"),
        "loop": (LinkState.DOUBTFUL, "too_many_redirects"),
        "away": (LinkState.UNCHECKED, "not_https"),
    }
    assert all("169.254" not in path for path in _Answers.asked)
    assert Job.objects.filter(kind=CHECK, state=JobState.READY).exists()
    waiting = Job.objects.get(kind=JOB, state=JobState.READY)
    assert waiting.execute_after == LinkCheck.objects.order_by("due_at").first().due_at  # type: ignore[union-attr]


def test_what_fails_three_times_is_broken_and_what_works_again_is_not(shop: Shop, site: str) -> None:
    states = [ask(shop, f"{site}/503")["503"][0] for _time in range(3)]
    assert states == [LinkState.DOUBTFUL, LinkState.DOUBTFUL, LinkState.BROKEN]
    LinkCheck.objects.update(url=f"{site}/200")
    assert ask(shop)["200"] == (LinkState.OK, "200")
    row = LinkCheck.objects.get()
    assert row.failures == 0
    assert row.checked_at is not None
    assert row.due_at - row.checked_at == timedelta(days=7)


def test_addresses_of_our_own_network_and_without_tls_are_not_asked(shop: Shop) -> None:
    found = ask(shop, "http://shop.example/plain", "https://127.0.0.1/private", "https://u:p@shop.example/name")
    assert found == {
        "plain": (LinkState.UNCHECKED, "not_https"),
        "private": (LinkState.UNCHECKED, "private_address"),
        "name": (LinkState.UNCHECKED, "bad_url"),
    }


def test_no_check_is_queued_without_addresses(shop: Shop) -> None:
    ask_for_links(now=shop.now)
    assert not Job.objects.filter(kind=JOB).exists()


def test_a_host_is_not_asked_faster_than_every_two_seconds(shop: Shop, site: str) -> None:
    for path in ("1", "2"):
        LinkCheck.objects.create(url=f"{site}/{path}00", due_at=shop.now)
    ask_for_links(now=timezone.now())
    lease = lease_next(["upkeep"], owner="test", now=timezone.now())
    assert lease is not None
    slept: list[float] = []
    check_links(lease=lease, now=timezone.now(), sleep=slept.append)
    assert len(slept) == 1
    assert 1.0 < slept[0] <= 2.0


def test_status_of_checks_every_hop(site: str) -> None:
    with pytest.raises(outbound.OutboundRefused):
        outbound.status_of(f"{site}/away", headers={}, seconds=5)
    assert outbound.status_of(f"{site}/moved", headers={}, seconds=5) == 200
    with pytest.raises(outbound.Broken, match="too_many_redirects"):
        outbound.status_of(f"{site}/loop", headers={}, seconds=5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See [it](https://a.example/x_(y)).", ["https://a.example/x_(y)"]),
        ("https://a.example/1, https://a.example/1。", ["https://a.example/1"]),
        ("看https://a.example/中文。", []),
        ("**https://a.example/b**", ["https://a.example/b"]),
        ("ftp://a.example", []),
    ],
)
def test_addresses_in_a_text(text: str, found: list[str]) -> None:
    assert links_in(text) == found
