"""What changed from one content of an FAQ to another: texts by language, settings, and each conditional answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.models import ActionKind
from cs_portal.console.presenters.categories import category_label
from cs_portal.console.presenters.difference import Part, difference, listed_difference
from cs_portal.console.presenters.faq_answers import ConditionNames, condition_words, names_of
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.content import ConditionalAnswer, FaqContent
from cs_portal.merchants.models import Locale


@dataclass(frozen=True, slots=True)
class FieldDifference:
    label: Words
    parts: Sequence[Part]
    lang: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class LanguageDifference:
    """What changed in one language, in one conditional answer, or in the settings."""

    name: Words
    fields: Sequence[FieldDifference]


def differences(before: FaqContent, after: FaqContent) -> list[LanguageDifference]:
    """Only what changed: language by language, then the conditional answers, then the settings. At most two queries."""
    names = names_of(before, after)
    found = [
        LanguageDifference(LANGUAGE_NAMES[code], list(_of_language(before, after, code))) for code in Locale.values
    ]
    found += _of_answers(before, after, names)
    found.append(LanguageDifference(gettext_lazy("Settings"), list(_of_settings(before, after))))
    return [one for one in found if one.fields]


def setting_words() -> dict[str, tuple[Words, Callable[[FaqContent], str]]]:
    """Each setting of an FAQ in words: its name, and how it stands in a content."""
    return {
        "category": (_("Category"), lambda content: category_label(content.category)),
        "tags": (_("Tags"), lambda content: ", ".join(content.tags)),
        "valid_from": (_("Valid from"), lambda content: _day(content.valid_from)),
        "valid_until": (_("Valid until"), lambda content: _day(content.valid_until)),
        "hand_over": (_("Hand over to a person"), lambda content: _("Yes") if content.hand_over else _("No")),
        "action": (_("Related action"), lambda content: _action(content.action)),
    }


def _of_language(before: FaqContent, after: FaqContent, code: str) -> Iterator[FieldDifference]:
    old, new = before.text(code), after.text(code)
    for label, a, b in ((_("Question"), old.question, new.question), (_("Answer"), old.answer, new.answer)):
        if a != b:
            yield FieldDifference(label, difference(a, b), LANG[code])
    if old.phrasings != new.phrasings:
        parts = listed_difference(old.phrasings, new.phrasings)
        yield FieldDifference(_("Other phrasings"), parts, LANG[code], listed=True)


def _of_answers(before: FaqContent, after: FaqContent, names: ConditionNames) -> Iterator[LanguageDifference]:
    """By id: an answer that moved is the same; the order is told by itself."""
    old, new = ({answer.id: answer for answer in content.answers} for content in (before, after))
    for id in dict.fromkeys([*new, *old]):
        was, now = old.get(id), new.get(id)
        place = list(new if now else old).index(id) + 1
        if now is None:
            name = _("Answer %(number)s, removed") % {"number": place}
        elif was is None:
            name = _("Answer %(number)s, new") % {"number": place}
        else:
            name = _("Answer %(number)s") % {"number": place}
        yield LanguageDifference(name, list(_of_answer(was, now, names)))
    kept = [id for id in old if id in new]
    if kept != [id for id in new if id in old]:
        lists = [[_when(one, names) for one in content.answers] for content in (before, after)]
        parts = listed_difference(*lists)
        yield LanguageDifference(_("Order of the answers"), [FieldDifference("", parts, "", listed=True)])


def _of_answer(
    was: ConditionalAnswer | None, now: ConditionalAnswer | None, names: ConditionNames
) -> Iterator[FieldDifference]:
    a, b = ("" if one is None else _when(one, names) for one in (was, now))
    if a != b:
        yield FieldDifference(_("Conditions"), difference(a, b), "")
    for code in Locale.values:
        a, b = ("" if one is None else one.texts.get(code, "") for one in (was, now))
        if a != b:
            yield FieldDifference(LANGUAGE_NAMES[code], difference(a, b), LANG[code])


def _of_settings(before: FaqContent, after: FaqContent) -> Iterator[FieldDifference]:
    for label, said in setting_words().values():
        a, b = said(before), said(after)
        if a != b:
            yield FieldDifference(label, difference(a, b), "")


def _when(answer: ConditionalAnswer, names: ConditionNames) -> str:
    return " · ".join(condition_words(answer.when, names))


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _action(action: str) -> str:
    return str(ActionKind(action).label) if action in ActionKind.values else action
