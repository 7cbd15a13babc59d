"""Nobody's words are lost when two people change an FAQ at the same time."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent, LocaleText
from cs_portal.knowledge.merging import merge, parts_of, with_part
from tests.knowledge.contents import contents

BEFORE = FaqContent({"en": LocaleText("Q", "A"), "zh-hans": LocaleText("问", "答")}, "delivery", tags=("old",))
SHIPPED = ConditionalAnswer("a1", AnswerCondition(order_statuses=("shipped",)), {"en": "On its way."})


def with_answer(content: FaqContent, text: str) -> FaqContent:
    return replace(content, texts={**content.texts, "en": replace(content.text("en"), answer=text)})


def test_different_parts_go_together() -> None:
    theirs = replace(BEFORE, tags=("new",), answers=(SHIPPED,))
    mine = with_answer(BEFORE, "Mine")
    merged = merge(BEFORE, theirs, mine)
    assert merged.content == replace(mine, tags=("new",), answers=(SHIPPED,))
    assert (merged.taken, merged.conflicts) == (("tags", "answer-a1"), ())


def test_the_same_part_stays_mine_and_is_named() -> None:
    theirs, mine = with_answer(BEFORE, "Theirs"), with_answer(BEFORE, "Mine")
    merged = merge(BEFORE, theirs, mine)
    assert (merged.content, merged.conflicts) == (mine, ("answer_en",))
    assert with_part(merged.content, theirs, "answer_en") == theirs


def test_an_answer_that_they_removed_and_i_changed_is_a_conflict() -> None:
    before = replace(BEFORE, answers=(SHIPPED,))
    mine = replace(BEFORE, answers=(replace(SHIPPED, texts={"en": "Soon."}),))
    merged = merge(before, BEFORE, mine)
    assert (merged.content, merged.conflicts) == (mine, ("answer-a1",))
    assert with_part(mine, BEFORE, "answer-a1") == BEFORE
    assert merge(before, BEFORE, before).content == BEFORE


def test_a_part_that_does_not_exist_changes_nothing() -> None:
    assert with_part(BEFORE, BEFORE, "answer-nowhere") == BEFORE


@given(contents(), contents())
def test_who_changed_nothing_gets_theirs_and_the_other_way_round(one: FaqContent, other: FaqContent) -> None:
    assert parts_of(merge(one, other, one).content) == parts_of(other)
    assert merge(one, one, other).content == other
    assert merge(one, other, one).conflicts == merge(one, one, other).conflicts == ()
    assert merge(one, other, other).content == other


@given(contents(), contents(), contents())
def test_every_part_is_mine_theirs_or_as_before(before: FaqContent, theirs: FaqContent, mine: FaqContent) -> None:
    merged = merge(before, theirs, mine)
    old, saved, typed = parts_of(before), parts_of(theirs), parts_of(mine)
    for key, part in parts_of(merged.content).items():
        if typed.get(key) != old.get(key):
            assert part == typed[key]
        else:
            assert part == saved.get(key)
    for key in merged.conflicts:
        assert old.get(key) != saved.get(key) != typed.get(key) != old.get(key)
