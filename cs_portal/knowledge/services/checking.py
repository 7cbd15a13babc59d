"""What an FAQ must fulfil before it is saved, and before it goes live."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import (
    MAX_ANSWER,
    MAX_CATEGORY,
    MAX_PHRASINGS,
    MAX_QUESTION,
    FaqContent,
    LocaleText,
    folded,
)
from cs_portal.knowledge.services.checking_answers import answer_problems, setting_problems, too_long
from cs_portal.merchants.models import Locale


def problems(content: FaqContent, *, publishing: bool) -> Iterator[Invalid]:
    """Everything wrong with ``content``; ``field`` is ``question_en``, ``answer_zh-hans``, ``category`` and so on.

    A conditional answer's are ``answer-{id}`` for its conditions and ``answer-{id}_{locale}`` for its words.
    """
    if not any(text.question for text in content.texts.values()):
        yield Invalid(_("Write the question in at least one language."), field=f"question_{Locale.values[0]}")
    if len(content.category) > MAX_CATEGORY:
        yield Invalid(too_long(MAX_CATEGORY), field="category")
    for code, text in content.texts.items():
        yield from _problems_of(code, text)
        if publishing and text.question and not content.is_complete(code):
            yield Invalid(_("An answer is needed before this can be published."), field=f"answer_{code}")
    yield from setting_problems(content)
    yield from answer_problems(content)


def check(content: FaqContent, *, publishing: bool) -> None:
    """Raise the first of :func:`problems`."""
    for problem in problems(content, publishing=publishing):
        raise problem


def _problems_of(code: str, text: LocaleText) -> Iterator[Invalid]:
    if (text.answer or text.phrasings) and not text.question:
        yield Invalid(_("This language has an answer or phrasings, but no question."), field=f"question_{code}")
    if len(text.question) > MAX_QUESTION:
        yield Invalid(too_long(MAX_QUESTION), field=f"question_{code}")
    if len(text.answer) > MAX_ANSWER:
        yield Invalid(too_long(MAX_ANSWER), field=f"answer_{code}")
    yield from _phrasing_problems(code, text)


def _phrasing_problems(code: str, text: LocaleText) -> Iterator[Invalid]:
    field = f"phrasings_{code}"
    if len(text.phrasings) > MAX_PHRASINGS:
        yield Invalid(_("At most %(limit)s phrasings per language.") % {"limit": MAX_PHRASINGS}, field=field)
    seen = {folded(text.question)}
    for phrasing in text.phrasings:
        if len(phrasing) > MAX_QUESTION:
            shown = {"phrasing": phrasing[:40], "limit": MAX_QUESTION}
            yield Invalid(_("“%(phrasing)s…” is longer than %(limit)s characters.") % shown, field=field)
        elif folded(phrasing) in seen:
            sentence = _("“%(phrasing)s” is here twice, or is the question itself.") % {"phrasing": phrasing}
            yield Invalid(sentence, field=field)
        seen.add(folded(phrasing))
