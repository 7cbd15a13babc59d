"""Generated contents of FAQs, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from cs_portal.commerce.models import ActionKind, OrderStatus
from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent, LocaleText, content_of

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
names = st.lists(st.sampled_from(["p-1", "p-2", "mug", "茶具"]), unique=True, max_size=3).map(tuple)
ends = st.one_of(st.none(), st.integers(0, 60))
days = st.one_of(st.none(), st.tuples(ends, ends).filter(lambda pair: pair != (None, None)))

conditions = st.builds(
    AnswerCondition,
    products=names,
    categories=names,
    order_statuses=st.lists(st.sampled_from(OrderStatus.values), unique=True, max_size=3).map(tuple),
    storefronts=names,
    days_since_paid=days,
    days_since_shipped=days,
    days_since_delivered=days,
)
texts = st.dictionaries(st.sampled_from(["en", "zh-hans"]), words, min_size=1)
answers = st.lists(st.tuples(conditions, texts), max_size=5).map(
    lambda given: tuple(ConditionalAnswer(f"a{n}", when, said) for n, (when, said) in enumerate(given))
)


@st.composite
def contents(draw: st.DrawFn) -> FaqContent:
    def text() -> LocaleText:
        return LocaleText(draw(words), draw(st.one_of(st.just(""), words)), tuple(draw(st.lists(words, max_size=3))))

    given = content_of([("en", text()), ("zh-hans", text())], draw(st.sampled_from(["", "delivery"])))
    return FaqContent(
        given.texts,
        given.category,
        tags=draw(names),
        valid_from=draw(st.one_of(st.none(), st.dates())),
        valid_until=draw(st.one_of(st.none(), st.dates())),
        hand_over=draw(st.booleans()),
        action=draw(st.sampled_from(["", *ActionKind.values])),
        answers=draw(answers),
    )
