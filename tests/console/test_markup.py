"""What the strict content security policy needs of every page, and what the shell promises on all of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.console.conftest import Cast
from tests.factories import make_candidate

ACCOUNT_PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/logout/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/change/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/none/",
    "/accounts/email/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/nowhere/",
]


class Page(HTMLParser):
    """Collects what the policy would block, ids, and what labels and forms lack."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.icons: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or "style" in given:
            self.faults.append(f"style on <{tag}>")
        if tag == "script" and not given.get("src"):
            self.faults.append("inline script")
        self.faults += [f"{name} on <{tag}>" for name in given if name.startswith(("on", "hx-on"))]
        if tag == "form" and not given.get("action") and given.get("method") != "dialog":
            self.faults.append("form without action")
        if tag == "a" and not given.get("href"):
            self.faults.append("link without href")
        if tag == "use":
            self.icons.add(str(given["href"]).rpartition("#")[2])
        if given.get("id"):
            self.ids.append(str(given["id"]))


def _check(text: str) -> Page:
    page = Page(text)
    assert page.faults == []
    assert sorted(page.ids) == sorted(set(page.ids))
    return page


def _pages(cast: Cast) -> dict[str, str]:
    draft, _order, _conversation = cast.refund_draft(texts=())
    make_candidate(draft, "Order 10533.", links=[{"start": 0, "end": 5, "evidence": "order:10533"}])
    make_candidate(draft, "¥99", violations=[{"kind": "amount", "text": "¥99", "start": 0, "end": 3}])
    client = cast.client(cast.ann)
    store = f"/console/mugs/settings/storefronts/{cast.storefront.public_id}/"
    paths = ["/console/mugs/review/", cast.url(draft), "/console/mugs/settings/storefronts/", store, *ACCOUNT_PAGES]
    pages = {path: client.get(path, follow=True).content.decode() for path in paths}
    pages["secret"] = client.post(f"{store}secret/").content.decode()
    pages["refused"] = client.post(cast.url(draft, "approve/"), {"text": "x", "seen": "y"}).content.decode()
    pages["read-only"] = cast.client(cast.nina).get(store).content.decode()
    pages |= {f"anonymous {path}": Client().get(path, follow=True).content.decode() for path in ACCOUNT_PAGES}
    return pages


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_needs_an_unsafe_policy(cast: Cast, language: str, settings: object) -> None:
    sprite = set(re.findall(r'id="([^"]+)"', _sprite()))
    for path, text in _pages(cast).items():
        page = _check(text)
        assert page.icons <= sprite, path
        assert '<a class="skip-link" href="#main">' in text, path
        assert text.count("<h1") == 1, path
        assert "<title>" in text, path


def test_the_policy_is_strict(cast: Cast) -> None:
    policy = cast.client(cast.olaf).get("/console/mugs/review/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def test_every_behaviour_named_in_a_template_exists() -> None:
    folder = Path(settings.BASE_DIR)
    known = set(re.findall(r'^\s+"?([a-z-]+)"?(?:: \w+)?,$', (folder / "static/js/console.js").read_text(), re.M))
    for template in (folder / "templates").rglob("*.html"):
        if {"storefront", "demo"} & set(template.relative_to(folder).parts):
            continue
        for names in re.findall(r'data-behaviour="([^"]+)"', template.read_text()):
            assert set(names.split()) <= known, template


def _sprite() -> str:
    return (Path(settings.BASE_DIR) / "static/vendor/tabler-icons/sprite.svg").read_text()
