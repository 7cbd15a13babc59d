"""What the settings of the desk show: previews of canned replies, macros in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.conversations.models import ConversationState, Macro, Tag
from cs_portal.conversations.variables import render, samples
from cs_portal.merchants.models import Locale

_BEFORE = re.compile(r"(\{\{[^{}]*\}\})")


@dataclass(frozen=True, slots=True)
class Preview:
    """A text with sample values in it. ``unknown`` are the variables that do not exist."""

    locale: str
    label: str
    text: str
    unknown: list[str]


def previews(text_en: str, text_zh: str) -> list[Preview]:
    """One for each language; an empty text shows that there is none."""
    pairs = ((Locale.EN, text_en), (Locale.ZH_HANS, text_zh))
    return [_preview(locale, text) for locale, text in pairs]


def _preview(locale: Locale, text: str) -> Preview:
    shown = render(text[:4000].replace("\x00", ""), samples(locale), locale=locale).text.strip()
    return Preview(locale, str(locale.label), shown, _BEFORE.findall(shown))


@dataclass(frozen=True, slots=True)
class MacroLine:
    macro: Macro
    steps: list[str]


def macro_lines(rows: Iterable[Macro], tags: Mapping[str, Tag]) -> list[MacroLine]:
    """``tags`` by public id; those that are gone are left out."""
    return [MacroLine(row, list(_steps(row, tags))) for row in rows]


def _steps(macro: Macro, tags: Mapping[str, Tag]) -> Iterable[str]:
    if macro.reply:
        yield _("Insert /%(shortcut)s") % {"shortcut": macro.reply.shortcut}
    names = [tags[each].name for each in macro.add_tags if each in tags]
    if names:
        yield _("Tag %(names)s") % {"names": _(", ").join(names)}
    if macro.assign_to_me:
        yield _("Assign to whoever uses it")
    if macro.state == ConversationState.SNOOZED:
        hours = macro.snooze_hours or 1
        yield ngettext("Snooze for %(hours)s hour", "Snooze for %(hours)s hours", hours) % {"hours": hours}
    elif macro.state == ConversationState.RESOLVED:
        yield _("Resolve")
    elif macro.state == ConversationState.OPEN:
        yield _("Open again")
