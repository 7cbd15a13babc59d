"""Invisible characters that turn words about do not survive in names."""

from __future__ import annotations

import unicodedata

from cs_portal.commerce.cards import title_in
from cs_portal.commerce.models import Product
from cs_portal.core.bidi import without_controls


def test_every_control_of_direction_goes_and_nothing_else() -> None:
    every = "".join(map(chr, range(0x11000)))
    gone = set(every) - set(without_controls(every))
    steering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert {char for char in every if unicodedata.bidirectional(char) in steering} <= gone
    assert gone - {char for char in every if unicodedata.bidirectional(char) in steering} == set("\u061c\u200e\u200f")


def test_words_written_from_the_right_stay() -> None:
    assert without_controls("שלום \u202eمرحبا") == "שלום مرحبا"


def test_a_products_title_is_cleaned() -> None:
    assert title_in(Product(title_en="Mug\u202e!", title_zh=""), "en") == "Mug!"
