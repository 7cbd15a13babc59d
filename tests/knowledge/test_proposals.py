"""A proposal as a change of an answer."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cs_portal.knowledge.proposals import changed


@dataclass
class Change:
    before: str = ""
    after: str = ""
    anchor: str = ""


ANSWER = "It takes 3 days. Orders over ¥200 ship free. Ask us."


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (Change("It takes 3 days.", "It takes 2 days."), "It takes 2 days. Orders over ¥200 ship free. Ask us."),
        (Change("Orders over ¥200 ship free.", ""), "It takes 3 days. Ask us."),
        (Change("It takes 3 days.", ""), "Orders over ¥200 ship free. Ask us."),
        (Change("Ask us.", ""), "It takes 3 days. Orders over ¥200 ship free."),
        (Change("", "Call.", "It takes 3 days."), "It takes 3 days. Call. Orders over ¥200 ship free. Ask us."),
        (Change("It takes a week.", "It takes 2 days."), None),
        (Change("", "Ask us.", "It takes 3 days."), None),
        (Change("", "Call.", "It takes a week."), None),
    ],
)
def test_the_answer_with_the_change(change: Change, answer: str | None) -> None:
    assert changed(ANSWER, change) == answer


def test_chinese_sentences_are_joined_without_a_blank() -> None:
    assert (
        changed("三天送达。满二百包邮。", Change("", "偏远地区五天。", "三天送达。"))
        == "三天送达。偏远地区五天。满二百包邮。"
    )
