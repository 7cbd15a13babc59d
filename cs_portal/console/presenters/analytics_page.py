"""The dashboard as a whole: what was asked for, the choices, and the sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cs_portal.analytics.dashboard import Dashboard, dashboard, is_empty, is_large
from cs_portal.analytics.filters import Filters
from cs_portal.analytics.periods import PRESETS, TODAY, asked
from cs_portal.analytics.selectors.asking import unanswered
from cs_portal.console.presenters import analytics_bot as bot
from cs_portal.console.presenters import analytics_service as service
from cs_portal.console.presenters.analytics import Section, Table
from cs_portal.console.presenters.analytics_outline import OUTLINES, Part
from cs_portal.console.presenters.rule_names import rule_names
from cs_portal.console.presenters.wording import INTENTS, Words
from cs_portal.core.public_ids import as_uuid
from cs_portal.merchants.models import Locale, Member, Merchant, Storefront
from cs_portal.policies.selectors import main_currency
from cs_portal.policies.services import live_version

Choice = tuple[str, Words]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The query, with what it does not know taken out."""

    filters: Filters
    period: str
    storefront: str
    member: str
    locale: str
    intent: str

    @property
    def narrowed(self) -> bool:
        return bool(self.storefront or self.member or self.locale or self.intent)


@dataclass(frozen=True, slots=True)
class Report:
    """``empty`` says that there is nothing to count in the period or before it, ``waits`` that parts are to be fetched,
    ``only`` that one part was asked for."""

    wanted: Wanted
    parts: list[Part]
    empty: bool
    only: bool
    storefronts: list[Choice]
    members: list[Choice]
    periods: list[Choice]
    locales: list[Choice]
    intents: list[Choice]

    @property
    def waits(self) -> bool:
        return any(part.content is None for part in self.parts)

    def table(self, key: str) -> Table | None:
        tables = [table for part in self.parts if part.content for table in part.content.tables]
        return next((table for table in tables if table.key == key), None)


def report(query: QueryDict, merchant: Merchant, *, now: datetime, only: str = "", whole: bool = False) -> Report:
    """The page, or ``only`` one part of it. Figures may be a minute old.

    Where counting takes long, parts that are not kept are left to be fetched one by one, unless the ``whole`` is asked
    for.
    """
    storefronts = {str(site.public_id): site for site in Storefront.objects.order_by("name")}
    members = {str(member.public_id): member for member in Member.objects.select_related("user").order_by("user__name")}
    wanted = _wanted(query, merchant, storefronts, members, now)
    names = {member.pk: str(member.user) for member in members.values()}
    takes_long = not only and is_large(wanted.filters)
    kept = only or takes_long or dashboard(wanted.filters, now=now).keeps(("volume",))
    empty = not kept and is_empty(wanted.filters)
    parts = []
    for key, outline in {} if empty else OUTLINES.items():
        if only and key != only:
            continue
        board = dashboard(wanted.filters, now=now)
        if takes_long and not whole and not board.keeps(outline.parts):
            parts.append(Part(outline))
        else:
            parts.append(Part(outline, _content(key, board, merchant, names), board.at))
    return Report(
        wanted=wanted,
        parts=parts,
        empty=empty,
        only=bool(only),
        storefronts=[(key, site.name) for key, site in storefronts.items()],
        members=[(key, str(member.user)) for key, member in members.items() if member.may_review],
        periods=_periods(),
        locales=list(Locale.choices),
        intents=list(INTENTS.items()),
    )


def _content(key: str, board: Dashboard, merchant: Merchant, names: Mapping[int, str]) -> Section:
    builders: dict[str, Callable[[], Section]] = {
        "volume": lambda: service.volume(board),
        "response": lambda: service.response(board),
        "automation": lambda: bot.automation(board),
        "review": lambda: bot.reviewing(board, names),
        "verdicts": lambda: bot.verdicts(board, _rule_names()),
        "intents": lambda: service.intents(board),
        "knowledge": lambda: service.knowledge(board, unanswered(board.filters), merchant),
        "satisfaction": lambda: service.satisfaction(board),
        "wordings": lambda: bot.wordings(board),
    }
    return builders[key]()


def _wanted(
    query: QueryDict, merchant: Merchant, storefronts: dict[str, Storefront], members: dict[str, Member], now: datetime
) -> Wanted:
    period, name = asked(_texts(query), now=now, zone=ZoneInfo(merchant.timezone))
    storefront, member = _known(query.get("storefront"), storefronts), _known(query.get("operator"), members)
    locale = query.get("language", "")
    intent = query.get("intent", "")
    locale = locale if locale in Locale.values else ""
    intent = intent if intent in INTENTS else ""
    filters = Filters(
        period=period,
        storefront=storefronts[storefront].pk if storefront else None,
        locale=locale,
        member=members[member].pk if member else None,
        intent=intent,
    )
    return Wanted(filters, name, storefront, member, locale, intent)


def _texts(query: QueryDict) -> dict[str, str]:
    return {name: query.get(name, "") for name in ("period", "was", "from", "to") if name in query}


def _known(text: str | None, rows: dict[str, Storefront] | dict[str, Member]) -> str:
    """The public id as the database spells it, empty when it is nobody's here."""
    key = str(as_uuid(text) or "")
    return key if key in rows else ""


def _periods() -> list[Choice]:
    presets: list[Choice] = [
        (str(days), ngettext("Last %(n)s day", "Last %(n)s days", days) % {"n": days}) for days in PRESETS
    ]
    return [(TODAY, pgettext("period", "Today")), *presets, ("custom", _("Own dates"))]


def _rule_names() -> dict[str, str]:
    """By code, of the live version; a rule that is gone shows its code."""
    version = live_version()
    return rule_names(version.document if version else None, main_currency())
