"""Grouping questions: the same rows make the same groups, and known groups keep themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.api import Bot, HashingEmbedder
from bots.retrieval.grouping import Rows, Vectors, across_languages, central, group
from bots.types import Language


def rows(*angles: float, language: Language = "en") -> Rows:
    return Rows(vectors_at(*angles), [language] * len(angles))


def vectors_at(*angles: float) -> Vectors:
    """Unit vectors in a plane, by their angle in degrees."""
    if not angles:
        return np.zeros((0, 2), dtype=np.float32)
    radians = np.radians(np.array(angles, dtype=np.float64))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_like_goes_to_like() -> None:
    assert group(rows(0, 90, 10, 95, 200)).formed == ((0, 2), (1, 3), (4,))


def test_new_rows_join_what_is_known_before_they_make_groups() -> None:
    grouped = group(rows(5, 100, 185), {7: rows(0, 2), 3: rows(90)})
    assert grouped.joined == {7: (0,), 3: (1,)}
    assert grouped.formed == ((2,),)


def test_known_groups_never_become_one() -> None:
    grouped = group(rows(2), {1: rows(0), 2: rows(1)})
    assert grouped.joined == {2: (0,)}
    assert grouped.formed == ()


def test_a_chain_of_neighbours_is_no_group() -> None:
    """By single linkage these would be one; their ends have nothing in common."""
    assert len(group(rows(0, 40, 80, 120, 160)).formed) > 1


@given(st.lists(st.integers(0, 359), min_size=1, max_size=24))
def test_every_row_is_in_exactly_one_group_and_always_in_the_same(angles: list[int]) -> None:
    vectors = rows(*angles)
    first = group(vectors, {5: rows(10)})
    placed = [row for members in (*first.joined.values(), *first.formed) for row in members]
    assert sorted(placed) == list(range(len(angles)))
    assert group(rows(*angles), {5: rows(10)}) == first


def test_nothing_is_grouped_into_nothing() -> None:
    assert group(rows(), {1: rows(0)}).formed == ()


def test_the_centre_is_most_like_all_others() -> None:
    assert central(vectors_at(0, 20, 45)) == 1
    with pytest.raises(ValueError, match="centre"):
        central(vectors_at())


def test_comparable_rows_are_unit_rows() -> None:
    bot = Bot(embedder=HashingEmbedder())
    vectors = bot.comparable(["Can I pick it up?", "能自提吗"], ["en", "zh-hans"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert bot.comparable([], []).shape == (0, 1024)


def test_what_two_languages_have_in_common_counts_for_more() -> None:
    english, chinese = rows(0), rows(70, language="zh-hans")
    both = Rows(np.concatenate([english.vectors, chinese.vectors]), ["en", "zh-hans"])
    assert group(both).formed == ((0,), (1,))
    assert group(both, across=2.0).formed == ((0, 1),)
    assert group(rows(0, 70), across=2.0).formed == ((0,), (1,))


def test_an_embedder_of_words_alone_gets_no_help_across_languages() -> None:
    assert across_languages(HashingEmbedder()) == 1.0
