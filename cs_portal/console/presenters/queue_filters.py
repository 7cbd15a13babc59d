"""What the review queue is narrowed to. Filters live in the URL, and stay there from one draft to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Draft
from cs_portal.drafting.pairs import agreed_once
from cs_portal.merchants.models import Locale, Member, Storefront

#: Rows of the queue at first, and how many a click adds.
STEP = 50
MOST = 500
WHO = ("person", "mine", "free", "second")


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """Empty means all. ``who``: drafts that need a person, that I look at, that nobody looks at, that one agreed to."""

    intent: str = ""
    locale: str = ""
    storefront: str = ""
    who: str = ""
    shown: int = STEP

    def narrow(self, drafts: QuerySet[Draft], *, member: Member, now: datetime) -> QuerySet[Draft]:
        if self.intent:
            drafts = drafts.filter(intent=self.intent)
        if self.locale:
            drafts = drafts.filter(locale=self.locale)
        if self.storefront:
            drafts = drafts.filter(conversation__storefront__public_id=self.storefront)
        if self.who == "person":
            drafts = drafts.filter(needs_person=True)
        elif self.who == "mine":
            drafts = drafts.filter(Q(claimed_by=member, claimed_until__gte=now) | Q(conversation__assignee=member))
        elif self.who == "second":
            drafts = drafts.filter(agreed_once())
        elif self.who == "free":
            drafts = drafts.exclude(claimed_by__isnull=False, claimed_until__gte=now)
        return drafts

    @property
    def chosen(self) -> dict[str, str]:
        given = {"intent": self.intent, "locale": self.locale, "storefront": self.storefront, "who": self.who}
        return {name: value for name, value in given.items() if value}

    @property
    def query(self) -> str:
        """For links: ``?intent=refund``, or nothing."""
        given = {**self.chosen, **({"shown": self.shown} if self.shown != STEP else {})}
        return f"?{urlencode(given)}" if given else ""

    @property
    def more(self) -> str:
        return f"?{urlencode({**self.chosen, 'shown': min(self.shown + STEP, MOST)})}"


def filters_of(request: ConsoleRequest) -> QueueFilters:
    """From the URL; for a fragment or a decision, from the URL of the page around it."""
    if request.method == "GET" and (request.GET or not request.htmx):
        return _read(request.GET)
    return _read(QueryDict(urlsplit(request.htmx.current_url_abs_path or "").query))


def _read(query: Mapping[str, str]) -> QueueFilters:
    """What is no filter is passed over: an old link is no error."""
    shown = query.get("shown", "")
    return QueueFilters(
        intent=query.get("intent", "") if query.get("intent", "") in INTENTS else "",
        locale=query.get("locale", "") if query.get("locale", "") in Locale.values else "",
        storefront=str(as_uuid(query.get("storefront")) or ""),
        who=query.get("who", "") if query.get("who", "") in WHO else "",
        shown=min(max(int(shown), STEP), MOST) if shown.isdecimal() and len(shown) < 5 else STEP,
    )


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    label: str
    empty: str
    options: list[tuple[str, str]]
    value: str


def choices_of(filters: QueueFilters) -> list[Choice]:
    """The selects of the filter form."""
    storefronts = [(str(public_id), name) for public_id, name in Storefront.objects.values_list("public_id", "name")]
    choices = [
        Choice(
            "who",
            _("Whose"),
            _("Everybody's"),
            [
                ("person", _("Needs a person")),
                ("mine", _("Mine")),
                ("free", _("Nobody looks at it")),
                ("second", _("Second approval")),
            ],
            filters.who,
        ),
        Choice(
            "intent", _("Intent"), _("All intents"), [(code, word(INTENTS, code)) for code in INTENTS], filters.intent
        ),
        Choice(
            "locale",
            _("Language"),
            _("All languages"),
            [(code, str(name)) for code, name in Locale.choices],
            filters.locale,
        ),
    ]
    if len(storefronts) > 1:
        choices.append(Choice("storefront", _("Storefront"), _("All storefronts"), storefronts, filters.storefront))
    return choices
