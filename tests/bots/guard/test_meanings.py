"""What the guard reads beyond numbers: roles, contradictions, decisions, statuses, spellings, marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bots.composing.phrases import TABLES
from bots.guard.check import check
from bots.guard.lists import pattern_of
from bots.types import MARKS, ComposeRequest, FaqEntry, FaqHit, IntentGuess, Language
from tests.bots.requests import MUGS, POLES, request, verdict

PARTLY = verdict("refund", "allow", 4300, refund_to=("wechat_pay",))
SHIPPED = replace(MUGS, status="shipped", delivered_at=None, shipments=())


def asking(question: str, answer: str, *, language: Language = "en") -> ComposeRequest:
    """A request whose only answer is ``answer``, to a question that was asked."""
    made = request(
        language, "product_question", answers=(FaqHit(FaqEntry("f", 1, language, question, answer), 0.9, "", 0.5, 0.9),)
    )
    return replace(
        made, understanding=replace(made.understanding, intents=(IntentGuess("product_question", 0.9, question),))
    )


def kinds(text: str, made: ComposeRequest) -> set[str]:
    return {violation.kind for violation in check(text, made)}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("We are refunding ¥43.00 to WeChat Pay.", False),
        ("We are refunding ¥86.00 to WeChat Pay.", True),
        ("Your order total was ¥86.00.", False),
        ("Your order total was ¥43.00.", True),
        ("It was delivered on November 18.", False),
        ("It was delivered on November 3.", True),
        ("You ordered it on November 1, and it was shipped on November 3.", False),
        ("You ordered it on November 3, and it was shipped on November 1.", True),
    ],
)
def test_an_amount_and_a_date_have_their_role(text: str, wrong: bool) -> None:
    assert ("role" in kinds(text, request(verdict=PARTLY))) is wrong


def test_a_number_inside_another_names_no_order() -> None:
    inner, outer = replace(POLES, number="1000"), replace(MUGS, number="A1000")
    made = request(orders=(inner, outer), order=outer)
    assert "role" not in kinds("Your order A1000 was delivered on November 18.", made)
    assert "role" in kinds("Your order A1000 was placed on November 20.", made)  # the other one's date


def test_the_days_of_one_thing_are_not_those_of_another() -> None:
    made = asking("Returns?", "Returns are accepted within 30 days. Exchanges are possible within 60 days.")
    assert "role" in kinds("Returns are accepted within 60 days.", made)
    assert "role" not in kinds("Exchanges are possible within 60 days.", made)


@pytest.mark.parametrize(
    ("answer", "text", "wrong"),
    [
        ("Linen must not be washed.", "You can wash linen.", True),
        ("Linen must not be washed.", "Washing linen is not advisable.", False),
        ("The bulb is included.", "The bulb isn't included.", True),
        ("We pay for the return label.", "You have to pay for the return label.", True),
        ("We pay for the return label.", "The return label is free.", False),
        ("You can change the colour until it ships.", "You can't change the colour before it ships.", True),
    ],
)
def test_the_opposite_of_an_answer_is_a_contradiction(answer: str, text: str, wrong: bool) -> None:
    assert ("contradiction" in kinds(text, asking("How is it?", answer))) is wrong


@pytest.mark.parametrize(
    ("answer", "text", "wrong"),
    [
        ("背包不可机洗。", "背包可以机洗。", True),
        ("背包不可机洗。", "背包不能机洗哦。", False),
        ("退货运费由买家承担。", "退货运费由我们承担。", True),
    ],
)
def test_so_it_is_in_chinese(answer: str, text: str, wrong: bool) -> None:
    assert ("contradiction" in kinds(text, asking("怎么样？", answer, language="zh-hans"))) is wrong


def test_a_general_answer_does_not_contradict_the_verdict() -> None:
    made = replace(asking("Refunds?", "You can get a refund within 30 days."), verdict=verdict("refund", "deny"))
    assert "contradiction" not in kinds("Unfortunately we cannot refund order #10533.", made)


@pytest.mark.parametrize("outcome", ["escalate", "ask"])
def test_nobody_refuses_what_is_not_decided_yet(outcome: str) -> None:
    made = request(verdict=verdict("refund", outcome))
    assert "polarity" in kinds("We cannot refund order #10533.", made)
    assert "polarity" not in kinds("We cannot say yet whether we can refund order #10533.", made)


def test_where_a_parcel_is_not_is_a_lie_in_both_directions() -> None:
    assert "status" in kinds("Your parcel has been delivered.", request(order=SHIPPED, orders=(SHIPPED,)))
    assert "status" in kinds("Your order has not been shipped yet.", request(order=MUGS, orders=(MUGS,)))
    assert "status" not in kinds("Your parcel is on its way.", request(order=SHIPPED, orders=(SHIPPED,)))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("product", "The reading lanp is ¥259.00."),
        ("variant", "Your blue Mug was delivered."),
        ("stranger", "It was signed for by Mr Robert Miller."),
        ("insult", "That was a stupid thing to do."),
        ("advice", "You should see a lawyer."),
        ("leak", "As an AI language model, I cannot check that."),
        ("placeholder", "Kind regards, [Your Name]"),
        ("language", "It was delivered. Wir haben Ihre Anfrage erhalten und kümmern uns darum."),
    ],
)
def test_other_kinds(kind: str, text: str) -> None:
    assert kind in kinds(text, request())


def test_a_question_that_is_passed_over_is_marked_and_a_person_answers_it() -> None:
    made = asking("Can I wash it?", "Linen must not be washed.")
    assert "unanswered" in kinds("Hello, thanks for your message.", made)
    assert "unanswered" not in kinds("Please do not wash it.", made)
    assert "unanswered" not in kinds("I have passed your question to a colleague.", made)


def test_a_sentence_without_evidence_is_marked_and_courtesy_is_not() -> None:
    marked = check("Hello! Our founder painted every corner himself. Have a nice day!", request())
    assert [(violation.kind, violation.text) for violation in marked] == [
        ("unsupported", "Our founder painted every corner himself.")
    ]
    assert not marked[0].blocks


def test_marks_are_kinds_that_block_nothing() -> None:
    assert frozenset({"unanswered", "unsupported"}) == MARKS


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize("name", ["insults", "advice", "leaks"])
def test_the_lists_forbid_no_phrase_of_the_composer(language: Language, name: str) -> None:
    for wordings in TABLES[language].phrases.values():
        for wording in wordings:
            assert not pattern_of(name).search(wording), wording
