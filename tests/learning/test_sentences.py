"""What of a reply is about the shop: greetings, courtesies and facts of one order are left out."""

from __future__ import annotations

from datetime import date

import pytest

from cs_portal.learning.sentences import general, is_courtesy, normal, sentences, without_greeting

TODAY = date(2026, 11, 26)


def test_sentences_of_both_languages() -> None:
    assert sentences("We do. It costs ¥20!\nAsk us. 可以的。下单时备注一下！") == [
        "We do.",
        "It costs ¥20!",
        "Ask us.",
        "可以的。",
        "下单时备注一下！",
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hi [NAME], we do engrave.", "We do engrave."),
        ("Dear Anna, Hi Anna, we do.", "We do."),
        ("[NAME]您好，可以的。", "可以的。"),
        ("亲，可以的。", "可以的。"),
        ("Hidden fees? None.", "Hidden fees? None."),
    ],
)
def test_a_greeting_goes(text: str, kept: str) -> None:
    assert without_greeting(text) == kept


def test_what_may_stand_in_an_faq() -> None:
    reply = (
        "Hi [NAME], yes, we engrave for ¥20. Your order [ORDER] leaves on 3 December 2026. Leave a note with it."
        " Is there anything else I can do for you? Kind regards, [NAME]"
    )
    assert general(reply, today=TODAY) == "Yes, we engrave for ¥20. Leave a note with it."


def test_a_chinese_reply_is_joined_without_blanks() -> None:
    assert general("[NAME]您好，可以刻字。手工费 20 元。祝您生活愉快！", today=TODAY) == "可以刻字。手工费 20 元。"


def test_courtesies_and_sameness() -> None:
    assert is_courtesy("Have a lovely day!")
    assert normal("ＷＥ  do it!") == normal("we do it.")
