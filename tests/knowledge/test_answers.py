"""The most specific answer that fits wins, and nothing is given that does not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.commerce.models import OrderStatus
from cs_portal.knowledge.answers import (
    AnswerContext,
    ChosenAnswer,
    choose_answer,
    context_from_json,
    context_to_json,
    fits,
    specificity,
)
from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent, LocaleText
from tests.knowledge.contents import answers, conditions, contents, names

TODAY = date(2026, 11, 26)
SHIPPED = AnswerCondition(order_statuses=("shipped",))
CONTENT = FaqContent({"en": LocaleText("Where is it?", "We send it soon.")})
CASE = AnswerContext(
    products=("p-1",),
    categories=("mugs",),
    storefront="s-1",
    order_status="shipped",
    paid_on=TODAY - timedelta(days=5),
    shipped_on=TODAY - timedelta(days=2),
)

recent = st.one_of(st.none(), st.integers(0, 60).map(lambda days: TODAY - timedelta(days=days)))
cases = st.builds(
    AnswerContext,
    products=names,
    categories=names,
    storefront=st.sampled_from(["", "p-1", "mug"]),
    order_status=st.sampled_from(["", *OrderStatus.values]),
    paid_on=recent,
    shipped_on=recent,
    delivered_on=recent,
)


def answer(id: str, when: AnswerCondition, text: str = "") -> ConditionalAnswer:
    return ConditionalAnswer(id, when, {"en": text or f"Answer {id}."})


def chosen(*given_answers: ConditionalAnswer, case: AnswerContext = CASE, content: FaqContent = CONTENT) -> str | None:
    found = choose_answer(replace(content, answers=given_answers), case, "en", today=TODAY)
    return found.id if found else None


def test_an_answer_that_fits_beats_the_one_for_everybody() -> None:
    assert chosen(answer("a", SHIPPED)) == "a"
    assert chosen(answer("a", AnswerCondition(order_statuses=("delivered",)))) == ""


def test_more_kinds_of_conditions_win() -> None:
    both = AnswerCondition(order_statuses=("shipped",), storefronts=("s-1",))
    assert chosen(answer("one", SHIPPED), answer("two", both)) == "two"
    assert chosen(answer("two", both), answer("one", SHIPPED)) == "two"


def test_a_product_wins_over_a_category_and_the_earlier_over_the_later() -> None:
    category, product = AnswerCondition(categories=("mugs",)), AnswerCondition(products=("p-1",))
    assert chosen(answer("category", category), answer("product", product)) == "product"
    assert chosen(answer("first", category), answer("second", SHIPPED)) == "first"


@pytest.mark.parametrize(
    ("days", "fitting"),
    [((2, 2), True), ((0, 2), True), ((3, None), False), ((None, 1), False), ((None, 2), True), ((2, None), True)],
)
def test_days_count_both_ends(days: tuple[int | None, int | None], fitting: bool) -> None:
    assert fits(AnswerCondition(days_since_shipped=days), CASE, today=TODAY) is fitting


def test_what_is_not_known_fits_nothing() -> None:
    for when in (
        SHIPPED,
        AnswerCondition(products=("p-1",)),
        AnswerCondition(storefronts=("s-1",)),
        AnswerCondition(days_since_paid=(0, 3650)),
        AnswerCondition(order_statuses=("",)),
    ):
        assert not fits(when, AnswerContext(), today=TODAY)


def test_an_answer_for_some_cases_alone_is_none_for_the_others() -> None:
    only = FaqContent({"en": LocaleText("Where is it?")}, answers=(answer("a", SHIPPED),))
    assert choose_answer(only, CASE, "en", today=TODAY) == ChosenAnswer("a", "Answer a.", SHIPPED)
    assert choose_answer(only, AnswerContext(), "en", today=TODAY) is None


def test_a_winner_that_is_not_translated_gives_no_less_specific_answer() -> None:
    texts = {"en": LocaleText("Q", "For everybody."), "zh-hans": LocaleText("问", "适用于所有人。")}
    found = choose_answer(FaqContent(texts, answers=(answer("a", SHIPPED),)), CASE, "zh-hans", today=TODAY)
    assert found == ChosenAnswer("a", "", SHIPPED)


def test_nothing_is_said_before_and_after_its_days() -> None:
    for first, last, holds in (
        (TODAY, TODAY, True),
        (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=1), False),
    ):
        content = replace(CONTENT, valid_from=first, valid_until=last)
        assert (choose_answer(content, CASE, "en", today=TODAY) is not None) is holds


@given(contents(), cases)
def test_the_winner_fits_and_no_other_that_fits_is_more_specific(content: FaqContent, case: AnswerContext) -> None:
    content = replace(content, valid_from=None, valid_until=None)
    found = choose_answer(content, case, "en", today=TODAY)
    fitting = [one for one in content.answers if fits(one.when, case, today=TODAY)]
    if not fitting:
        assert found is None or found.id == ""
        return
    assert found is not None
    winner = next(one for one in content.answers if one.id == found.id)
    assert winner in fitting
    assert specificity(winner) == max(specificity(one) for one in fitting)
    assert winner == next(one for one in fitting if specificity(one) == specificity(winner))


@given(conditions, cases)
def test_a_further_condition_never_makes_an_answer_fit(when: AnswerCondition, case: AnswerContext) -> None:
    for narrower in (replace(when, storefronts=("nowhere",)), replace(when, days_since_delivered=(61, None))):
        assert not fits(narrower, case, today=TODAY)
    if fits(when, case, today=TODAY):
        for part in when.parts:
            empty = None if part.startswith("days") else ()
            assert fits(replace(when, **{part: empty}), case, today=TODAY)


@given(answers, cases, st.randoms())
def test_the_order_matters_only_among_the_equally_specific(
    given_answers: tuple[ConditionalAnswer, ...], case: AnswerContext, rng: object
) -> None:
    shuffled = list(given_answers)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    one = choose_answer(replace(CONTENT, answers=given_answers), case, "en", today=TODAY)
    other = choose_answer(replace(CONTENT, answers=tuple(shuffled)), case, "en", today=TODAY)
    assert one is not None and other is not None
    by_id = {each.id: specificity(each) for each in given_answers} | {"": (0, False)}
    assert by_id[one.id] == by_id[other.id]


@given(cases)
def test_a_case_is_kept_as_it_was(case: AnswerContext) -> None:
    assert context_from_json(context_to_json(case)) == case
