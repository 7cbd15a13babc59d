from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.generator import DemoStore, generate
from cs_portal.demo.merchants import FERNHILL, MERCHANTS, QUILLMOOR
from cs_portal.policies.engine.canonical import parse_order, parse_products, parse_shopper

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SHOP = "http://shop.example"
STATUSES = {
    "pending", "processing", "shipped", "delivered", "return_requested", "exchange_requested", "returned", "cancelled",
    "closed",
}  # fmt: skip
MOMENTS = ("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")


def made(merchant=FERNHILL, seed: int = 1, today: datetime = NOON) -> DemoStore:
    return generate(merchant, seed=seed, today=today, shop_url=SHOP)


def order(number: str, today: datetime = NOON) -> dict:
    return next(order for order in made(today=today).orders if order["number"] == number)


def total(order: dict) -> int:
    goods = sum(line["unit_price_minor"] * line["quantity"] - line["discount_minor"] for line in order["lines"])
    return goods - order["discount_minor"] + order["shipping_minor"] + order["tax_minor"]


@pytest.fixture(scope="module", params=range(3))
def every_order(request) -> list[dict]:
    # Midnight in the shop, the last minute of its day, and noon.
    today = (NOON, NOON + timedelta(hours=11, minutes=59), NOON + timedelta(hours=12, minutes=1))[request.param]
    return [
        order | {"_now": today}
        for merchant in MERCHANTS
        for order in generate(merchant, seed=request.param, today=today, shop_url=SHOP).orders
    ]


def test_there_is_enough_of_everything() -> None:
    store = made()
    assert len(store.shoppers) >= 300
    assert len(store.orders) >= 800
    counts = Counter(order["status"] for order in store.orders)
    assert set(counts) == STATUSES
    assert min(counts.values()) >= 9
    assert (len(made(QUILLMOOR).shoppers), len(made(QUILLMOOR).orders)) == (6, 12)


def test_the_same_seed_and_day_make_the_same_store() -> None:
    assert made() == made()
    assert made(seed=2).orders != made().orders


@pytest.mark.parametrize("merchant", MERCHANTS, ids=lambda merchant: merchant.slug)
def test_all_of_it_is_canonical(merchant) -> None:
    store = made(merchant)
    parse_products(store.products)
    for shopper in store.shoppers:
        parse_shopper(shopper)
    for document in store.orders:
        parse_order(document)


def test_payments_sum_up_to_the_total(every_order) -> None:
    wrong = [o["number"] for o in every_order if sum(p["amount_minor"] for p in o["payments"]) != total(o)]
    assert wrong == []
    assert all(payment["amount_minor"] > 0 for o in every_order for payment in o["payments"])


def test_money_goes_back_only_to_captured_payments_and_within_them(every_order) -> None:
    refunded = [o for o in every_order if o["refunds"]]
    assert refunded
    for o in refunded:
        paid = {payment["id"]: payment for payment in o["payments"]}
        back = Counter()
        for refund in o["refunds"]:
            for share in refund["payments"]:
                back[share["id"]] += share["amount_minor"]
        for payment_id, amount in back.items():
            assert paid[payment_id]["captured_at"]
            assert 0 < amount <= paid[payment_id]["amount_minor"]


def test_moments_come_in_their_order_and_never_in_the_future(every_order) -> None:
    for o in every_order:
        cash = o["payments"][0]["method"] == "cash_on_delivery"
        keys = [key for key in MOMENTS if not (cash and key == "paid_at")]
        moments = [datetime.fromisoformat(o[key]) for key in keys if o[key]]
        assert moments == sorted(moments), o["number"]
        later = [datetime.fromisoformat(refund["created_at"]) for refund in o["refunds"]]
        assert max(moments + later) <= o["_now"], o["number"]
        assert all(moment >= moments[-1] for moment in later), o["number"]


@pytest.mark.parametrize(
    ("status", "present", "absent"),
    [
        ("pending", {"placed_at"}, {"shipped_at", "delivered_at", "cancelled_at"}),
        ("processing", {"placed_at"}, {"shipped_at", "delivered_at", "cancelled_at"}),
        ("shipped", {"shipped_at"}, {"delivered_at", "cancelled_at"}),
        ("delivered", {"shipped_at", "delivered_at"}, {"cancelled_at"}),
        ("return_requested", {"delivered_at"}, {"cancelled_at"}),
        ("exchange_requested", {"delivered_at"}, {"cancelled_at"}),
        ("returned", {"delivered_at", "paid_at"}, {"cancelled_at"}),
        ("cancelled", {"cancelled_at"}, {"shipped_at", "delivered_at"}),
        ("closed", {"delivered_at", "paid_at"}, {"cancelled_at"}),
    ],
)
def test_a_status_has_the_moments_that_belong_to_it(status, present, absent, every_order) -> None:
    for o in every_order:
        if o["status"] == status:
            assert all(o[key] for key in present), o["number"]
            assert not any(o[key] for key in absent), o["number"]
            assert bool(o["shipments"]) == bool(o["shipped_at"])


def test_every_line_is_in_exactly_one_parcel(every_order) -> None:
    for o in every_order:
        if o["shipments"]:
            packed = sorted(line for parcel in o["shipments"] for line in parcel["lines"])
            assert packed == sorted(line["id"] for line in o["lines"])
    assert any(len(o["shipments"]) > 1 for o in every_order)


def test_returned_and_paid_cancelled_orders_got_their_money_back(every_order) -> None:
    for o in every_order:
        back = sum(share["amount_minor"] for refund in o["refunds"] for share in refund["payments"])
        if o["status"] == "returned":
            assert back == total(o) - o["shipping_minor"]
        if o["status"] == "cancelled":
            assert back == (total(o) if o["paid_at"] else 0)
    assert any(o["status"] == "closed" and o["refunds"] for o in every_order)


def test_lines_cost_what_the_catalogue_says(every_order) -> None:
    price = {v.id: v.price_minor for merchant in MERCHANTS for p in catalogue(merchant.slug) for v in p.variants}
    assert all(line["unit_price_minor"] == price[line["variant"]] for o in every_order for line in o["lines"])


def test_what_may_not_leave_the_country_does_not() -> None:
    abroad = [o for o in made().orders if o["address"]["country"] not in {"CN"}]
    by_id = {product.id: product for product in catalogue("fernhill")}
    assert len(abroad) > 10
    assert all(by_id[line["product"]].ships_abroad() for o in abroad for line in o["lines"])
    assert {o["shipping_minor"] for o in abroad} == {4500, 12000}


def test_cash_is_taken_for_small_orders_at_home_only() -> None:
    cash = [o for o in made().orders if o["payments"][0]["method"] == "cash_on_delivery"]
    assert cash
    assert all(total(o) <= 100_000 and o["address"]["country"] == "CN" for o in cash)


def test_shoppers_are_distinct_and_unreachable() -> None:
    shoppers = made().shoppers
    for key in ("id", "name", "email", "phone"):
        assert len({shopper[key] for shopper in shoppers}) == len(shoppers), key
    assert {shopper["email"].split("@")[1] for shopper in shoppers} == {"example.com", "example.net", "example.org"}
    assert {shopper["locale"] for shopper in shoppers} == {"en", "zh-hans"}


def test_a_shoppers_figures_follow_from_the_orders() -> None:
    store = made()
    grace = next(shopper for shopper in store.shoppers if shopper["id"] == "s-012")
    assert (grace["orders_count"], grace["refunds_90_days"]) == (1, 1)
    paid = sum(p["amount_minor"] for p in order("10812")["payments"])
    assert grace["lifetime_value_minor"] == paid - 13900
    assert [method["method"] for method in grace["payment_methods"]] == ["gift_card", "credit_card"]


def test_the_stories_are_what_they_promise() -> None:
    def days_ago(moment: str) -> int:
        return (
            NOON.astimezone(datetime.fromisoformat(moment).tzinfo).date() - datetime.fromisoformat(moment).date()
        ).days

    broken = order("10801")
    assert (broken["status"], days_ago(broken["delivered_at"])) == ("delivered", 3)
    assert sum(p["amount_minor"] for p in broken["payments"]) == 2 * 4300 + 15800
    assert order("10803")["status"] == order("10804")["status"] == "pending"
    assert order("10803")["payments"][0]["captured_at"]
    assert order("10806")["shipments"][0]["carrier"] == "Swiftleaf"
    assert days_ago(order("10807")["delivered_at"]) == 20
    assert days_ago(order("10808")["delivered_at"]) == 10
    assert total(order("10809")) > 50_000
    assert [line["final_sale"] for line in order("10810")["lines"]] == [False, True]
    assert days_ago(order("10811")["shipped_at"]) == 18
    assert order("10812")["refunds"][0]["payments"] == [{"id": "pay-10812-2", "amount_minor": 13900}]
    assert len([o for o in made().orders if o["shopper"] == "s-014"]) == 3
    assert [o for o in made().orders if o["shopper"] == "s-015"] == []
    assert len(made().stories) == 16


def test_the_stories_stay_the_same_with_another_seed() -> None:
    def shape(seed: int) -> list[tuple[str, str, int]]:
        return [(o["number"], o["status"], total(o)) for o in made(seed=seed).orders if o["shopper"] <= "s-016"]

    assert sorted(shape(1)) == sorted(shape(5))
