"""GET /widget/loader.js, and the sizes that shops are promised."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.conf import settings
from django.test import Client

from cs_portal.storefront.views.loader import PLACEHOLDER, loader_source
from tests.factories import make_merchant, make_storefront

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


def test_comments_and_indentation_stay_at_home() -> None:
    source = loader_source()
    assert source.startswith("/* CS Portal")
    assert source.count("/*") == 1
    assert not re.search(r"(?m)^[ \t]", source)
    assert source.count("\n") > 200  # the code itself is there, line by line


@pytest.mark.django_db
def test_the_chat_keeps_within_its_size() -> None:
    """Everything that the iframe loads: its page in the longer language, the style sheet and every module."""
    storefront = make_storefront(
        make_merchant(), quick_replies=[{"en": "Where is my parcel?", "zh": "包裹到哪了？"}] * 6
    )
    page = Client().get(f"/chat/{storefront.public_id}/", {"origin": "https://shop.example.com", "locale": "zh"})
    assert page.status_code == 200
    files = [WIDGET / "chat.js", WIDGET / "chat.css", *sorted((WIDGET / "chat").iterdir())]
    assert len(files) > 10
    assert sum(len(gzip.compress(part)) for part in [page.content, *(f.read_bytes() for f in files)]) <= CHAT_LIMIT


@pytest.mark.django_db
def test_the_look_of_a_storefront_is_a_script_without_a_global_name() -> None:
    storefront = make_storefront(
        make_merchant(), accent="#ffcc00", position="left", launcher_text_en="</script>Help", launcher_text_zh="客服"
    )
    response = Client().get(f"/widget/{storefront.public_id}.js")
    head, value = response.content.decode().split("=", 1)
    assert head == "document.currentScript.look"
    assert json.loads(value.rstrip(";\n")) == {
        "accent": "#ffcc00",
        "position": "left",
        "locale": "en",
        "launcher": {"en": "</script>Help", "zh-hans": "客服"},
    }
    assert "<" not in value
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies


@pytest.mark.django_db
def test_the_look_of_no_storefront_is_not_found() -> None:
    off = make_storefront(make_merchant(), is_active=False)
    answers = [Client().get(f"/widget/{id}.js") for id in (off.public_id, "00000000-0000-4000-8000-000000000000")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert Client().post(f"/widget/{off.public_id}.js").status_code == 405


def test_the_scripts_make_no_markup_and_read_no_cookie() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|document\.cookie|\beval\(|new Function")
    for file in WIDGET.rglob("*.js"):
        assert not sinks.search(file.read_text(encoding="utf-8")), file.name
