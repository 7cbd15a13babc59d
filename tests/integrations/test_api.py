"""The public API: pushed, read, refused by field, once for each key, and only within one's own merchant."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderEvent, Product, Refund, Shopper
from cs_portal.commerce.selectors import order_document
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.integrations.models import StoredAnswer
from cs_portal.integrations.services.answers import KEPT_FOR
from cs_portal.merchants.models import ApiToken
from cs_portal.merchants.services.tokens import revoke_token
from cs_portal.policies.engine import parse_order, parse_product, parse_shopper
from tests.factories import make_merchant, make_order, make_product, make_shopper
from tests.integrations.conftest import Caller, caller

pytestmark = pytest.mark.django_db

PRODUCT = {
    "id": "p-9",
    "title": {"en": "Mug"},
    "variants": [{"id": "v", "price_minor": 1500, "currency": "JPY", "stock": 3}],
}
SHOPPER = {"id": "s-17", "name": "Li Wei", "email": "li@example.com"}
ORDER = {
    "number": "10533",
    "shopper": "s-17",
    "currency": "CNY",
    "status": "delivered",
    "placed_at": "2026-11-01T10:00:00+08:00",
    "lines": [{"id": "l-1", "product": "p-9", "variant": "v", "title": "Mug", "quantity": 2, "unit_price_minor": 4300}],
    "payments": [{"id": "pay-1", "method": "alipay", "amount_minor": 8600, "captured_at": "2026-11-01T10:02:00+08:00"}],
}
SAMPLES = {"products": PRODUCT, "shoppers": SHOPPER, "orders": ORDER}


def _errors(response: Any) -> list[tuple[str, str]]:
    assert response["Content-Type"] == "application/problem+json"
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_a_product_a_shopper_and_their_order_are_pushed_and_read(shop: Caller) -> None:
    for kind, document in SAMPLES.items():
        key = document.get("id") or document["number"]
        created = shop("PUT", f"{kind}/{key}", document)
        assert (created.status_code, created.json()) == (201, {"id": key, "result": "created"}), created.content
        assert shop("PUT", f"{kind}/{key}", document).json()["result"] == "unchanged"
    order = shop("GET", "orders/10533").json()
    assert parse_order(order).number == "10533"
    assert order["placed_at"] == ORDER["placed_at"]
    assert parse_product(shop("GET", "products/p-9").json()).id == "p-9"
    shopper = shop("GET", "shoppers/s-17").json()
    assert parse_shopper(shopper).orders_count == 1
    event = OrderEvent.objects.order_by("id").first()
    assert event is not None
    assert (event.source, event.by) == ("api", str(ApiToken.objects.get().public_id))
    again = shop("PUT", "orders/10533", order)
    assert again.json()["result"] == "unchanged"  # what is read can be pushed again


def test_what_turns_words_about_is_left_out_of_titles_names_and_addresses(shop: Caller) -> None:
    shop("PUT", "products/p-9", {**PRODUCT, "title": {"en": "\u202eguM\u202c"}})
    shop("PUT", "shoppers/s-17", {**SHOPPER, "name": "Li\u2067 Wei", "tags": ["v\u200fip"]})
    line = {**ORDER["lines"][0], "title": "\u202eguM", "options": {"col\u202eour": "re\u202ed"}}
    address = {"name": "Li \u202eWei", "line1": "1 שלום Road"}
    assert shop("PUT", "orders/10533", {**ORDER, "lines": [line], "address": address}).status_code == 201
    order, shopper = Order.objects.get(), Shopper.objects.get()
    stored = order.lines.get()
    assert (Product.objects.get().title_en, shopper.name, shopper.tags) == ("guM", "Li Wei", ["vip"])
    assert (stored.title, stored.options) == ("guM", {"colour": "red"})
    assert (order.address["name"], order.address["line1"]) == ("Li Wei", "1 שלום Road")


def test_what_is_left_out_stays_and_the_address_names_the_row(shop: Caller) -> None:
    shop("PUT", "shoppers/s-17", {**SHOPPER, "phone": "123"})
    assert shop("PUT", "shoppers/s-17", {"name": "New"}).json()["result"] == "updated"
    row = Shopper.objects.get()
    assert (row.name, row.phone, row.email) == ("New", "123", "li@example.com")
    refused = shop("PUT", "shoppers/s-17", {"id": "s-18"})
    assert (refused.status_code, _errors(refused)) == (422, [("id", "differs")])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "orders/10533", "GET, PUT"), ("PATCH", "products", "GET, POST"), ("BREW", "shoppers/s-1", "GET, PUT")],
)
def test_a_method_that_there_is_not_is_refused_as_a_problem(shop: Caller, method: str, path: str, allowed: str) -> None:
    answer = shop(method, path, {})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == allowed
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (405, "method_not_allowed")
    assert allowed in problem["detail"]


def test_the_apis_own_addresses_refuse_as_problems_too() -> None:
    client = Client(enforce_csrf_checks=True)
    root, posted = client.get("/api/v1/"), client.post("/api/v1/openapi.json", "{}", content_type="application/json")
    assert (root.status_code, posted.status_code, posted["Allow"]) == (404, 405, "GET, HEAD")
    for answer in (root, posted):
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert client.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"colour": 1}, ("colour", "unknown_key")),
        ({"status": "lost"}, ("status", "not_choice")),
        ({"lines": [{**ORDER["lines"][0], "quantity": "2"}]}, ("lines.0.quantity", "not_number")),
        ({"lines": [{**ORDER["lines"][0], "unit_price_minor": 43.5}]}, ("lines.0.unit_price_minor", "not_whole")),
        ({"lines": [{**ORDER["lines"][0], "unit_price_minor": 10**30}]}, ("lines.0.unit_price_minor", "too_large")),
        ({"lines": ORDER["lines"] * 2}, ("lines.1.id", "twice")),
        ({"placed_at": "2026-11-01T10:00:00"}, ("placed_at", "not_moment")),
        ({"shopper": "s-99"}, ("shopper", "unknown_shopper")),
        ({"currency": "XXX"}, ("currency", "not_currency")),
        ({"note": "a\u0000b"}, ("note", "not_storable")),
        (
            {
                "refunds": [
                    {"id": "r", "payments": [{"id": "pay-1", "amount_minor": 8601}], "created_at": ORDER["placed_at"]}
                ]
            },
            ("refunds.0.id", "refund_exceeds_payment"),
        ),
    ],
)
def test_what_is_wrong_is_refused_by_its_field_and_nothing_is_written(
    shop: Caller, change: dict[str, Any], told: tuple[str, str]
) -> None:
    shop("PUT", "shoppers/s-17", SHOPPER)
    refused = shop("PUT", "orders/10533", {**ORDER, **change})
    assert refused.status_code == 422
    assert told in _errors(refused)
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ('{"name": NaN}', "application/json", 400),
        ('{"name": "a", "name": "b"}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        ("[1]", "application/json", 422),
        ("{}", "text/plain", 415),
        ('{"note": "' + "a" * 1_100_000 + '"}', "application/json", 413),
    ],
)
def test_what_is_no_json_object_is_refused(shop: Caller, body: str | bytes, kind: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {shop.token}"}
    answer = Client().generic("PUT", "/api/v1/shoppers/s-1", data=body, content_type=kind, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Shopper.objects.count() == 0


def test_a_batch_tells_of_each_row_and_one_that_is_wrong_stops_nobody(shop: Caller) -> None:
    make_shopper(shop.merchant, "s-1", name="Old")
    items = [SHOPPER, {"id": "s-1", "name": "New"}, {"id": "s-2", "email": "no"}, 7, SHOPPER, {"name": "Nobody"}]
    answer = shop("POST", "shoppers", {"items": items})
    assert answer.status_code == 200
    told = answer.json()
    assert [(each["id"], each["result"]) for each in told["results"]] == [
        ("s-17", "created"),
        ("s-1", "updated"),
        ("s-2", "refused"),
        ("", "refused"),
        ("s-17", "refused"),
        ("", "refused"),
    ]
    assert (told["created"], told["updated"], told["unchanged"], told["refused"]) == (1, 1, 0, 4)
    assert told["results"][2]["errors"][0]["field"] == "email"
    assert told["results"][4]["errors"][0]["code"] == "twice"
    assert set(Shopper.objects.values_list("external_id", flat=True)) == {"s-17", "s-1"}


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": {}}, {"items": [{}] * 201}, {"items": [{}], "more": 1}])
def test_a_batch_is_a_bounded_list(shop: Caller, body: dict[str, Any]) -> None:
    assert shop("POST", "products", body).status_code == 422


def test_what_goes_together_is_counted_anew_once_an_hour(shop: Caller) -> None:
    with time_machine.travel(timezone.now().replace(minute=30), tick=False):
        shop("PUT", "shoppers/s-17", SHOPPER)
        assert not Job.objects.filter(kind="refresh_pairs").exists()
        for number in range(3):
            shop("PUT", f"orders/1053{number}", {**ORDER, "number": f"1053{number}"})
    job = Job.objects.get(kind="refresh_pairs")
    assert (job.execute_after.minute, job.execute_after.second) == (0, 0)


# --- once ----------------------------------------------------------------------------------------------------------


def test_the_same_key_and_call_get_the_same_answer(shop: Caller) -> None:
    first = shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1")
    second = shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1")
    assert (first.status_code, first.content) == (second.status_code, second.content) == (201, second.content)
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    stored = StoredAnswer.objects.get().answer
    assert ("s-17" in stored, "Li Wei" in stored) == (False, False)
    assert first["Cache-Control"] == "private, no-store"
    Shopper.objects.all().delete()
    shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1")
    assert Shopper.objects.count() == 0  # it was answered, not done again


def test_the_same_key_with_another_call_is_refused(shop: Caller) -> None:
    shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1")
    for path, body in (("shoppers/s-17", {**SHOPPER, "name": "Other"}), ("shoppers/s-18", {**SHOPPER, "id": "s-18"})):
        refused = shop("PUT", path, body, Idempotency_Key="k-1")
        assert (refused.status_code, _errors(refused)) == (422, [("Idempotency-Key", "invalid")])
    assert Shopper.objects.get().name == "Li Wei"


def test_a_call_that_was_refused_leaves_no_key(shop: Caller) -> None:
    assert shop("PUT", "shoppers/s-17", {"id": "s-17", "email": "no"}, Idempotency_Key="k-1").status_code == 422
    assert StoredAnswer.objects.count() == 0
    assert shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1").status_code == 201


def test_keys_belong_to_their_merchant_and_go_in_time(shop: Caller) -> None:
    other = caller(make_merchant())
    shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1")
    assert other("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-1").status_code == 201
    StoredAnswer.objects.update(created_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key="k-2")
    assert list(StoredAnswer.objects.values_list("key", flat=True)) == ["k-2"]


@pytest.mark.parametrize("key", ["x" * 256, "caf\u00e9"])
def test_a_key_is_short_and_plain(shop: Caller, key: str) -> None:
    assert shop("PUT", "shoppers/s-17", SHOPPER, Idempotency_Key=key).status_code == 422


# --- reading -------------------------------------------------------------------------------------------------------


def test_a_list_is_read_page_by_page_and_misses_nothing(shop: Caller) -> None:
    made = [make_product(shop.merchant).external_id for _n in range(7)]
    found, after = [], ""
    while True:
        page = shop("GET", f"products?limit=3{after}").json()
        found += [product["id"] for product in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == made
    assert shop("GET", f"products?id={made[2]}").json()["items"][0]["id"] == made[2]
    assert shop("GET", f"orders?limit=3{after}").status_code == 422  # a cursor belongs to its list


def test_a_list_costs_as_many_queries_for_many_as_for_one(shop: Caller, django_assert_num_queries: Any) -> None:
    def cost(limit: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            assert len(shop("GET", f"orders?limit={limit}").json()["items"]) == limit
        return len(queries)

    for _n in range(8):
        make_order(shop.merchant)
    cost(1)
    assert cost(1) == cost(8)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("after=xyz", "after"),
        ("sort=name", "sort"),
        ("shopper__email=a", "shopper__email"),
    ],
)
def test_only_known_parameters_are_taken(shop: Caller, query: str, field: str) -> None:
    refused = shop("GET", f"orders?{query}")
    assert refused.status_code == 422
    assert [name for name, _code in _errors(refused)] == [field]


# --- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SAMPLES)
def test_nobody_reads_counts_or_changes_what_is_anothers(shop: Caller, kind: str) -> None:
    theirs = make_merchant()
    key = {
        "products": lambda: make_product(theirs).external_id,
        "shoppers": lambda: make_shopper(theirs).external_id,
        "orders": lambda: make_order(theirs).number,
    }[kind]()
    there, nowhere = shop("GET", f"{kind}/{key}"), shop("GET", f"{kind}/no-such-thing")
    assert (there.status_code, nowhere.status_code, there.content) == (404, 404, nowhere.content)
    assert shop("GET", kind).json() == {"items": [], "next": None}
    with scope(merchant=theirs):
        before = list(Shopper.objects.values()), list(Product.objects.values()), list(Order.objects.values())
    make_shopper(shop.merchant, "s-17")
    document = {**SAMPLES[kind], "number" if kind == "orders" else "id": key}
    assert shop("PUT", f"{kind}/{key}", document).status_code == 201  # a row of one's own with the same id
    with scope(merchant=theirs):
        assert before == (list(Shopper.objects.values()), list(Product.objects.values()), list(Order.objects.values()))


def test_scopes_are_kept_apart(merchant: Any) -> None:
    reads, writes = caller(merchant, "read"), caller(merchant, "write")
    assert reads("GET", "shoppers").status_code == 200
    refused = reads("PUT", "shoppers/s-17", SHOPPER)
    assert (refused.status_code, refused.json()["title"]) == (403, "insufficient_scope")
    assert writes("GET", "shoppers").status_code == 403
    assert Shopper.objects.count() == 0
    assert writes("PUT", "shoppers/s-17", SHOPPER).status_code == 201


def test_a_revoked_or_expired_token_opens_nothing(shop: Caller) -> None:
    row = ApiToken.objects.get()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused = shop("GET", "orders")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    ApiToken.objects.update(expires_at=None)
    assert shop("GET", "orders").status_code == 200
    revoke_token(token_id=row.public_id, by=shop.owner, now=timezone.now())
    assert shop("GET", "orders").status_code == 401


def test_guessing_is_slowed_down_and_calls_are_limited(shop: Caller, settings: Any) -> None:
    settings.API_WRITES_PER_MINUTE = 3
    answers = [shop("PUT", "shoppers/s-17", SHOPPER).status_code for _n in range(4)]
    assert answers == [201, 200, 200, 429]
    settings.API_CALLS_PER_MINUTE = 1
    limited = shop("GET", "orders")
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) >= 1
    guess = Caller(shop.merchant, shop.owner, "csp_" + "x" * 43)
    assert {guess("GET", "orders").status_code for _n in range(20)} == {401}
    assert guess("GET", "orders").status_code == 429


def test_the_document_is_public_and_names_every_call() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {f"/api/v1/{kind}{rest}" for kind in SAMPLES for rest in ("", "/{key}")}
    text = json.dumps(document)
    for ref in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert ref in document["components"]["schemas"]
    assert django_settings.API_CALLS_PER_MINUTE > 0


def test_money_that_went_back_here_stays_whatever_is_pushed(shop: Caller) -> None:
    shop("PUT", "shoppers/s-17", SHOPPER)
    refund = {"id": "r-1", "payments": [{"id": "pay-1", "amount_minor": 8600}], "created_at": ORDER["placed_at"]}
    shop("PUT", "orders/10533", {**ORDER, "refunds": [refund]})
    assert shop("PUT", "orders/10533", {**ORDER, "refunds": []}).json()["result"] == "unchanged"
    less = {**ORDER, "payments": [{**ORDER["payments"][0], "amount_minor": 100}]}
    assert shop("PUT", "orders/10533", less).status_code == 422
    assert order_document(Order.objects.get())["refunds"][0]["payments"][0]["amount_minor"] == 8600
    assert Refund.objects.count() == 1


def test_an_unknown_key_of_half_a_character_is_refused(shop: Caller) -> None:
    answer = shop("POST", "products", b'{"\\ud800": 1}')
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(answer.content)["errors"][0] == {
        "field": "\ud800",
        "code": "unknown_key",
        "message": "Unknown key.",
    }


def test_a_key_with_a_slash_is_a_key(shop: Caller) -> None:
    assert shop("PUT", "products/a%2Fb", {**PRODUCT, "id": "a/b"}).status_code == 201
    assert shop("GET", "products/a%2Fb").json()["id"] == "a/b"
    assert shop("GET", "products/a%2Fc").json()["title"] == "not_found"


@pytest.mark.parametrize("path", ["", "orders", "v1/none", "v1/orders/", "v2/orders", "webhooks/shopify/x/", "a%2Fb"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_what_there_is_not_is_refused_as_a_problem(method: str, path: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, f"/api/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "not_found"
