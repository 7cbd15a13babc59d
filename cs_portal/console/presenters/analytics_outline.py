"""The sections of the dashboard: what is known of them before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.console.presenters.analytics import Section
from cs_portal.console.presenters.wording import Words


@dataclass(frozen=True, slots=True)
class Outline:
    """``parts`` are the figures that a section needs (:class:`~cs_portal.analytics.dashboard.Figures`), ``tables`` the
    keys of its tables, which are the names of files."""

    key: str
    title: Words
    lede: Words
    parts: tuple[str, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section on the page. Without ``content`` it is still to be fetched; ``at`` is when it was counted."""

    outline: Outline
    content: Section | None = None
    at: datetime | None = None


OUTLINES = {
    outline.key: outline
    for outline in (
        Outline(
            "volume",
            _("Volume"),
            _("Conversations by the day on which they began."),
            ("volume", "automation"),
            ("days", "hours"),
        ),
        Outline(
            "response",
            _("Response"),
            _("Medians in business hours; the wall clock beside them."),
            ("response",),
            ("waits",),
        ),
        Outline(
            "automation",
            _("Bot"),
            _("Settled by the bot: resolved without a word by a person, and the shopper did not come back in 7 days."),
            ("automation", "piloting"),
            ("handovers", "autopilot"),
        ),
        Outline(
            "review",
            pgettext_lazy("analytics", "Review"),
            _("What operators decided on drafts. Taken back approvals do not count."),
            ("reviewing",),
            ("decisions", "rejections", "operators"),
        ),
        Outline(
            "verdicts",
            _("Verdicts and money"),
            _("What the rules decided on requests, and what was paid back after an approval."),
            ("deciding",),
            ("rules",),
        ),
        Outline(
            "intents",
            _("Intents"),
            _("What the bot understood shoppers to want."),
            ("asking", "reviewing"),
            ("intents",),
        ),
        Outline(
            "knowledge",
            _("Knowledge"),
            _("Questions that asked for an answer of the shop, and those that found none."),
            ("asking",),
            ("unanswered",),
        ),
        Outline(
            "satisfaction",
            _("Satisfaction"),
            _("What shoppers chose after their conversation was resolved."),
            ("satisfaction",),
            ("scores",),
        ),
        Outline(
            "wordings",
            _("Wordings"),
            _("Who made the wording that was offered first, and what the fact check refused."),
            ("wording",),
            ("sources", "blocked"),
        ),
    )
}


def outline_of(table: str) -> Outline | None:
    """The section that a table belongs to."""
    return next((outline for outline in OUTLINES.values() if table in outline.tables), None)
