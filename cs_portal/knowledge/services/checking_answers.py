"""What an FAQ's settings and its conditional answers must fulfil."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.commerce.models import ActionKind, OrderStatus
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.conditions import ANSWER_ID, DAYS_SINCE, AnswerCondition, ConditionalAnswer
from cs_portal.knowledge.content import MAX_ANSWER, MAX_ANSWERS, MAX_TAG, MAX_TAGS, FaqContent

#: Ten years: what is older has no answer of its own.
MAX_DAYS = 3650
#: Values within one part of a condition.
MAX_VALUES = 200


def too_long(limit: int) -> str:
    return ngettext("At most %(limit)s character.", "At most %(limit)s characters.", limit) % {"limit": limit}


def setting_problems(content: FaqContent) -> Iterator[Invalid]:
    """Tags, validity and action."""
    if len(content.tags) > MAX_TAGS:
        yield Invalid(_("At most %(limit)s tags.") % {"limit": MAX_TAGS}, field="tags")
    for tag in content.tags:
        if len(tag) > MAX_TAG:
            shown = {"tag": tag[:20], "limit": MAX_TAG}
            yield Invalid(_("The tag “%(tag)s…” is longer than %(limit)s characters.") % shown, field="tags")
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        yield Invalid(_("The last day is before the first one."), field="valid_until")
    if content.action and content.action not in ActionKind.values:
        yield Invalid(_("“%(action)s” is no action.") % {"action": content.action[:40]}, field="action")


def answer_problems(content: FaqContent) -> Iterator[Invalid]:
    """Of each conditional answer in turn."""
    if len(content.answers) > MAX_ANSWERS:
        yield Invalid(_("At most %(limit)s answers with conditions.") % {"limit": MAX_ANSWERS}, field="answers")
    ids: set[str] = set()
    conditions: dict[AnswerCondition, int] = {}
    for number, answer in enumerate(content.answers, 1):
        field = f"answer-{answer.id}"
        if not ANSWER_ID.fullmatch(answer.id) or answer.id in ids:
            yield Invalid(_("Every answer needs an id of its own: letters, digits, “-” and “_”."), field=field)
        ids.add(answer.id)
        first = conditions.setdefault(_sorted(answer.when), number)
        if first != number:
            yield Invalid(_("Answer %(number)s has the same conditions.") % {"number": first}, field=field)
        yield from _problems_of(answer, content, field)


def _problems_of(answer: ConditionalAnswer, content: FaqContent, field: str) -> Iterator[Invalid]:
    if answer.when.is_empty:
        yield Invalid(_("Set at least one condition, or write this as the answer for everybody else."), field=field)
    yield from _condition_problems(answer.when, field)
    if not any(answer.texts.values()):
        yield Invalid(_("Write this answer in at least one language."), field=field)
    for code, text in answer.texts.items():
        if text and not content.text(code).question:
            yield Invalid(_("There is no question in this language yet."), field=f"{field}_{code}")
        if len(text) > MAX_ANSWER:
            yield Invalid(too_long(MAX_ANSWER), field=f"{field}_{code}")


def _condition_problems(when: AnswerCondition, field: str) -> Iterator[Invalid]:
    for status in when.order_statuses:
        if status not in OrderStatus.values:
            yield Invalid(_("“%(status)s” is no status of an order.") % {"status": status[:40]}, field=field)
    for values in (when.products, when.categories, when.order_statuses, when.storefronts):
        if len(values) > MAX_VALUES or any(not value or len(value) > 64 for value in values):
            yield Invalid(_("A condition names too much, or something too long."), field=field)
    for part in DAYS_SINCE:
        days = getattr(when, part)
        if days is None:
            continue
        least, most = days
        if any(end is not None and not 0 <= end <= MAX_DAYS for end in days):
            yield Invalid(_("Days are between 0 and %(limit)s.") % {"limit": MAX_DAYS}, field=field)
        elif least is not None and most is not None and most < least:
            yield Invalid(_("“At most” is less than “at least”."), field=field)


def _sorted(when: AnswerCondition) -> AnswerCondition:
    """The condition whatever the order in which its values were given."""
    values = {
        part: tuple(sorted(getattr(when, part))) for part in ("products", "categories", "order_statuses", "storefronts")
    }
    days = {part: getattr(when, part) for part in DAYS_SINCE}
    return AnswerCondition(**values, **days)
