"""Settings of a storefront."""

from __future__ import annotations

import pytest
from django.conf import settings

from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Storefront
from tests.console.conftest import Cast

GOOD = {
    "name": "Mugs CN",
    "locale": "zh-hans",
    "accent": "#AA3300",
    "greeting_en": "Hello",
    "greeting_zh": "您好",
    "look": "system",
    "position": "right",
    "origins": "https://Shop.example.com:443\r\nhttps://cn.example.com:8443\nhttp://127.0.0.1:8001/",
    "is_active": "on",
}


def _url(cast: Cast, step: str = "") -> str:
    return f"/console/mugs/settings/storefronts/{cast.storefront.public_id}/{step}"


def _now(cast: Cast) -> Storefront:
    with scope(merchant=cast.merchant):
        return Storefront.objects.get(pk=cast.storefront.pk)


def test_saving(cast: Cast) -> None:
    answer = cast.client(cast.ann).post(_url(cast), GOOD)
    assert answer["Location"] == _url(cast)
    saved = _now(cast)
    assert (saved.name, saved.locale, saved.accent, saved.is_active) == ("Mugs CN", "zh-hans", "#aa3300", True)
    assert saved.allowed_origins == ["https://shop.example.com", "https://cn.example.com:8443", "http://127.0.0.1:8001"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == ("storefront.updated", str(cast.ann.public_id))
    assert "Mugs CN" not in str(entry.data)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.com",
        "shop.example.com",
        "http://shop.example.com",
        "https://shop.example.com/path",
        "https://shop.example.com?x=1",
        "https://user@shop.example.com",
        "javascript:alert(1)",
        "https://shop.example.com;script-src",
        "https://shop.example.com:99999",
        "https://",
        "null",
    ],
)
def test_what_is_no_origin_is_refused_and_named(cast: Cast, origin: str) -> None:
    answer = cast.client(cast.ann).post(_url(cast), {**GOOD, "origins": origin})
    assert answer.status_code == 422
    assert _now(cast).allowed_origins == ["https://shop.example.com"]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("accent", ["red", "#12345", "#gggggg", "url(x)"])
def test_what_is_no_colour_is_refused(cast: Cast, accent: str) -> None:
    assert cast.client(cast.ann).post(_url(cast), {**GOOD, "accent": accent}).status_code == 422


def test_operators_and_analysts_read_and_change_nothing(cast: Cast) -> None:
    for member in (cast.olaf, cast.nina):
        client = cast.client(member)
        page = client.get(_url(cast)).content.decode()
        assert "You can read these settings." in page
        assert 'name="origins"' not in page
        assert client.post(_url(cast), GOOD).status_code == 403
        assert client.post(_url(cast, "secret/")).status_code == 403
        assert client.post(_url(cast, "rotate-secret/")).status_code == 403
    assert _now(cast).identity_secret == cast.storefront.identity_secret
    assert not AuditEntry.objects.exists()


def test_strangers_get_404(cast: Cast) -> None:
    client = cast.client(cast.charlie)
    for step in ("", "secret/", "rotate-secret/"):
        assert client.post(_url(cast, step), GOOD).status_code == 404
        assert client.post(_url(cast, step).replace("mugs", "rival"), GOOD).status_code == 404
    assert _now(cast).name == cast.storefront.name


def test_the_snippet_names_portal_and_storefront(cast: Cast) -> None:
    page = cast.client(cast.olaf).get(_url(cast, "install/")).content.decode()
    line = f'src="{settings.PORTAL_URL}/widget/loader.js" data-storefront="{cast.storefront.public_id}"'
    assert f"{line}&gt;" in page


def test_the_secret_is_shown_on_demand_by_post_only_and_logged(cast: Cast) -> None:
    client = cast.client(cast.ann)
    secret = cast.storefront.identity_secret
    assert secret not in client.get(_url(cast, "install/")).content.decode()
    assert client.get(_url(cast, "secret/")).status_code == 405
    answer = client.post(_url(cast, "secret/"))
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.get().action == "storefront.secret_shown"


def test_replacing_the_secret(cast: Cast) -> None:
    assert cast.client(cast.ann).post(_url(cast, "rotate-secret/"))["Location"] == _url(cast, "install/")
    assert _now(cast).identity_secret != cast.storefront.identity_secret
    assert AuditEntry.objects.get().action == "storefront.secret_rotated"
