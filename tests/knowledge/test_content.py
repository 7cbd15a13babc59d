"""What an FAQ says goes into a revision and comes out as it was, settings and all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import (
    AnswerCondition,
    ConditionalAnswer,
    FaqContent,
    LocaleText,
    from_json,
    search_text,
    tags_of,
    to_json,
)
from cs_portal.knowledge.selectors import faq_with_texts, knowledge_version, revisions, served_content, working_copy
from cs_portal.knowledge.services.checking import problems
from cs_portal.knowledge.services.editing import create_faq, edit_faq, restore_revision
from cs_portal.knowledge.services.lifecycle import discard_changes, undo_change
from tests.knowledge.conftest import Shop, content
from tests.knowledge.contents import contents

SHIPPED = ConditionalAnswer("a1", AnswerCondition(order_statuses=("shipped",)), {"en": "It is on its way."})
FULL = replace(
    content(),
    tags=("abroad", "summer"),
    valid_from=date(2026, 11, 1),
    valid_until=date(2026, 12, 1),
    hand_over=True,
    action="change_address",
    answers=(SHIPPED,),
)


@given(contents())
def test_what_goes_into_a_revision_comes_out(given_content: FaqContent) -> None:
    stored = json.loads(json.dumps(to_json(given_content)))
    assert from_json(stored, given_content.category) == given_content


def test_a_revision_from_before_there_were_settings_has_none() -> None:
    old = {"en": {"question": "Q", "answer": "A", "phrasings": ["P"]}}
    read = from_json(old, "delivery")
    assert read == FaqContent({"en": LocaleText("Q", "A", ("P",))}, "delivery")
    assert to_json(read) == old


def test_an_open_span_of_days_is_no_condition() -> None:
    assert AnswerCondition(days_since_paid=(None, None)).is_empty
    assert AnswerCondition(days_since_paid=(0, None)).parts == ("days_since_paid",)


def test_a_language_is_missing_where_one_of_the_answers_is_not_translated() -> None:
    both = {"en": LocaleText("Q", "A"), "zh-hans": LocaleText("问", "答")}
    assert FaqContent(both, answers=(SHIPPED,)).missing == ("zh-hans",)
    translated = replace(SHIPPED, texts={"en": "On its way.", "zh-hans": "在路上。"})
    assert FaqContent(both, answers=(translated,)).missing == ()
    assert FaqContent({"en": both["en"], "zh-hans": LocaleText("问")}, answers=(translated,)).missing == ("zh-hans",)


def test_a_day_is_within_both_ends() -> None:
    assert not FULL.holds_on(date(2026, 10, 31))
    assert FULL.holds_on(date(2026, 11, 1)) and FULL.holds_on(date(2026, 12, 1))
    assert not FULL.holds_on(date(2026, 12, 2))
    assert FaqContent().holds_on(date(2026, 12, 2))


def test_tags_are_tidied_and_kept_once() -> None:
    assert tags_of([" Summer  Sale", "summer sale", "", "夏季"]) == ("summer sale", "夏季")


def test_the_search_looks_into_tags_and_every_answer() -> None:
    found = search_text(FULL, "key")
    assert "summer" in found and "it is on its way." in found


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(FULL, tags=("x" * 41,)), "tags"),
        (replace(FULL, tags=tuple(f"t{n}" for n in range(21))), "tags"),
        (replace(FULL, valid_until=date(2026, 10, 1)), "valid_until"),
        (replace(FULL, action="fly"), "action"),
        (replace(FULL, answers=(replace(SHIPPED, when=AnswerCondition()),)), "answer-a1"),
        (replace(FULL, answers=(replace(SHIPPED, texts={}),)), "answer-a1"),
        (replace(FULL, answers=(replace(SHIPPED, texts={"en": "x" * 4001}),)), "answer-a1_en"),
        (replace(FULL, answers=(replace(SHIPPED, when=AnswerCondition(order_statuses=("lost",))),)), "answer-a1"),
        (replace(FULL, answers=(replace(SHIPPED, when=AnswerCondition(days_since_paid=(3, 2))),)), "answer-a1"),
        (replace(FULL, answers=(replace(SHIPPED, when=AnswerCondition(days_since_paid=(None, -1))),)), "answer-a1"),
        (replace(FULL, answers=(SHIPPED, replace(SHIPPED, id="a2"))), "answer-a2"),
        (replace(FULL, answers=(SHIPPED, replace(SHIPPED, when=AnswerCondition(products=("p",))))), "answer-a1"),
    ],
)
def test_what_breaks_a_rule_is_named(wrong: FaqContent, field: str) -> None:
    assert not list(problems(FULL, publishing=True))
    assert [problem.field for problem in problems(wrong, publishing=False)] == [field]


def test_an_answer_for_some_cases_alone_can_be_published() -> None:
    only = FaqContent({"en": LocaleText("Where is it?")}, answers=(SHIPPED,))
    assert not list(problems(only, publishing=True))
    assert next(problems(replace(only, answers=()), publishing=True)).field == "answer_en"
    assert not list(problems(replace(only, answers=(), hand_over=True), publishing=True))


def test_settings_are_served_once_published_and_come_back(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    version = knowledge_version()
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=FULL, now=shop.now)
    row = faq_with_texts(faq.public_id)
    assert (row.valid_until, row.answers, knowledge_version()) == (None, [], version)
    assert working_copy(row) == FULL and served_content(row).served == content().served
    assert sorted(t.tag for t in row.tag_rows.all()) == ["abroad", "summer"]

    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=2, content=FULL, publish=True, now=shop.now)
    row = faq_with_texts(faq.public_id)
    assert served_content(row) == FULL and knowledge_version() == version + 1

    change = restore_revision(faq_id=faq.public_id, number=1, by=shop.olaf, seen=3, now=shop.now)
    assert working_copy(faq_with_texts(faq.public_id)) == content()
    assert change.change_id is not None
    undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    row = faq_with_texts(faq.public_id)
    assert working_copy(row) == served_content(row) == FULL


def test_discarding_brings_back_the_settings_that_are_served(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=FULL, publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=replace(FULL, hand_over=False, tags=()), now=shop.now)
    discard_changes(faq_id=faq.public_id, by=shop.olaf, seen=2, now=shop.now)
    row = faq_with_texts(faq.public_id)
    assert working_copy(row) == served_content(row) == FULL
    assert [t.tag for t in row.tag_rows.order_by("tag")] == ["abroad", "summer"]


def test_tags_alone_change_nothing_that_is_served(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    version = knowledge_version()
    edit_faq(
        faq_id=faq.public_id, by=shop.olaf, seen=1, content=replace(content(), tags=("x",)), publish=True, now=shop.now
    )
    assert knowledge_version() == version
    assert revisions(faq).count() == 2


def test_bad_settings_are_refused_by_the_service(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        create_faq(by=shop.olaf, content=replace(FULL, action="fly"), now=shop.now)
    assert refused.value.field == "action"
