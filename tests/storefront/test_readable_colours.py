"""Colours around the accent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.merchants.colours import DARK_PAGE, LIGHT_PAGE, Accent, accent, contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert round(contrast(one, other), 2) == ratio


def test_a_dark_green_carries_white_text() -> None:
    assert accent("#2F6F4F") == Accent("#2f6f4f", "#ffffff", "#2f6f4f", "#6d9a84")


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#2f6f4f;", "url(x)", "#2f6f4f\n"])
def test_what_is_no_colour_is_the_default(colour: str) -> None:
    assert accent(colour) == accent("#2f6f4f")


@given(st.integers(0, 0xFFFFFF))
def test_every_accent_can_be_read(number: int) -> None:
    made = accent(f"#{number:06x}")
    assert contrast(made.on, made.colour) >= 4.5
    assert contrast(made.on_light, LIGHT_PAGE) >= 4.5
    assert contrast(made.on_dark, DARK_PAGE) >= 4.5
