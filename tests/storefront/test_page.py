"""GET /chat/<storefront>/"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from cs_portal.merchants.models import Merchant, Storefront
from tests.factories import make_merchant, make_product, make_storefront
from tests.storefront.conftest import SHOP

pytestmark = pytest.mark.django_db


def page(client: Client, storefront: Storefront, **query: str) -> Any:
    return client.get(f"/chat/{storefront.public_id}/", {"origin": SHOP} | query)


def policy(response: Any) -> dict[str, str]:
    directives = response.headers["Content-Security-Policy"].split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


def config(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="chat-config" type="application/json">(.*?)</script>', response.content.decode())
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_the_chat_may_be_framed_by_the_storefronts_origins_alone(client: Client, merchant: Merchant) -> None:
    storefront = make_storefront(merchant, allowed_origins=[SHOP, "http://127.0.0.1:8001"])
    response = page(client, storefront)
    assert response.status_code == 200
    assert policy(response)["frame-ancestors"] == f"{SHOP} http://127.0.0.1:8001"
    assert "X-Frame-Options" not in response.headers
    assert not response.cookies


def test_the_rest_of_the_policy_stays_strict(client: Client, storefront: Storefront) -> None:
    assert policy(page(client, storefront)) | {"frame-ancestors": ""} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",  # blob: the photo that is about to be sent
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "",
    }


def test_no_entry_of_the_list_can_open_the_policy(client: Client, merchant: Merchant) -> None:
    hostile = ["*", "https://*", "https:", f"{SHOP}; script-src *", f"{SHOP} *", "'self'", "", 5, None, SHOP]
    storefront = make_storefront(merchant, allowed_origins=hostile)
    assert policy(page(client, storefront))["frame-ancestors"] == SHOP


@pytest.mark.parametrize(
    "origin", ["", "null", "*", "https://evil.example", f"{SHOP}.evil.example", f"{SHOP}/", "http://shop.example.com"]
)
def test_another_origin_is_refused_and_frames_nothing(client: Client, storefront: Storefront, origin: str) -> None:
    response = page(client, storefront, origin=origin)
    assert response.status_code == 403
    assert policy(response)["frame-ancestors"] == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert b"chat-config" not in response.content


@pytest.mark.parametrize("public_id", ["00000000-0000-4000-8000-000000000000"])
def test_an_unknown_storefront_is_not_found(client: Client, db: None, public_id: str) -> None:
    assert client.get(f"/chat/{public_id}/", {"origin": SHOP}).status_code == 404


def test_a_switched_off_storefront_is_not_found(client: Client, merchant: Merchant) -> None:
    assert page(client, make_storefront(merchant, is_active=False)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_is_only_read(client: Client, storefront: Storefront, method: str) -> None:
    assert getattr(client, method)(f"/chat/{storefront.public_id}/").status_code == 405


def test_the_page_carries_what_its_script_needs(client: Client, merchant: Merchant) -> None:
    storefront = make_storefront(merchant, accent="#FFCC00", greeting_en="Hi there")
    response = page(client, storefront)
    told = config(response)
    assert told["strings"].keys() >= {"drafting", "checking", "connectionLost", "tooLong"}
    assert {key: told[key] for key in ("storefront", "origin", "locale", "name", "limit", "accent")} == {
        "storefront": str(storefront.public_id),
        "origin": SHOP,
        "locale": "en",
        "name": "Tea House",
        "limit": 4000,
        "accent": {"colour": "#ffcc00", "on": "#000000", "onLight": "#806600", "onDark": "#ffcc00"},
    }
    assert "Hi there" in response.content.decode()


def test_the_page_speaks_chinese(client: Client, merchant: Merchant) -> None:
    storefront = make_storefront(merchant, greeting_zh="您好，想问点什么？")
    response = page(client, storefront, locale="zh-CN")
    text = response.content.decode()
    assert '<html lang="zh-Hans"' in text
    assert "您好，想问点什么？" in text
    assert config(response)["name"] == "茶舍"


def test_what_a_merchant_wrote_is_never_markup(client: Client, merchant: Merchant) -> None:
    merchant.name = '</script><img src=x onerror=alert(1)>"'
    merchant.save()
    text = page(client, make_storefront(merchant, greeting_en="<b>Hi</b>", accent="red;}")).content.decode()
    assert "<img" not in text
    assert "<b>" not in text
    assert config_survives(text)


def config_survives(text: str) -> bool:
    found = re.search(r'type="application/json">(.*?)</script>', text)
    return found is not None and json.loads(found[1])["accent"]["colour"] == "#2f6f4f"


def test_no_inline_script_style_or_handler(client: Client, storefront: Storefront) -> None:
    text = page(client, storefront).content.decode()
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", text) == []
    assert "<style" not in text
    assert re.findall(r"\s(?:style|on\w+)=", text) == []


def test_the_storefront_and_its_pictures_take_two_queries(
    client: Client, storefront: Storefront, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        page(client, storefront)


def test_pictures_come_from_where_the_shop_keeps_them_alone(client: Client, merchant: Merchant) -> None:
    for image in ("https://cdn.shop.example/a.jpg", "https://cdn.shop.example/b.jpg", "javascript:alert(1)"):
        make_product(merchant, image=image)
    make_product(make_merchant(), image="https://elsewhere.example/c.jpg")
    assert policy(page(client, make_storefront(merchant)))["img-src"] == "'self' data: blob: https://cdn.shop.example"


def look(response: Any) -> str:
    found = re.search(r'data-look="(\w+)"', response.content.decode())
    return found[1] if found else ""


def test_the_look_is_the_storefronts_unless_the_page_wishes_another(client: Client, merchant: Merchant) -> None:
    storefront = make_storefront(merchant, look="dark", accent="#ffcc00")
    assert look(page(client, storefront)) == "dark"
    assert look(page(client, storefront, look="light")) == "light"
    assert look(page(client, storefront, look='x" onload="alert(1)')) == "dark"
    assert config(page(client, storefront, accent="#112233"))["accent"]["colour"] == "#112233"
    assert config(page(client, storefront, accent="red;}"))["accent"]["colour"] == "#ffcc00"


def test_quick_replies_are_in_the_chats_language(client: Client, merchant: Merchant) -> None:
    replies = [{"en": "Where is <b>my</b> parcel?", "zh": "包裹到哪了？"}, {"en": "", "zh": "怎么退货？"}, "junk"]
    storefront = make_storefront(merchant, quick_replies=replies)
    english, chinese = (page(client, storefront, locale=locale).content.decode() for locale in ("en", "zh"))
    assert english.count("data-quick") == 1
    assert "Where is &lt;b&gt;my&lt;/b&gt; parcel?" in english
    assert chinese.count("data-quick") == 2


def test_a_person_is_offered_where_the_storefront_says_so(client: Client, merchant: Merchant) -> None:
    assert "data-ask-person" in page(client, make_storefront(merchant)).content.decode()
    assert "data-ask-person" not in page(client, make_storefront(merchant, "b", offers_person=False)).content.decode()


@pytest.mark.parametrize(("locale", "words"), [("en", "Back on Monday."), ("zh", "周一再见。")])
def test_the_offline_notice_is_the_storefronts(client: Client, merchant: Merchant, locale: str, words: str) -> None:
    storefront = make_storefront(merchant, offline_notice_en="Back on Monday.", offline_notice_zh="周一再见。")
    assert words in page(client, storefront, locale=locale).content.decode()
