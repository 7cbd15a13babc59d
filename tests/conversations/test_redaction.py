"""Redaction: what the records hold goes exactly, the rest as far as it is seen; nothing is masked twice."""

from __future__ import annotations

from datetime import date

from bots.types import PersonalValues
from cs_portal.conversations.redaction import redact

TODAY = date(2026, 11, 26)
ANNA = PersonalValues(names=("Anna Li",), emails=("anna@example.com",), order_numbers=("10533", "10534"))


def test_values_of_the_records_get_the_same_placeholder_for_every_value_of_a_kind() -> None:
    text = "anna li here: 10533 and 10534 came, mail anna@example.com"
    assert redact(text, personal=ANNA, today=TODAY) == "[NAME] here: [ORDER] and [ORDER] came, mail [EMAIL]"


def test_what_no_record_holds_is_found_by_its_shape() -> None:
    assert redact("My name is Bob Ray, order 99123", personal=ANNA, today=TODAY) == "My name is [NAME], order [ORDER]"


def test_a_text_without_anybody_stays_as_it_is() -> None:
    assert redact("Can I pick it up at 9:00?", today=TODAY) == "Can I pick it up at 9:00?"
    assert redact(redact("call 13812345678", today=TODAY), today=TODAY) == "call [PHONE]"
