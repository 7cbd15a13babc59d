import re

import pytest

from cs_portal.demo.catalogue import catalogue, label
from cs_portal.demo.merchants import FERNHILL, MERCHANTS, QUILLMOOR
from cs_portal.demo.tables import table

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_fernhill_sells_at_least_sixty_four_products_and_quillmoor_eight() -> None:
    assert len(catalogue("fernhill")) >= 64
    assert len(catalogue("quillmoor")) == 8


@pytest.mark.parametrize("merchant", MERCHANTS, ids=lambda merchant: merchant.slug)
def test_ids_are_unique(merchant) -> None:
    products = catalogue(merchant.slug)
    variants = [variant for product in products for variant in product.variants]
    assert len({product.id for product in products}) == len(products)
    assert len({variant.id for variant in variants}) == len(variants)


def test_every_product_of_fernhill_reads_in_both_languages() -> None:
    for product in catalogue(FERNHILL.slug):
        for text in (product.title, product.description):
            assert not HAN.search(text["en"]), product.id
            assert HAN.search(text["zh-hans"]), product.id


def test_a_variant_is_priced_with_its_surcharge() -> None:
    tent = next(product for product in catalogue("fernhill") if product.id == "p-101")
    assert tent.variant("2-person/sand").price_minor == 45900
    assert tent.variant("4-person/sand").price_minor == 69900
    assert dict(tent.variant("4-person/sand").options) == {"size": "4-person", "colour": "sand"}


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(KeyError, match="p-101 has no variant 'pink'"):
        catalogue("fernhill")[0].variant("pink")


def test_sold_out_variants_have_no_stock_and_all_others_some() -> None:
    sold_out = {
        (row["id"], key)
        for name in FERNHILL.product_tables
        for row in table(name)["product"]
        for key in row.get("sold_out", ())
    }
    empty = {(p.id, v.key) for p in catalogue("fernhill") for v in p.variants if v.stock == 0}
    assert empty == sold_out
    assert ("p-301", "mustard/M") in empty
    assert all(v.stock >= 0 for p in catalogue("fernhill") for v in p.variants)


def test_final_sale_products_carry_the_tag() -> None:
    final = {product.id for product in catalogue("fernhill") if product.final_sale}
    assert final == {"p-305", "p-308", "p-406", "p-807", "p-901"}
    assert {product.id for product in catalogue("fernhill") if "final-sale" in product.tags} == final


def test_every_category_and_option_has_a_label() -> None:
    for merchant in MERCHANTS:
        for product in catalogue(merchant.slug):
            assert product.category in table("labels")["category"]
            for variant in product.variants:
                assert set(variant.options) <= set(table("labels")["option"])


def test_a_label_falls_back_to_the_code() -> None:
    assert label("value", "sage", "zh-hans") == "鼠尾草绿"
    assert label("value", "500 ml", "zh-hans") == "500 ml"


def test_furniture_candles_and_bulky_goods_stay_at_home() -> None:
    by_id = {product.id: product for product in catalogue("fernhill")}
    assert [by_id[id].ships_abroad() for id in ("p-703", "p-605", "p-805", "p-501")] == [False, False, False, True]


def test_canonical_points_into_the_shop() -> None:
    mug = catalogue(QUILLMOOR.slug)[6].canonical(shop_url="http://tea.example")
    assert mug == {
        "id": "t-07",
        "title": {"en": "Moor Cup"},
        "category": "teaware",
        "tags": ["fragile"],
        "status": "active",
        "consumable": False,
        "url": "http://tea.example/products/t-07/",
        "image": "http://tea.example/pictures/tv-07-1.svg",
        "variants": [
            {"id": "tv-07-1", "options": {"colour": "white"}, "price_minor": 1600, "currency": "USD", "stock": 60},
            {"id": "tv-07-2", "options": {"colour": "sage"}, "price_minor": 1600, "currency": "USD", "stock": 11},
        ],
    }
