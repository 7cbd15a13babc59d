"""The views of the inbox with their numbers, and the filters of the URL as choices and chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cs_portal.console.forms.inbox import filters_of, query_of
from cs_portal.console.presenters.wording import INTENTS, Words
from cs_portal.conversations.models import ConversationState, Handler, SavedView
from cs_portal.conversations.selectors import Sort, numbers
from cs_portal.conversations.selectors.inbox import ANY, ME, NOBODY
from cs_portal.merchants.models import Locale, Member

#: Numbers above this are shown as "99+".
LIMIT = 99

#: (key, label, icon, query); the numbers of what is done say nothing and are not counted.
VIEWS: tuple[tuple[str, Words, str, str], ...] = (
    ("open", gettext_lazy("All open"), "inbox", ""),
    ("mine", pgettext_lazy("inbox", "Mine"), "user", "assignee=me"),
    ("nobody", gettext_lazy("Unassigned"), "user-question", "assignee=nobody"),
    ("waiting", pgettext_lazy("inbox", "To answer"), "hourglass", "waiting=1&sort=waiting"),
    ("needs", gettext_lazy("Needs a person"), "hand-stop", "needs=1"),
    ("overdue", pgettext_lazy("inbox", "Overdue"), "alert-triangle", "overdue=1&sort=due"),
    ("snoozed", ConversationState.SNOOZED.label, "clock", "state=snoozed"),
    ("resolved", ConversationState.RESOLVED.label, "circle-check", "state=resolved"),
)
UNCOUNTED = {"resolved"}


@dataclass(frozen=True, slots=True)
class View:
    """A tab of the inbox. ``number`` is empty where it is not counted or zero."""

    label: str
    icon: str
    query: str
    number: str
    current: bool
    saved: SavedView | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; ``query`` is the URL's query without it."""

    label: str
    query: str


def views(
    query: QueryDict, saved: Sequence[SavedView], *, member: Member, now: datetime
) -> tuple[list[View], list[View]]:
    """The views that everybody has, and those that were saved. One query for all numbers."""
    own = {f"saved:{view.pk}": view.query for view in saved}
    queries = {key: text for key, _label, _icon, text in VIEWS if key not in UNCOUNTED} | own
    found = numbers(
        {key: filters_of(QueryDict(text)) for key, text in queries.items()}, member=member, now=now, limit=LIMIT
    )
    here = query_of(query)

    def shown(key: str) -> str:
        number = found.get(key, 0)
        return _("%(number)s+") % {"number": LIMIT} if number > LIMIT else str(number or "")

    fixed = [
        View(str(label), icon, text, shown(key), query_of(QueryDict(text)) == here) for key, label, icon, text in VIEWS
    ]
    kept = []
    for view in saved:
        current = query_of(QueryDict(view.query)) == here
        kept.append(View(view.name, "bookmark", view.query, shown(f"saved:{view.pk}"), current, view))
    return fixed, kept


@dataclass(frozen=True, slots=True)
class Choices:
    """What the selects of the filter form offer, as (value, label)."""

    states: list[tuple[str, str]]
    assignees: list[tuple[str, str]]
    storefronts: list[tuple[str, str]]
    languages: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    intents: list[tuple[str, str]]
    handlers: list[tuple[str, str]]
    sorts: list[tuple[str, str]]


def choices(
    *, colleagues: Sequence[Member], storefronts: Sequence[tuple[str, str]], tags: Sequence[tuple[str, str]]
) -> Choices:
    people = [(str(one.public_id), str(one.user)) for one in colleagues]
    states = [(value, str(label)) for value, label in ConversationState.choices]
    return Choices(
        states=[*states, (ANY, _("Any state"))],
        assignees=[(ME, _("Assigned to me")), (NOBODY, _("Unassigned")), *people],
        storefronts=list(storefronts),
        languages=[(value, str(label)) for value, label in Locale.choices],
        tags=list(tags),
        intents=[(code, str(words)) for code, words in INTENTS.items()],
        handlers=[(value, str(label)) for value, label in Handler.choices],
        sorts=[(value, str(label)) for value, label in Sort.choices],
    )


def chips(query: QueryDict, offered: Choices) -> list[Chip]:
    """One per filter that is on, the order of rows apart."""
    labels: Mapping[str, Mapping[str, str]] = {
        "state": dict(offered.states),
        "assignee": dict(offered.assignees),
        "storefront": dict(offered.storefronts),
        "language": dict(offered.languages),
        "tag": dict(offered.tags),
        "intent": dict(offered.intents),
        "handler": dict(offered.handlers),
        "waiting": {"1": _("Waiting for a reply")},
        "needs": {"1": _("Needs a person")},
        "overdue": {"1": _("Overdue")},
    }
    words = {
        "q": _("“%(value)s”"),
        "since": _("From %(value)s"),
        "until": _("Until %(value)s"),
        "shopper": _("One shopper"),
    }
    found = []
    for name in (*words, *labels):
        value = query.get(name, "")
        if not value:
            continue
        label = labels[name].get(value) if name in labels else words[name] % {"value": value}
        if label:
            found.append(Chip(label, _without(query, name)))
    return found


def orders(query: QueryDict, current: Sort) -> list[tuple[str, str, bool]]:
    """The orders of rows as links of the same list: label, query, whether it is the present one."""
    found = []
    for sort in Sort:
        other = query.copy()
        other["sort"] = sort.value
        found.append((str(sort.label), f"?{query_of(other)}", sort == current))
    return found


def _without(query: QueryDict, name: str) -> str:
    rest = query.copy()
    for gone in (name, "after", "before"):
        rest.pop(gone, None)
    return f"?{query_of(rest)}"
