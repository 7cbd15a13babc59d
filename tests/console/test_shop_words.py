"""What the shop's short names are called on the pages about it, and what narrow tables say beside a bare number."""

from __future__ import annotations

import pytest

from cs_portal.commerce.models import Product, Variant
from cs_portal.console.presenters.categories import product_category
from cs_portal.console.presenters.products import stock_state, variant_rows
from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.factories import make_order, make_product, make_shopper


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("bath", "Bath"),
        ("home-office", "Home office"),
        ("tea_ware", "Tea ware"),
        ("TV", "TV"),
        ("茶具", "茶具"),
        ("", ""),
    ],
)
def test_categories_of_products_are_written_as_one_would_write_them(written: str, shown: str) -> None:
    assert product_category(written) == shown


def test_orders_name_their_storefront_as_people_do(cast: Cast) -> None:
    shopper = make_shopper(cast.merchant)
    ours = make_order(cast.merchant, shopper, number="10533", storefront=cast.storefront.slug)
    make_order(cast.merchant, shopper, number="10534", storefront="closed-shop")
    client = cast.client(cast.nina)
    page = client.get("/console/mugs/commerce/orders/")
    rows = {row.number: row.storefront for row in page.context["rows"]}
    assert rows == {"10533": cast.storefront.name, "10534": "closed-shop"}
    assert f">{cast.storefront.name}</option>" in page.content.decode()
    for path in (f"orders/{ours.public_id}/", f"shoppers/{shopper.public_id}/"):
        html = client.get(f"/console/mugs/commerce/{path}").content.decode()
        assert cast.storefront.name in html.partition("<main")[2], path


def test_every_variant_says_how_many_are_left(cast: Cast) -> None:
    product = make_product(cast.merchant, category="tea-ware")
    with scope(merchant=cast.merchant):
        Variant.objects.filter(product=product).delete()
        for name, stock in (("sage", 12), ("white", 2), ("black", 0)):
            Variant.objects.create(
                product=product,
                external_id=f"v-{name}",
                options={"colour": name},
                price_minor=8600,
                currency="CNY",
                stock=stock,
            )
        rows = variant_rows(list(Product.objects.get(pk=product.pk).variants.all()))
    assert [(row.options, row.price, row.stock.label, row.stock.tone) for row in rows] == [
        ("sage", "¥86.00", "12 in stock", ""),
        ("white", "¥86.00", "2 left", "warn"),
        ("black", "¥86.00", "Sold out", "bad"),
    ]
    html = cast.client(cast.nina).get(f"/console/mugs/commerce/products/{product.public_id}/").content.decode()
    assert all(word in html for word in ("12 in stock", "2 left", "Sold out", "Tea ware"))


def test_a_product_with_a_variant_nearly_gone_says_so(cast: Cast) -> None:
    many, few = Variant(stock=40), Variant(stock=1)
    assert stock_state([many, few]).label == "41, a variant nearly gone"
    assert stock_state([many]).label == "40 in stock"
    assert stock_state([]).label == "Sold out"
