"""What an operator's edit teaches about an FAQ's sentences."""

from __future__ import annotations

from datetime import date

from cs_portal.learning.teaching.comparing import SentenceEdit, sentence_edits

TODAY = date(2026, 11, 26)
ANSWERS = {"f1": "Delivery takes 3 to 5 days. Orders over ¥200 ship free."}


def edits(draft: str, sent: str) -> list[SentenceEdit]:
    return sentence_edits(draft, sent, ANSWERS, today=TODAY)


def test_a_reworded_sentence_in_the_faqs_own_letters() -> None:
    draft = "Hello, thanks for your message. Delivery takes 3 to 5 days. Orders over ¥200 ship free."
    sent = "Hi [NAME], delivery takes 2 to 4 days. Orders over ¥200 ship free. Kind regards, [NAME]"
    assert edits(draft, sent) == [SentenceEdit("f1", "Delivery takes 3 to 5 days.", "Delivery takes 2 to 4 days.")]


def test_a_greeting_and_a_closing_teach_nothing() -> None:
    draft = ANSWERS["f1"]
    assert edits(draft, f"Dear Anna, {draft} Have a lovely day!") == []


def test_a_sentence_that_was_left_out() -> None:
    assert edits(ANSWERS["f1"], "Delivery takes 3 to 5 days.") == [
        SentenceEdit("f1", "Orders over ¥200 ship free.", "")
    ]


def test_a_sentence_that_was_added_behind_one_of_the_faq() -> None:
    sent = "Delivery takes 3 to 5 days. In December it takes a week. Orders over ¥200 ship free."
    assert edits(ANSWERS["f1"], sent) == [
        SentenceEdit("f1", "", "In December it takes a week.", "Delivery takes 3 to 5 days.")
    ]


def test_facts_of_an_order_teach_nothing() -> None:
    assert edits(ANSWERS["f1"], f"{ANSWERS['f1']} Yours leaves on 3 December 2026.") == []
    assert edits(ANSWERS["f1"], "Delivery of [ORDER] takes 3 to 5 days. Orders over ¥200 ship free.") == []


def test_sentences_that_are_not_of_an_faq_teach_nothing() -> None:
    assert edits("We looked into it. It was lost.", "We looked into it. It was found.") == []
