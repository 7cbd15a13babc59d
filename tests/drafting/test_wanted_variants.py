"""An exchange in words: which variant is wanted."""

from __future__ import annotations

import pytest

from cs_portal.commerce.models import OrderLine, Variant
from cs_portal.drafting.wanted_variants import named_variants, wanted_variant

SHOES = [
    Variant(external_id=f"{size}-{colour}", options={"size": size, "colour": colour})
    for size in ("41", "42", "43")
    for colour in ("black", "white")
]
MINE = OrderLine(options={"size": "41", "colour": "black"})


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Exchange them for size 42 please", "42-black"),
        ("I have 41 and need 43 in white", "43-white"),
        ("换成白色的", "41-white"),
        ("换42码", "42-black"),
        ("either 42 or 43", None),
        ("a bigger one please", None),
        ("order 4210 is too small, 42.5 would fit", None),
        ("size 41 in black", None),
    ],
)
def test_the_variant_is_that_which_the_words_name(said: str, wanted: str | None) -> None:
    assert wanted_variant(MINE, said, SHOES) == wanted


def test_options_of_other_names_fit_nothing() -> None:
    assert wanted_variant(OrderLine(options={}), "in white", SHOES) is None


def test_a_question_about_a_variant_is_about_its_price_and_stock() -> None:
    book = [
        Variant(external_id="hb", options={"format": "hardback"}, price_minor=1899, stock=0),
        Variant(external_id="pb", options={"format": "paperback"}, price_minor=999, stock=4),
    ]
    assert [each.external_id for each in named_variants(book, "is the hardback in stock?")[0]] == ["hb"]
    assert named_variants(book, "is it in stock?") == (book, [])
    assert named_variants(book, "hardback or paperback?") == (book, [])
    assert named_variants(SHOES, "42 in white")[1] == ["42", "white"]
