"""The Content-Security-Policy stays a policy, whatever addresses a merchant's data holds."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from cs_portal.commerce.pictures import origin_of
from cs_portal.core.csp import PolicyMiddleware, is_source
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Role, Storefront
from tests.factories import make_member, make_merchant, make_product, make_storefront

HEADER = "Content-Security-Policy"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://cdn.example.com/a.jpg", "https://cdn.example.com"),
        ("https://user:word@CDN.example.com:8443/a.jpg", "https://cdn.example.com:8443"),
        ("https://b\u00fccher.example/a.jpg", "https://xn--bcher-kva.example"),
        ("https://\u56fe\u7247.example/a.jpg", "https://xn--wcsw84d.example"),
        ("https://a..example/a.jpg", ""),
        ("https://a;script-src.example/a.jpg", ""),
        ("https://a,b.example/a.jpg", ""),
        ("https://*/a.jpg", ""),
        ("https://cdn.example.com:port/a.jpg", ""),
        ("https://\u00b2\u0663.example:\u0663/a.jpg", ""),
        ("https://-/a.jpg", ""),
    ],
)
def test_an_origin_is_ascii_or_nothing(url: str, origin: str) -> None:
    found = origin_of(url)
    assert found.isascii()
    assert found == origin


@pytest.mark.parametrize(
    "value", ["https://\u56fe.example", "https://a b", "https://a;b", "https://a,b", "*", "", None]
)
def test_what_is_no_source(value: object) -> None:
    assert not is_source(value)


def test_the_last_wall_lets_only_sources_into_the_header() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response._csp_update = {  # type: ignore[attr-defined]
            "img-src": ["https://\u56fe\u7247.example", "https://a;script-src *", "https://ok.example"]
        }
        response._csp_replace = {"frame-ancestors": ["https://\u56fe\u7247.example"]}  # type: ignore[attr-defined]
        return response

    request = RequestFactory().get("/")
    header = PolicyMiddleware(view).process_response(request, view(request))[HEADER]
    assert header.isascii()
    assert "=?utf-8?" not in header
    assert "img-src 'self' data: https://ok.example;" in f"{header};"
    assert "frame-ancestors 'none'" in header
    assert "script-src *" not in header


@pytest.mark.django_db
def test_a_picture_on_a_host_of_another_script_leaves_the_policy_whole() -> None:
    cache.clear()
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.OPERATOR)
    make_product(merchant, image="https://\u56fe\u7247.example/mug.jpg")
    client = Client()
    client.force_login(member.user)
    header = client.get("/console/mugs/commerce/products/")[HEADER]
    assert "default-src 'none'" in header
    assert header.isascii()
    assert "https://xn--wcsw84d.example" in header


@pytest.mark.django_db
def test_a_stray_origin_of_a_storefront_leaves_the_policy_whole() -> None:
    merchant = make_merchant("mugs")
    storefront = make_storefront(merchant)
    good = "https://shop.example"
    with scope(merchant=merchant):
        Storefront.objects.filter(pk=storefront.pk).update(
            allowed_origins=["https://\u56fe\u7247.example", "https://a;script-src *", good]
        )
    header = Client().get(f"/chat/{storefront.public_id}/", {"origin": good})[HEADER]
    assert header.isascii()
    assert f"frame-ancestors {good}" in header
    assert "script-src *" not in header
