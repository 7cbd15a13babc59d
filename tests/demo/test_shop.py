import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus, Product, Variant
from cs_portal.core.tenancy import scope
from cs_portal.demo import selectors
from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.shop_request import SHOPPER_COOKIE
from cs_portal.settings import demo_shop
from cs_portal.storefront.identity import verify_identity

PAGES = ("/", "/categories/all/", "/categories/camping/", "/products/p-301/", "/sign-in/", "/basket/", "/nowhere/")
LOADER = re.compile(r"<script async\s+src=\"http://portal\.example/widget/loader\.js\"\s+([^>]*)></script>")


def sign_in(shop: Client, shopper: str = "s-001") -> str:
    """The page that one lands on."""
    return shop.post("/sign-in/as/", {"shopper": shopper}, follow=True).content.decode()


def attributes(html: str) -> dict[str, str]:
    (tag,) = LOADER.findall(html)
    return dict(re.findall(r"data-([a-z]+)=\"([^\"]*)\"", tag))


def fernhill():
    return scope(merchant=selectors.demo_storefront().merchant)


def test_before_loading_it_says_what_to_do(empty_shop: Client) -> None:
    response = empty_shop.get("/")
    assert response.status_code == 503
    assert "manage.py loaddemo" in response.content.decode()
    assert empty_shop.get("/readyz").status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_embeds_the_chat_by_one_tag_and_nothing_inline(shop: Client, language: str) -> None:
    shop.post("/language/", {"language": language, "next": "/"})
    for path in PAGES:
        response = shop.get(path)
        html = response.content.decode()
        assert response.status_code == (404 if path == "/nowhere/" else 200), path
        storefront = selectors.demo_storefront()
        assert attributes(html) == {
            "storefront": str(storefront.public_id),
            "locale": language,
        }, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=|javascript:", html), path
        assert f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}">' in html


def test_the_shop_forbids_all_but_its_own_files_and_the_chat(shop: Client) -> None:
    portal = demo_shop.PORTAL_URL
    policy = dict(part.split(" ", 1) for part in shop.get("/")["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'self' {portal}",
        "frame-src": portal,
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_products_read_in_the_chosen_language(shop: Client) -> None:
    assert "Alder Dome Tent" in shop.get("/categories/camping/").content.decode()
    shop.post("/language/", {"language": "zh-hans", "next": "/"})
    html = shop.get("/categories/camping/").content.decode()
    assert "桤木穹顶帐篷" in html
    assert "Alder Dome Tent" not in html


def test_a_category_shows_its_own_products_at_a_constant_number_of_queries(
    shop: Client, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):
        camping = shop.get("/categories/camping/").content.decode()
    with django_assert_num_queries(3):
        everything = shop.get("/categories/all/").content.decode()
    assert camping.count('<li class="card">') == 18
    assert everything.count('<li class="card">') == len(catalogue("fernhill"))
    assert shop.get("/categories/weapons/").status_code == 404


def test_a_product_shows_the_chosen_variant_and_its_stock(shop: Client) -> None:
    html = shop.get("/products/p-101/?variant=v-101-3").content.decode()
    assert "¥699" in html
    assert "/pictures/v-101-3.svg" in html
    with fernhill():
        Variant.objects.filter(external_id="v-101-3").update(stock=2)
        Variant.objects.filter(external_id="v-101-1").update(stock=0)
    assert "Only 2 left" in shop.get("/products/p-101/?variant=v-101-3").content.decode()
    assert "disabled" in shop.get("/products/p-101/?variant=v-101-1").content.decode()
    # Without a choice, or with a foreign one, the first variant in stock is shown.
    assert "/pictures/v-101-2.svg" in shop.get("/products/p-101/?variant=v-501-1").content.decode()


def test_unknown_inactive_and_foreign_products_are_not_found(shop: Client) -> None:
    with fernhill():
        Product.objects.filter(external_id="p-102").update(status="archived")
    assert [shop.get(f"/products/{id}/").status_code for id in ("p-999", "p-102", "t-01")] == [404, 404, 404]


def test_the_chat_learns_who_signed_in_and_the_portal_can_check_it(shop: Client) -> None:
    html = sign_in(shop, "s-002")
    identity = verify_identity(attributes(html)["identity"], storefront=selectors.demo_storefront(), now=timezone.now())
    assert (identity.sub, identity.name, identity.email) == ("s-002", "林晓雨", "lin.xiaoyu@example.org")


def test_my_orders_are_mine_only_and_show_what_the_portal_did_to_them(shop: Client) -> None:
    html = sign_in(shop, "s-014")
    assert re.findall(r"Order (\d+)", html) == ["10816", "10815", "10814"]
    with fernhill():
        numbers = set(Order.objects.exclude(shopper__external_id="s-014").values_list("number", flat=True))
        assert numbers.isdisjoint(re.findall(r"\b\d{5}\b", html))
        Order.objects.filter(number="10816").update(status=OrderStatus.CANCELLED, refunded_minor=21700)
    html = shop.get("/orders/").content.decode()
    assert "Cancelled" in html
    assert "¥217" in html


def test_orders_ask_for_a_constant_number_of_queries(shop: Client, django_assert_num_queries) -> None:
    counts = {}
    for shopper in ("s-001", "s-014"):
        sign_in(shop, shopper)
        with django_assert_num_queries(7):
            counts[shopper] = shop.get("/orders/").content.decode().count('<article class="order"')
    assert counts == {"s-001": 1, "s-014": 3}


def test_a_page_with_a_shopper_is_kept_out_of_caches(shop: Client) -> None:
    sign_in(shop)
    assert shop.get("/")["Cache-Control"] == "private, no-store"


def test_without_signing_in_there_are_no_orders(shop: Client) -> None:
    assert shop.get("/orders/").headers["Location"] == "/sign-in/"


def test_only_the_stories_can_be_signed_in_as(shop: Client) -> None:
    for shopper in ("s-017", "s-999", "", "' OR 1=1"):
        response = shop.post("/sign-in/as/", {"shopper": shopper})
        assert response.status_code == 404, shopper
        assert SHOPPER_COOKIE not in response.cookies


def test_a_forged_cookie_is_nobody(shop: Client) -> None:
    sign_in(shop)
    value = shop.cookies[SHOPPER_COOKIE].value
    shop.cookies[SHOPPER_COOKIE] = value.replace("s-001", "s-002", 1)
    assert "identity" not in attributes(shop.get("/").content.decode())
    assert shop.get("/orders/").status_code == 302


def test_signing_out_ends_it(shop: Client) -> None:
    sign_in(shop)
    shop.post("/sign-out/")
    assert "identity" not in attributes(shop.get("/").content.decode())


def test_the_basket_keeps_what_was_put_in(shop: Client) -> None:
    for _ in range(2):
        shop.post("/basket/change/", {"variant": "v-501-1"})
    html = shop.post("/basket/change/", {"variant": "v-201-1"}, follow=True).content.decode()
    assert "× 2" in html
    assert "¥205" in html
    html = shop.post("/basket/change/", {"variant": "v-501-1", "remove": "1"}, follow=True).content.decode()
    assert "Fern Stoneware Mug" not in html
    assert "¥119" in html


def test_a_script_reads_whether_the_basket_took_it(shop: Client) -> None:
    json = {"headers": {"Accept": "application/json"}}
    for count in (1, 2):
        answer = shop.post("/basket/change/", {"variant": "v-501-1"}, **json)
        assert answer.json() == {"added": True, "count": count}
    with fernhill():
        Variant.objects.filter(external_id="v-501-1").update(stock=2)
    assert shop.post("/basket/change/", {"variant": "v-501-1"}, **json).json() == {"added": False, "count": 2}
    assert shop.post("/basket/change/", {"variant": "v-0"}, **json).status_code == 404
    assert "data-basket-count>2</span>" in shop.get("/").content.decode()


def test_the_basket_takes_no_more_than_there_is(shop: Client) -> None:
    with fernhill():
        Variant.objects.filter(external_id="v-501-1").update(stock=1)
        Variant.objects.filter(external_id="v-501-2").update(stock=0)
    for variant in ("v-501-1", "v-501-1", "v-501-2"):
        shop.post("/basket/change/", {"variant": variant})
    assert shop.session["basket"] == {"v-501-1": 1}
    assert shop.post("/basket/change/", {"variant": "tv-01-1"}).status_code == 404


def test_the_basket_sends_nobody_elsewhere(shop: Client) -> None:
    there = shop.post("/basket/change/", {"variant": "v-501-1", "next": "https://evil.example/"})
    assert there.headers["Location"] == "/basket/"
    here = shop.post("/basket/change/", {"variant": "v-501-1", "next": "/products/p-501/"})
    assert here.headers["Location"] == "/products/p-501/"


@pytest.mark.parametrize("path", ["/sign-in/as/", "/sign-out/", "/basket/change/"])
def test_what_changes_something_takes_posts_only_and_a_token(shop: Client, path: str) -> None:
    assert shop.get(path).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post(path, {"shopper": "s-001", "variant": "v-501-1"})
    assert refused.status_code == 403
    assert "This page was open for too long" in refused.content.decode()


def test_a_fault_shows_a_page_of_the_shop(shop: Client) -> None:
    shop.raise_request_exception = False
    with fernhill():
        # A product that has lost its variants cannot be shown.
        Variant.objects.filter(product__external_id="p-501").delete()
    response = shop.get("/products/p-501/")
    assert response.status_code == 500
    assert "The shop stumbled" in response.content.decode()


def test_a_picture_is_an_svg_that_any_site_may_show(empty_shop: Client) -> None:
    response = empty_shop.get("/pictures/v-101-1.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Content-Security-Policy"] == "default-src 'none'"
    assert response.content.startswith(b"<svg ")


def test_what_is_not_sold_has_no_picture(shop: Client) -> None:
    assert [shop.get(f"/pictures/{id}.svg").status_code for id in ("v-999-1", "tv-01-1")] == [404, 404]


def test_the_shops_own_files_are_there() -> None:
    assert all(finders.find(f"demo/{name}") for name in ("shop.css", "shop.js", "leaf.svg"))
