from xml.etree import ElementTree

import pytest

from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.merchants import MERCHANTS
from cs_portal.demo.pictures import DRAWINGS, FLOATING, picture
from cs_portal.demo.pictures.colours import colour_of, darker, is_light, lighter, mix

PRODUCTS = [product for merchant in MERCHANTS for product in catalogue(merchant.slug)]


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.id)
def test_every_variant_has_a_small_well_formed_picture(product) -> None:
    for variant in product.variants:
        document = picture(product, variant)
        root = ElementTree.fromstring(document)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(list(root.iter())) >= 8
        assert len(document.encode()) < 12_000
        # An SVG in an <img> runs nothing, but opened on its own it would.
        assert {element.tag.split("}")[1] for element in root.iter()} <= {"svg", "path", "rect", "ellipse", "g"}


def test_each_kind_is_drawn_and_each_drawing_is_used() -> None:
    assert {product.kind for product in PRODUCTS} == set(DRAWINGS)
    assert set(DRAWINGS) >= FLOATING


def test_products_of_fernhill_all_look_different() -> None:
    pictures = {picture(product, product.variants[0]) for product in catalogue("fernhill")}
    assert len(pictures) == len(catalogue("fernhill"))


def test_the_colour_follows_the_variant_and_sizes_do_not_matter() -> None:
    bottle = next(product for product in PRODUCTS if product.id == "p-201")
    assert picture(bottle, bottle.variant("500 ml/forest")) == picture(bottle, bottle.variant("750 ml/forest"))
    assert picture(bottle, bottle.variant("500 ml/forest")) != picture(bottle, bottle.variant("500 ml/rose"))


def test_a_colour_comes_from_the_option_then_the_product_then_the_kind() -> None:
    assert colour_of({"size": "M", "colour": "clay"}, kind="basket", fallback="sage") == "#bd6b4e"
    assert colour_of({"size": "M"}, kind="basket", fallback="sage") == "#9db497"
    assert colour_of({"size": "M"}, kind="basket") == "#cbae79"
    assert colour_of({"size": "M"}, kind="unheard-of") == "#b7afa3"


def test_colours_mix() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 0) == "#102030"
    assert darker("#ffffff", 1) == "#1d1a26"
    assert lighter("#000000", 1) == "#fffdf8"
    assert is_light("#f7f4ee")
    assert not is_light("#44518a")
