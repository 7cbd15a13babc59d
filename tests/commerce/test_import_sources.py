"""Files of other shop systems, under their real headers, with rows that nobody wrote: what they become here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.imports.sources.base import cell
from cs_portal.commerce.models import ImportRun, Order, Product, Shopper, Variant
from cs_portal.commerce.selectors import order_document, product_document
from cs_portal.commerce.services.imports import confirm_import, read_as, start_import
from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from cs_portal.policies.engine import parse_order, parse_product
from tests.factories import make_member, make_merchant, make_shopper

pytestmark = pytest.mark.django_db


def _columns(text: str) -> list[str]:
    return text.split(",")


SHOPIFY_ORDERS = _columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,"
    "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,"
    "Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,"
    "Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Phone"
)
SHOPIFY_PRODUCTS = _columns(
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
    "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,"
    "Image Alt Text,Gift Card,Status"
)
WOO_PRODUCTS = _columns(
    "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,"
    "Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,Stock,Low stock amount,"
    "Backorders allowed?,Sold individually?,Weight (kg),Sale price,Regular price,Categories,Tags,Shipping class,"
    "Images,Parent,Position,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global"
)
TAOBAO = [
    *("订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额"),
    *("订单状态", "买家留言", "收货人姓名", "收货地址 ", "运送方式", "联系电话 ", "联系手机", "订单创建时间"),
    *("订单付款时间 ", "宝贝标题 ", "宝贝种类 ", "物流单号 ", "物流公司", "订单备注", "宝贝总数量", "店铺名称"),
    *("订单关闭原因", "退款金额", "确认收货时间"),
]


@pytest.fixture
def owner() -> Iterator[Member]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield make_member(merchant, Role.OWNER)


def _file(header: list[str], *rows: dict[str, Any], encoding: str = "utf-8", newline: str = "\n") -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, header, restval="", lineterminator=newline)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode(encoding)


def _start(owner: Member, blob: bytes, kind: str = "products") -> ImportRun:
    return start_import(kind=kind, file_name="file.csv", blocks=[blob], by=owner, now=timezone.now())


def _import(owner: Member, blob: bytes, kind: str = "products") -> ImportRun:
    run = _start(owner, blob, kind)
    assert run.state == "ready", run.problems
    confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    return run


def _counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def _codes(run: ImportRun) -> list[tuple[int, str, str]]:
    return [(problem["line"], problem["column"], problem["code"]) for problem in run.problems]


def _order(number: str) -> dict[str, Any]:
    document = order_document(Order.objects.get(number=number))
    parse_order(document)
    return document


# --- Shopify orders ------------------------------------------------------------------------------------------------

FIRST = {
    "Name": "#1001",
    "Email": "Ada@Example.com",
    "Financial Status": "partially_refunded",
    "Paid at": "2026-11-01 10:02:00 +0800",
    "Fulfillment Status": "fulfilled",
    "Fulfilled at": "2026-11-02 09:00:00 +0800",
    "Currency": "USD",
    "Subtotal": "95.00",
    "Shipping": "5.00",
    "Taxes": "8.00",
    "Total": "108.00",
    "Discount Code": "AUTUMN",
    "Discount Amount": "5.00",
    "Created at": "2026-11-01 10:00:00 +0800",
    "Lineitem quantity": "2",
    "Lineitem name": "Mug - White",
    "Lineitem price": "43.00",
    "Lineitem sku": "MUG-W",
    "Billing Name": "Ada L.",
    "Shipping Name": "Ada L.",
    "Shipping Address1": "1 Mug Road",
    "Shipping City": "Springfield",
    "Shipping Zip": "'01234",
    "Shipping Country": "US",
    "Notes": "=1+1",
    "Payment Method": "Shopify Payments",
    "Refunded Amount": "43.00",
    "Lineitem discount": "0.00",
}
SECOND = {
    "Name": "#1001",
    "Email": "Ada@Example.com",
    "Created at": "2026-11-01 10:00:00 +0800",
    "Lineitem quantity": "1",
    "Lineitem name": "Soap",
    "Lineitem price": "14.00",
    "Lineitem sku": "SOAP",
    "Lineitem discount": "0.00",
}


def test_shopify_orders_bring_lines_totals_refund_and_buyer(owner: Member) -> None:
    run = _import(owner, _file(SHOPIFY_ORDERS, FIRST, SECOND))
    assert (run.source, run.kind, _counts(run)) == ("shopify_orders", "orders", (1, 0, 0, 0))
    order = _order("1001")
    assert [(line["title"], line["quantity"], line["unit_price_minor"]) for line in order["lines"]] == [
        ("Mug - White", 2, 4300),
        ("Soap", 1, 1400),
    ]
    assert (order["status"], order["currency"]) == ("shipped", "USD")
    assert (order["discount_minor"], order["shipping_minor"], order["tax_minor"]) == (500, 500, 800)
    assert order["placed_at"] == "2026-11-01T10:00:00+08:00"
    (payment,) = order["payments"]
    assert (payment["method"], payment["amount_minor"]) == ("credit_card", 10800)
    (refund,) = order["refunds"]
    assert (refund["payments"], refund["lines"]) == ([{"id": payment["id"], "amount_minor": 4300}], [])
    assert (order["address"]["postal_code"], order["note"]) == ("01234", "=1+1")
    shopper = Shopper.objects.get()
    assert (shopper.external_id, shopper.email, shopper.name) == ("ada@example.com", "ada@example.com", "Ada L.")
    assert _counts(_import(owner, _file(SHOPIFY_ORDERS, FIRST, SECOND))) == (0, 0, 1, 0)


def test_a_later_shopify_file_adds_only_the_further_refund(owner: Member) -> None:
    _import(owner, _file(SHOPIFY_ORDERS, FIRST, SECOND))
    run = _import(owner, _file(SHOPIFY_ORDERS, {**FIRST, "Refunded Amount": "50.00"}, SECOND))
    assert _counts(run) == (0, 1, 0, 0)
    assert [r["payments"][0]["amount_minor"] for r in _order("1001")["refunds"]] == [4300, 700]


def test_buyers_are_found_by_their_address_and_lines_by_their_sku(owner: Member) -> None:
    shopper = make_shopper(owner.merchant, "s-7", email="ada@example.com")
    product = Product.objects.create(external_id="mug", title_en="Mug")
    Variant.objects.create(product=product, external_id="MUG-W", price_minor=4300, currency="USD")
    _import(owner, _file(SHOPIFY_ORDERS, FIRST, SECOND))
    order = _order("1001")
    assert (order["shopper"], Shopper.objects.count()) == (shopper.external_id, 1)
    assert [line["product"] for line in order["lines"]] == ["mug", "SOAP"]


def test_taxes_within_prices_are_not_on_top(owner: Member) -> None:
    _import(owner, _file(SHOPIFY_ORDERS, {**FIRST, "Total": "100.00"}, SECOND))
    assert _order("1001")["tax_minor"] == 0


def test_shopify_orders_in_yen_and_not_paid_yet(owner: Member) -> None:
    yen = {**FIRST, "Currency": "JPY", "Financial Status": "pending", "Paid at": "", "Refunded Amount": "0"}
    yen |= {"Subtotal": "1500", "Shipping": "0", "Taxes": "0", "Total": "1500", "Lineitem price": "750"}
    run = _import(owner, _file(SHOPIFY_ORDERS, {**yen, "Fulfillment Status": "unfulfilled"}))
    assert _counts(run) == (1, 0, 0, 0)
    order = _order("1001")
    assert (order["lines"][0]["unit_price_minor"], order["status"], order["discount_minor"]) == (750, "pending", 0)
    assert [(p["amount_minor"], p["captured_at"]) for p in order["payments"]] == [(1500, None)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Lineitem quantity": "two"}, (2, "Lineitem quantity", "not_number")),
        ({"Lineitem price": "43,0"}, (2, "Lineitem price", "not_amount")),
        ({"Lineitem price": "-43.00"}, (2, "Lineitem price", "negative")),
        ({"Currency": "DOGE"}, (2, "Currency", "not_currency")),
        ({"Created at": "yesterday"}, (2, "Created at", "not_moment")),
        ({"Refunded Amount": "999.00"}, None),
        ({"Name": ""}, (2, "Name", "required")),
        ({"Name": "1.23457E+17"}, (2, "Name", "damaged")),
    ],
)
def test_wrong_shopify_cells_are_told_by_their_own_columns(
    owner: Member, change: dict[str, str], told: tuple[int, str, str] | None
) -> None:
    run = _start(owner, _file(SHOPIFY_ORDERS, {**FIRST, **change}))
    if told is None:  # more was given back than was paid: what was paid bounds it
        assert _codes(run) == []
    else:
        assert told in _codes(run)
        assert (run.created, run.refused) == (0, 1)


# --- catalogues ----------------------------------------------------------------------------------------------------


def test_shopify_products_come_over_several_rows(owner: Member) -> None:
    mug = {"Handle": "mug", "Title": "马克杯", "Type": "Kitchen", "Tags": "gift, new", "Published": "true"}
    mug |= {"Option1 Name": "Colour", "Option1 Value": "White", "Variant SKU": "'MUG-W", "Variant Price": "43.00"}
    mug |= {"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "-2", "Status": "active"}
    blue = {"Handle": "mug", "Option1 Value": "Blue", "Variant Price": "45.00", "Image Src": "https://x.example/b.jpg"}
    image = {"Handle": "mug", "Image Src": "https://x.example/2.jpg", "Image Position": "2"}
    soap = {"Handle": "soap", "Title": "Soap", "Option1 Name": "Title", "Option1 Value": "Default Title"}
    soap |= {"Variant Price": "9.5", "Status": "draft", "Variant SKU": "SOAP"}
    run = _import(owner, _file(SHOPIFY_PRODUCTS, mug, soap, blue, image))
    assert (run.source, run.currency, _counts(run)) == ("shopify_products", "CNY", (2, 0, 0, 0))
    document = product_document(Product.objects.get(external_id="mug"))
    parse_product(document)
    assert (document["title"], document["category"], document["tags"]) == (
        {"en": "", "zh-hans": "马克杯"},
        "Kitchen",
        ["gift", "new"],
    )
    assert [(v["id"], v["options"], v["price_minor"], v["stock"]) for v in document["variants"]] == [
        ("MUG-W", {"Colour": "White"}, 4300, 0),
        ("mug/Blue", {"Colour": "Blue"}, 4500, 999),
    ]
    other = product_document(Product.objects.get(external_id="soap"))
    assert (other["status"], other["variants"][0]["options"]) == ("draft", {})


def test_a_catalogue_without_a_currency_takes_the_one_that_is_chosen(owner: Member) -> None:
    soap = {"Handle": "soap", "Title": "Soap", "Variant Price": "1500", "Variant SKU": "SOAP"}
    run = _start(owner, _file(SHOPIFY_PRODUCTS, soap))
    asked = {"run_id": run.public_id, "source": run.source, "kind": run.kind, "by": owner, "now": timezone.now()}
    run = read_as(**asked, currency="JPY", encoding="")
    confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    run_due(["bulk"], keep=False)
    variant = Variant.objects.get()
    assert (variant.price_minor, variant.currency) == (1500, "JPY")
    with pytest.raises(Invalid):
        read_as(**asked, currency="DOGE", encoding="")


def test_woocommerce_variations_join_their_parents_wherever_they_stand(owner: Member) -> None:
    shirt = {"ID": "12", "Type": "variable", "SKU": "SHIRT", "Name": "Shirt", "Published": "1", "In stock?": "1"}
    shirt |= {
        "Categories": "Clothing > Tops, Sale",
        "Tags": "cotton, new",
        "Images": "https://x.example/1.jpg, https://y",
    }
    small = {"ID": "13", "Type": "variation", "SKU": "SHIRT-S", "Name": "Shirt - S", "Published": "1", "In stock?": "1"}
    small |= {"Regular price": "20.00", "Sale price": "18.00", "Parent": "SHIRT", "Stock": "4"}
    small |= {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S"}
    large = {**small, "ID": "14", "SKU": "", "Parent": "id:12", "Stock": "", "In stock?": "0", "Sale price": ""}
    large |= {"Attribute 1 value(s)": "L"}
    hat = {"ID": "9", "Type": "simple, virtual", "SKU": "HAT", "Name": "Hat", "Published": "0", "Regular price": "7"}
    run = _import(owner, _file(WOO_PRODUCTS, small, shirt, {**hat, "In stock?": "1"}, large))
    assert (run.source, _counts(run)) == ("woo_products", (2, 0, 0, 0))
    document = product_document(Product.objects.get(external_id="12"))
    parse_product(document)
    assert (document["category"], document["tags"], document["image"]) == (
        "Tops",
        ["cotton", "new"],
        "https://x.example/1.jpg",
    )
    assert [(v["id"], v["options"], v["price_minor"], v["stock"]) for v in document["variants"]] == [
        ("SHIRT-S", {"Size": "S"}, 1800, 4),
        ("14", {"Size": "L"}, 2000, 0),
    ]
    other = product_document(Product.objects.get(external_id="9"))
    assert (other["status"], other["variants"][0]["stock"]) == ("draft", 999)


# --- Taobao --------------------------------------------------------------------------------------------------------

BOUGHT = {
    "订单编号": '="2026110112345678901"',
    "买家会员名": "云朵小铺",
    "买家应付货款": "100.00",
    "买家应付邮费": "8.00",
    "总金额": "108.00",
    "买家实际支付金额": "105.00",
    "订单状态": "卖家已发货，等待买家确认",
    "买家留言": "=HYPERLINK(1)",
    "收货人姓名": "李某",
    "收货地址 ": "浙江省 杭州市 西湖区 马克路 1 号",
    "联系电话 ": "null",
    "联系手机": "'13800000000",
    "订单创建时间": "2026-11-01 10:00:00",
    "订单付款时间 ": "2026-11-01 10:02:00",
    "宝贝标题 ": "马克杯 白色",
    "宝贝种类 ": "1",
    "物流单号 ": "No:SF123",
    "物流公司": "顺丰速运",
    "宝贝总数量": "3",
    "店铺名称": "马克杯旗舰店",
    "退款金额": "0.00",
}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "gb18030"])
def test_taobao_orders_are_read_as_they_come(owner: Member, encoding: str) -> None:
    run = _import(owner, _file(TAOBAO, BOUGHT, encoding=encoding, newline="\r\n"))
    assert (run.source, run.kind, _counts(run)) == ("taobao_orders", "orders", (1, 0, 0, 0))
    order = _order("2026110112345678901")
    (line,) = order["lines"]
    assert (line["quantity"], line["unit_price_minor"], line["discount_minor"]) == (3, 3334, 2)
    assert (order["status"], order["currency"], order["shipping_minor"], order["discount_minor"]) == (
        "shipped",
        "CNY",
        800,
        300,
    )
    assert order["placed_at"] == "2026-11-01T10:00:00+08:00"
    assert [(p["method"], p["amount_minor"]) for p in order["payments"]] == [("alipay", 10500)]
    assert [(s["tracking"], s["carrier"]) for s in order["shipments"]] == [("SF123", "顺丰速运")]
    assert (order["address"]["phone"], order["note"]) == ("13800000000", "=HYPERLINK(1)")
    shopper = Shopper.objects.get()
    assert (shopper.external_id, shopper.locale, shopper.phone) == ("云朵小铺", "zh-hans", "13800000000")


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("等待买家付款", "pending"),
        ("买家已付款，等待卖家发货", "pending"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("交易成功", "delivered"),
        ("交易关闭", "cancelled"),
    ],
)
def test_states_of_taobao(owner: Member, state: str, ours: str) -> None:
    _import(owner, _file(TAOBAO, {**BOUGHT, "订单状态": state}, encoding="gbk"))
    assert _order("2026110112345678901")["status"] == ours


def test_a_closed_taobao_order_was_refunded(owner: Member) -> None:
    _import(owner, _file(TAOBAO, {**BOUGHT, "订单状态": "交易关闭", "退款金额": "105.00"}, encoding="gbk"))
    order = _order("2026110112345678901")
    assert [share["amount_minor"] for refund in order["refunds"] for share in refund["payments"]] == [10500]


def test_a_number_that_a_spreadsheet_shortened_is_refused(owner: Member) -> None:
    run = _start(owner, _file(TAOBAO, {**BOUGHT, "订单编号": "2.02611E+18"}, encoding="gbk"))
    assert _codes(run) == [(2, "订单编号", "damaged")]


def test_the_same_taobao_order_twice_is_one(owner: Member) -> None:
    run = _start(owner, _file(TAOBAO, BOUGHT, {**BOUGHT, "订单编号": "'2026110112345678901"}, encoding="gbk"))
    assert (run.records, run.created) == (1, 1)


# --- in general ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ('="123"', "123"),
        ('= "123"', "123"),
        ("'123", "123"),
        ("'=1+1", "=1+1"),
        ("null", ""),
        (" x ", "x"),
        ('=""', ""),
        ("=1+1", "=1+1"),
    ],
)
def test_what_guards_a_cell_goes(raw: str, plain: str) -> None:
    assert cell(raw) == plain


@given(
    header=st.sampled_from([SHOPIFY_ORDERS, SHOPIFY_PRODUCTS, WOO_PRODUCTS, TAOBAO]),
    rows=st.lists(st.lists(st.text(max_size=8), max_size=60), min_size=1, max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_no_cells_break_a_source(owner: Member, header: list[str], rows: list[list[str]]) -> None:
    blob = _file(header, *(dict(zip(header, row, strict=False)) for row in rows))
    try:
        run = _start(owner, blob)
    except Invalid:
        return
    assert run.state in {"ready", "refused"}
