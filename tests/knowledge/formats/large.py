"""An FAQ with more than a cell of a table can hold."""

from __future__ import annotations

from cs_portal.knowledge.conditions import AnswerCondition, ConditionalAnswer
from cs_portal.knowledge.content import FaqContent, LocaleText


def with_large_answers(length: int) -> FaqContent:
    """Twenty answers in two languages, each of ``length`` characters."""
    texts = {"en": "x" * length, "zh-hans": "长" * length}
    answers = tuple(ConditionalAnswer(f"a{n}", AnswerCondition(products=(f"p-{n}",)), texts) for n in range(20))
    asked = {"en": LocaleText("Large?", "Yes."), "zh-hans": LocaleText("大吗", "大")}
    return FaqContent(asked, answers=answers)
