"""Cells that nobody writes by accident: each is one row's problem, and stops neither the file nor the process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.imports.sources.base import latest_of, minor_of, pieces_of, stock_of
from cs_portal.commerce.models import ImportRun, Order, Product, Refund
from cs_portal.commerce.money import minor_from_decimal
from cs_portal.commerce.services.imports import confirm_import, start_import
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from tests.factories import make_member, make_merchant

SHOPIFY = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n"
SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,"
    "Refunded Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Payment Method\n"
)
TAOBAO = (
    "订单编号,买家会员名,订单状态,订单创建时间,订单付款时间,发货时间,确认收货时间,买家应付货款,买家实际支付金额,"
    "宝贝标题,宝贝总数量,退款金额,买家应付邮费\n"
)
BEYOND = "9999-12-31T23:59:59-10:00"


@pytest.fixture
def owner(db: None) -> Iterator[Member]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield make_member(merchant, Role.OWNER)


def _import(owner: Member, text: str, kind: str) -> ImportRun:
    now = timezone.now()
    run = start_import(kind=kind, file_name="file.csv", blocks=[text.encode()], by=owner, now=now)
    assert run.state == "ready"
    confirm_import(run_id=run.public_id, by=owner, now=now)
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    return run


def _codes(run: ImportRun) -> list[str]:
    return [each["code"] for each in run.problems]


@pytest.mark.parametrize(
    "text", ["1e8000000", "-1e8000000", "1e-8000000", "0e8000000", "Infinity", "NaN", "9" * 5000, "1" + " " * 50]
)
def test_a_stock_that_is_no_number_of_pieces_is_left_to_be_refused(text: str) -> None:
    began = time.monotonic()
    assert stock_of(text, tracked=True) == text
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(("text", "pieces"), [("12", "12"), ("12.0", "12"), ("-3", "0"), ("0", "0"), ("1e3", "1000")])
def test_a_stock_as_shops_write_it(text: str, pieces: str) -> None:
    assert stock_of(text, tracked=True) == pieces


def test_numbers_that_are_too_long_are_none() -> None:
    assert pieces_of("9" * 5000) is pieces_of("-1") is pieces_of("") is None
    assert pieces_of("12") == 12
    assert minor_of("9" * 5000, "CNY") is minor_of("0." + "0" * 5000, "CNY") is None
    with pytest.raises(ValueError, match="1e8000000"):
        minor_from_decimal("1e8000000", "CNY")


def test_times_beyond_the_calendar_are_passed_over() -> None:
    found = latest_of([BEYOND, "0001-01-01T00:00:00+14:00", "2026-11-01T10:00:00", "2026-11-01T10:00:00+08:00", "x"])
    assert found is not None
    assert found.isoformat() == "2026-11-01T10:00:00+08:00"


@pytest.mark.parametrize("stock", ["1e8000000", "Infinity", "9" * 5000])
def test_one_cell_of_a_catalogue_costs_its_own_row(owner: Member, stock: str) -> None:
    text = SHOPIFY + f"mug,Mug,MUG,10,shopify,{stock}\ncup,Cup,CUP,10,shopify,3\n"
    run = _import(owner, text, "products")
    assert (run.state, run.created, run.refused) == ("done", 1, 1)
    assert Product.objects.get().external_id == "cup"


@pytest.mark.parametrize("pieces", ["9" * 5000, "9" * 4299])
def test_one_quantity_costs_its_own_order(owner: Member, pieces: str) -> None:
    row = "{},amy,交易成功,2026-11-01 10:00:00,2026-11-01 10:00:00,,,10.00,10.00,杯子,{},0,0\n"
    run = _import(owner, TAOBAO + row.format(1, pieces) + row.format(2, 1), "orders")
    assert (run.state, run.created, _codes(run)) == ("done", 1, ["not_number"])
    paid = "2026-11-01 10:00:00 +0800"
    row = f"{{}},a@example.com,paid,{paid},,,USD,10,0,0,10,0,{paid},{{}},Mug,10,MUG,card\n"
    run = _import(owner, SHOPIFY_ORDERS + row.format("#3", pieces) + row.format("#4", 1), "orders")
    assert (run.state, run.created, _codes(run)) == ("done", 1, ["not_number"])


def test_a_time_that_no_column_takes_dates_no_refund(owner: Member) -> None:
    at = "2026-11-01 10:00:00"
    run = _import(owner, TAOBAO + f"1,bob,交易关闭,{at},{at},,{BEYOND},10.00,10.00,杯子,1,5.00,0\n", "orders")
    assert (run.state, run.created) == ("done", 1)
    paid = f"{at} +0800"
    row = f"#2,a@example.com,partially_refunded,{paid},partial,{BEYOND},USD,10,0,0,10,5,{paid},1,Mug,10,MUG,card\n"
    run = _import(owner, SHOPIFY_ORDERS + row, "orders")
    assert (run.state, run.created) == ("done", 1)
    assert {refund.created_at for refund in Refund.objects.all()} == {order.placed_at for order in Order.objects.all()}


@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800"])
def test_a_cell_of_json_writes_nothing_that_cannot_be_kept(owner: Member, bad: str) -> None:
    text = "id,title_en,variant_id,price_minor,currency,stock,tags,options\np-0,Cup,v-0,1,CNY,1,,\n"
    text += f'p-1,Mug,v-1,1,CNY,1,"[""{bad}""]",\np-2,Mug,v-2,1,CNY,1,,"{{""{bad}"":""x""}}"\n'
    run = _import(owner, text, "products")
    assert (run.state, run.created, _codes(run)) == ("done", 1, ["not_storable", "not_storable"])
    assert [each["column"] for each in run.problems] == ["tags", "options"]
