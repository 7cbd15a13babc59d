"""The sections about shoppers: volume, response, satisfaction, questions."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cs_portal.analytics.dashboard import Dashboard
from cs_portal.analytics.periods import Period
from cs_portal.analytics.selectors.asking import Unanswered
from cs_portal.analytics.selectors.volume import Volume
from cs_portal.console.presenters.analytics import (
    Figure,
    Section,
    Table,
    count,
    count_figure,
    day_text,
    duration_figures,
    minutes_cell,
    name,
    number,
    rate_figure,
    share_cell,
)
from cs_portal.console.presenters.wording import INTENTS
from cs_portal.merchants.hours import DAY_NAMES, DAYS
from cs_portal.merchants.models import Locale, Merchant

TEXT_SHOWN = 140


def volume(board: Dashboard) -> Section:
    now, before = board.now.volume, board.before.volume
    period = board.filters.period
    per_day = now.total / max(1, len(now.by_day))
    hours = [
        [name(str(DAY_NAMES[DAYS[weekday]])), *(count(now.by_hour.get((weekday, hour), 0)) for hour in range(24))]
        for weekday in range(7)
    ]
    return Section(
        [
            count_figure(_("New conversations"), now.total, before.total),
            *([] if period.so_far else [Figure(_("Per day"), number(per_day, places=1))]),
            rate_figure(
                _("Reopened within 7 days"),
                board.now.automation.reopened,
                board.before.automation.reopened,
                more_is="bad",
            ),
        ],
        [
            _hours_of_today(now, before, period) if period.so_far else _days(now, before),
            Table(
                "hours",
                _("When shoppers write"),
                [_("Weekday"), *(f"{hour:02}" for hour in range(24))],
                hours,
                chart="heat",
                note=_("By the merchant's time."),
            ),
        ],
    )


def _days(now: Volume, before: Volume) -> Table:
    earlier = list(before.by_day.values())
    rows = [
        [name(day_text(day)), count(n), count(earlier[at] if at < len(earlier) else 0)]
        for at, (day, n) in enumerate(now.by_day.items())
    ]
    columns = [_("Day"), _("This period"), _("Period before")]
    return Table("days", _("Conversations by day"), columns, rows, chart="bars", tones=("accent", "muted"))


def _hours_of_today(now: Volume, before: Volume, period: Period) -> Table:
    """The hours until now, beside those of the same weekday a week before."""
    weekday = period.first.weekday()
    reached = period.so_far.astimezone(period.zone).hour if period.so_far else 23
    rows = [
        [name(f"{hour:02}"), count(now.by_hour.get((weekday, hour), 0)), count(before.by_hour.get((weekday, hour), 0))]
        for hour in range(reached + 1)
    ]
    columns = [_("Hour"), pgettext("period", "Today"), _("A week before")]
    return Table("days", _("Conversations by hour"), columns, rows, chart="bars", tones=("accent", "muted"))


def response(board: Dashboard) -> Section:
    now, before = board.now.response, board.before.response
    waits = [
        (_("First reply, by the bot"), now.first_by_bot),
        (_("First reply, by a person"), now.first_by_person),
        (_("Until resolved"), now.resolution),
    ]
    return Section(
        [
            duration_figures(_("First reply by the bot"), now.first_by_bot, before.first_by_bot),
            duration_figures(_("First reply by a person"), now.first_by_person, before.first_by_person),
            duration_figures(_("Until resolved"), now.resolution, before.resolution),
            rate_figure(_("First replies in time"), now.first_in_time, before.first_in_time, more_is="good"),
            rate_figure(_("Further replies in time"), now.next_in_time, before.next_in_time, more_is="good"),
        ],
        [
            Table(
                "waits",
                _("Waiting times"),
                [pgettext("column", "What"), _("n"), _("Business hours, median / p90"), _("Wall clock, median / p90")],
                [
                    [name(label), count(wait.open.n), minutes_cell(wait.open), minutes_cell(wait.wall)]
                    for label, wait in waits
                ],
            )
        ],
    )


def satisfaction(board: Dashboard) -> Section:
    now, before = board.now.satisfaction, board.before.satisfaction
    answers = now.positive.n
    return Section(
        [
            rate_figure(_("Positive (4 and 5 of 5)"), now.positive, before.positive, more_is="good"),
            rate_figure(_("Answered when asked"), now.answered, before.answered),
        ],
        [
            Table(
                "scores",
                _("Ratings"),
                [_("Score"), _("Answers")],
                [[name(f"{score} ★"), count(n)] for score, n in now.by_score.items()] if answers else [],
                chart="rows",
                empty=_("Nobody has rated a conversation of this period."),
            )
        ],
    )


def intents(board: Dashboard) -> Section:
    now = board.now
    tallies = now.reviewing.by_intent
    rows = []
    for intent in now.asking.intents:
        tally = tallies.get(intent.name)
        rows.append(
            [
                name(str(INTENTS.get(intent.name, intent.name))),
                count(intent.questions),
                count(intent.conversations),
                share_cell(intent.covered),
                share_cell(tally.clean) if tally else name("–"),
                count(intent.needs_person),
            ]
        )
    columns = [
        _("Intent"),
        _("Questions"),
        _("Conversations"),
        _("Covered by an answer"),
        _("Sent unedited"),
        _("For a person"),
    ]
    return Section(
        [],
        [
            Table(
                "intents",
                _("Top intents"),
                columns,
                rows,
                chart="rows",
                empty=_("No question was drafted in this period."),
            )
        ],
    )


def knowledge(board: Dashboard, unanswered: list[Unanswered], merchant: Merchant) -> Section:
    now, before = board.now.asking, board.before.asking
    rows = [
        [
            name(Truncator(each.text).chars(TEXT_SHOWN), _conversation_url(each, merchant)),
            name(str(INTENTS.get(each.intent, each.intent))),
            name(str(Locale(each.locale).label)),
            name(date_format(each.at.astimezone(board.filters.period.zone), "SHORT_DATETIME_FORMAT")),
        ]
        for each in unanswered
    ]
    return Section(
        [
            rate_figure(_("Covered by an answer"), now.covered, before.covered, more_is="good"),
            count_figure(
                _("Unanswered questions"),
                now.missed,
                before.missed,
                more_is="bad",
            ),
        ],
        [
            Table(
                "unanswered",
                _("Latest unanswered questions"),
                [_("Question"), _("Intent"), _("Language"), _("Asked")],
                rows,
                empty=_("Every question of this period found an answer."),
                more=name(_("Grouped as knowledge gaps"), reverse("console:gaps", args=[merchant.slug])),
            )
        ],
    )


def _conversation_url(each: Unanswered, merchant: Merchant) -> str:
    try:
        return reverse("console:conversation", args=[merchant.slug, each.conversation])
    except NoReverseMatch:
        return ""
