"""GET /widget/loader.js, and the sizes that shops are promised."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings
from django.test import Client

from cs_portal.storefront.views.loader import PLACEHOLDER, loader_source

WIDGET = settings.BASE_DIR / "static" / "widget"
LOADER_LIMIT = 5_000
CHAT_LIMIT = 40_000


def test_the_loader_is_served_for_any_shop() -> None:
    response = Client().get("/widget/loader.js")
    assert response.status_code == 200
    headers = ("Content-Type", "Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy")
    assert [response.headers[name] for name in headers] == [
        "text/javascript; charset=utf-8",
        "public, max-age=300",
        "*",
        "cross-origin",
    ]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_a_copy_that_is_still_good_is_not_sent_again() -> None:
    tag = Client().get("/widget/loader.js").headers["ETag"]
    response = Client().get("/widget/loader.js", headers={"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")


def test_the_loader_is_compressed_for_who_takes_it() -> None:
    response = Client().get("/widget/loader.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert gzip.decompress(response.content).decode() == loader_source()
    assert len(response.content) <= LOADER_LIMIT


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_loader_is_only_read(method: str) -> None:
    assert getattr(Client(), method)("/widget/loader.js").status_code == 405


def test_the_labels_are_put_in_for_both_languages() -> None:
    assert PLACEHOLDER in (WIDGET / "loader.js").read_text(encoding="utf-8")
    source = loader_source()
    assert PLACEHOLDER not in source
    assert '"en":{"open":"Open chat"' in source
    assert '"zh-hans":{"open":"' in source
    assert source.isascii()


def test_the_chat_keeps_within_its_size() -> None:
    files = [WIDGET / "chat.js", WIDGET / "chat.css", *sorted((WIDGET / "chat").glob("*.js"))]
    assert len(files) > 10
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= CHAT_LIMIT


def test_the_scripts_make_no_markup_and_read_no_cookie() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|document\.cookie|\beval\(|new Function")
    for file in WIDGET.rglob("*.js"):
        assert not sinks.search(file.read_text(encoding="utf-8")), file.name
