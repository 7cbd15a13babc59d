"""What is kept is what was made, and no more than fits."""

from __future__ import annotations

import pytest

from cs_portal.core.keeping import Kept


def test_the_same_key_is_worked_out_once() -> None:
    kept, made = Kept[str](2), list[str]()

    def make(value: str) -> str:
        made.append(value)
        return value

    assert [kept.get(key, lambda key=key: make(key)) for key in "aaba"] == ["a", "a", "b", "a"]
    assert made == ["a", "b"]


def test_what_was_used_last_stays() -> None:
    kept = Kept[object](2)
    first = kept.get("a", object)
    kept.get("b", object)
    assert kept.get("a", object) is first
    kept.get("c", object)
    assert (len(kept), kept.get("a", object)) == (2, first)
    assert kept.get("b", lambda: "anew") == "anew"


def test_a_failure_is_not_kept() -> None:
    kept = Kept[int](2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1
