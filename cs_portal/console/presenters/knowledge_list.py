"""The list of FAQs: its rows with their figures, its views, and the filters of the URL in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cs_portal.console.forms.knowledge_list import HAS, MISSING, PARAMETERS, SORTS, STATES, VALIDITY, query_of
from cs_portal.console.presenters.categories import category_label
from cs_portal.console.presenters.knowledge import LANG, LanguageMark, State, marks_of, shown_language, state_of
from cs_portal.console.presenters.wording import Words
from cs_portal.conversations.models import SavedView
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.figures import Figures, figures_of
from cs_portal.knowledge.listing import SOON
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.knowledge.quality.kinds import ANY_PROBLEM, Kind
from cs_portal.knowledge.selectors import working_copies
from cs_portal.merchants.models import Member

#: Kinds of finding as the list, the editor and the quality page call them.
KIND_NAMES: dict[str, Words] = {
    Kind.DUPLICATE: gettext_lazy("Nearly the same question"),
    Kind.CONTRADICTION: gettext_lazy("Contradicts another answer"),
    Kind.RULES: gettext_lazy("Contradicts the rules"),
    Kind.TRANSLATION: gettext_lazy("Languages disagree"),
    Kind.LINK: gettext_lazy("Broken link"),
    Kind.NEVER_HIT: gettext_lazy("Never used"),
    Kind.EXPIRED: gettext_lazy("Expired"),
    Kind.EXPIRING: gettext_lazy("Expires soon"),
    Kind.UNTRANSLATED: gettext_lazy("Missing translation"),
    Kind.LABEL: gettext_lazy("Category written in two ways"),
}
PROBLEMS = [
    ("", gettext_lazy("With and without problems")),
    (ANY_PROBLEM, gettext_lazy("With a problem")),
    *KIND_NAMES.items(),
]


@dataclass(frozen=True, slots=True)
class FaqRow:
    """One line of the list. ``validity`` is empty for an FAQ without a last or first day that matters now."""

    faq: Faq
    title: str
    lang: str
    excerpt: str
    category: str
    tags: Sequence[str]
    state: State
    changed: bool
    languages: Sequence[LanguageMark]
    phrasings: str
    figures: Figures
    validity: State | None
    problems: Sequence[Words]


def rows_of(faqs: Iterable[Faq], problems: Mapping[int, Sequence[str]], *, today: date) -> list[FaqRow]:
    """Constant queries, however many rows. ``problems`` are kinds of finding by FAQ."""
    faqs = list(faqs)
    copies = working_copies(faqs)
    return [_row(faq, copies[faq.pk], problems.get(faq.pk, ()), today) for faq in faqs]


def _row(faq: Faq, content: FaqContent, problems: Sequence[str], today: date) -> FaqRow:
    code = shown_language(content)
    return FaqRow(
        faq=faq,
        title=content.text(code).question or faq.key,
        lang=LANG[code],
        excerpt=content.text(code).answer[:400],
        category=category_label(faq.category),
        tags=content.tags,
        state=state_of(faq),
        changed=faq.has_unpublished_changes,
        languages=marks_of(content),
        phrasings=_phrasings(content.phrasings),
        figures=figures_of(faq),
        validity=validity_of(faq, today),
        problems=[KIND_NAMES[kind] for kind in dict.fromkeys(problems) if kind in KIND_NAMES],
    )


def _phrasings(count: int) -> str:
    return ngettext("%(count)s phrasing", "%(count)s phrasings", count) % {"count": count} if count else ""


def validity_of(faq: Faq, today: date) -> State | None:
    """What the days of an FAQ mean today, as a tag; None for nothing that matters."""
    if faq.valid_until is not None and faq.valid_until < today:
        return State("bad", "clock", _("Expired"))
    if faq.valid_until is not None and faq.valid_until <= today + SOON:
        left = (faq.valid_until - today).days
        words = ngettext("Expires in %(days)s day", "Expires in %(days)s days", left) % {"days": left}
        return State("warn", "clock", words if left else _("Expires today"))
    if faq.valid_from is not None and faq.valid_from > today:
        return State("info", "clock", _("From %(day)s") % {"day": date_format(faq.valid_from, "SHORT_DATE_FORMAT")})
    return None


# Views


#: (label, icon, query) of the views that everybody has.
VIEWS: tuple[tuple[Words, str, str], ...] = (
    (gettext_lazy("All FAQs"), "book", ""),
    (FaqState.DRAFT.label, "pencil", "state=draft"),
    (gettext_lazy("Unpublished changes"), "pencil", "state=changed"),
    (gettext_lazy("With a problem"), "alert-triangle", f"problem={ANY_PROBLEM}"),
    (gettext_lazy("Expires soon"), "clock", "valid=soon"),
    (gettext_lazy("Chinese missing"), "language", "missing=zh-hans"),
    (gettext_lazy("English missing"), "language", "missing=en"),
    (gettext_lazy("Longest unused"), "zzz", "sort=not_hit"),
)


@dataclass(frozen=True, slots=True)
class View:
    label: str
    icon: str
    query: str
    current: bool
    saved: SavedView | None = None


@dataclass(frozen=True, slots=True)
class Views:
    """``here`` is the saved view that the URL is, where the reader may change it; ``mine`` those they may change."""

    all: list[View]
    here: SavedView | None
    mine: list[SavedView]
    is_known: bool
    query: str


def views_of(query: QueryDict, saved: Iterable[SavedView], *, member: Member) -> Views:
    here = query_of(query)
    shown = [View(str(label), icon, text, text == here) for label, icon, text in VIEWS]
    shown += [View(row.name, "bookmark", row.query, query_of(QueryDict(row.query)) == here, row) for row in saved]
    mine = [row for row in saved if row.member_id == member.pk or (row.member_id is None and member.may_configure)]
    current = next((view.saved for view in shown if view.current and view.saved), None)
    return Views(shown, current if current in mine else None, mine, any(view.current for view in shown), here)


# Filters in words


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; ``query`` is the URL's query without it."""

    label: str
    query: str


def chips(query: QueryDict, *, editors: Sequence[Member]) -> list[Chip]:
    """One per filter that is on, the order of rows apart."""
    people = {str(one.public_id): str(one.user) for one in editors}
    names: dict[str, Mapping[str, Words]] = {
        "state": dict(STATES),
        "missing": dict(MISSING),
        "valid": {str(code): str(text) for code, text in VALIDITY},
        "has": dict(HAS),
        "problem": {str(code): text for code, text in PROBLEMS},
        "by": {key: _("Changed by %(name)s") % {"name": name} for key, name in people.items()},
    }
    found = []
    for name in PARAMETERS:
        value = query.get(name, "")
        if not value or name == "sort":
            continue
        if name == "q":
            label: Words | None = _("“%(value)s”") % {"value": value}
        elif name == "category":
            label = category_label(value)
        else:
            label = f"#{value}" if name == "tag" else names[name].get(value)
        if label:
            found.append(Chip(str(label), _without(query, name)))
    return found


def view_filters(query: QueryDict, *, editors: Sequence[Member]) -> list[str]:
    """The filters and the order of a saved view in words."""
    order = {str(code): text for code, text in SORTS}.get(query.get("sort", ""))
    return [chip.label for chip in chips(query, editors=editors)] + ([str(order)] if order else [])


def _without(query: QueryDict, name: str) -> str:
    rest = query.copy()
    rest.pop(name, None)
    return f"?{query_of(rest)}"
