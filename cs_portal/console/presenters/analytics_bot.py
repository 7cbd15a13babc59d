"""The sections about the bot and those who review it: automation, review, verdicts, wordings."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cs_portal.analytics.dashboard import Dashboard
from cs_portal.analytics.metrics import Change, Spread
from cs_portal.analytics.selectors.deciding import Deciding
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.analytics import (
    NOTHING,
    Figure,
    Section,
    Table,
    count,
    count_figure,
    day_text,
    duration,
    duration_figures,
    minutes_cell,
    name,
    number,
    percent,
    rate_figure,
    share_cell,
)
from cs_portal.console.presenters.wording import ACTIONS, OUTCOMES, SOURCES, VIOLATIONS, word
from cs_portal.conversations.models import HandoverReason
from cs_portal.drafting.models import Decision, RejectReason
from cs_portal.policies.engine import DEFAULT_RULE

OUTCOME_TONES = {"allow": "good", "deny": "bad", "escalate": "warn", "ask": "info"}


def automation(board: Dashboard) -> Section:
    now, before = board.now.automation, board.before.automation
    reasons = [
        [name(str(HandoverReason(reason).label) if reason else _("A colleague took over")), count(n)]
        for reason, n in now.reasons.items()
    ]
    share = now.automated
    by = Change(share, before.automated).by
    figure = Figure(
        _("Automation"),
        NOTHING if share is None else percent(share),
        _("involvement × settled by the bot"),
        ""
        if by is None
        else _("%(points)s points") % {"points": f"{'+' if by >= 0 else '−'}{number(abs(by) * 100, places=1)}"},
        "good" if by and by > 0 else "bad" if by and by < 0 else "",
        "up" if by and by > 0 else "down" if by and by < 0 else "",
    )
    return Section(
        [
            rate_figure(_("Bot involved"), now.involved, before.involved),
            rate_figure(
                _("Settled by the bot, confirmed by the shopper"), now.confirmed, before.confirmed, more_is="good"
            ),
            rate_figure(_("Settled by the bot, assumed after a day"), now.assumed, before.assumed, more_is="good"),
            figure,
            rate_figure(_("Handed to a person"), now.handed_over, before.handed_over, more_is="bad"),
            *_piloted(board),
        ],
        [
            Table(
                "handovers",
                _("Why conversations went to a person"),
                [_("Reason"), _("Conversations")],
                reasons,
                chart="rows",
                empty=_("No conversation of this period went to a person."),
            ),
            Table(
                "autopilot",
                _("Sent by autopilot"),
                [_("Rule"), pgettext("replies", "Sent"), _("Judged wrong, of those checked")],
                [
                    [name(rule.name or word(ACTIONS, rule.action)), count(rule.sent), share_cell(rule.wrong)]
                    for rule in board.now.piloting.rules
                ],
                empty=_("Autopilot sent nothing in this period."),
            ),
        ],
    )


def _piloted(board: Dashboard) -> list[Figure]:
    """Nothing where autopilot sent nothing, now and before: most merchants have it off."""
    now, before = board.now.piloting, board.before.piloting
    if not now.sent.part and not before.sent.part:
        return []
    return [
        rate_figure(_("Sent by autopilot"), now.sent, before.sent),
        rate_figure(_("Judged wrong, of those checked"), now.wrong, before.wrong, more_is="bad"),
    ]


def reviewing(board: Dashboard, members: Mapping[int, str]) -> Section:
    now, before = board.now.reviewing, board.before.reviewing
    decided = (Decision.APPROVED, Decision.EDITED, Decision.REJECTED)
    labels = [
        pgettext("decisions", "Sent unedited"),
        pgettext("decisions", "Edited"),
        pgettext("decisions", "Rejected"),
    ]
    days = [
        [name(day_text(day)), *(count(tally[decision]) for decision in decided)] for day, tally in now.by_day.items()
    ]
    reasons = [
        [name(str(RejectReason(reason).label) if reason else NOTHING), count(n)] for reason, n in now.reasons.items()
    ]
    team = sorted(now.by_member.items(), key=lambda item: -item[1].reviewed)
    operators = [
        [
            name(members.get(member or 0, _("a former colleague"))),
            count(tally.reviewed),
            share_cell(tally.clean),
            share_cell(tally.edited),
            share_cell(tally.rejected),
            minutes_cell(tally.latency.open),
        ]
        for member, tally in team
    ]
    oldest = board.at - now.oldest_waiting if now.oldest_waiting else None
    return Section(
        [
            count_figure(_("Reviewed drafts"), now.all.reviewed, before.all.reviewed),
            rate_figure(_("Sent unedited"), now.all.clean, before.all.clean, more_is="good"),
            rate_figure(_("Edited, of those sent"), now.all.edited, before.all.edited),
            _distance(now.distance, before.distance),
            rate_figure(pgettext("decisions", "Rejected"), now.all.rejected, before.all.rejected, more_is="bad"),
            duration_figures(_("Until decided"), now.all.latency, before.all.latency),
            Figure(
                _("Waiting now"),
                number(now.waiting),
                _("the oldest since %(age)s") % {"age": duration(oldest.total_seconds() / 60)} if oldest else "",
            ),
        ],
        [
            Table(
                "decisions",
                _("Decisions by day"),
                [_("Day"), *labels],
                days,
                chart="stacked",
                tones=("good", "info", "bad"),
            ),
            Table(
                "rejections",
                _("Rejections by reason"),
                [_("Reason"), _("Drafts")],
                reasons,
                chart="rows",
                tones=("bad",),
                empty=_("No draft was rejected in this period."),
            ),
            Table(
                "operators",
                _("By operator"),
                [
                    _("Operator"),
                    _("Reviewed"),
                    _("Sent unedited"),
                    pgettext("decisions", "Edited"),
                    pgettext("decisions", "Rejected"),
                    _("Until decided, median / p90"),
                ],
                operators,
                empty=_("Nobody has reviewed a draft in this period."),
            ),
        ],
    )


def _distance(now: Spread, before: Spread) -> Figure:
    if now.median is None or now.high is None:
        return Figure(_("Edit distance"), NOTHING, _("nothing was edited"))
    note = _("p90 %(high)s · n %(n)s") % {"high": percent(now.high), "n": number(now.n)}
    return Figure(_("Edit distance"), percent(now.median), note)


def verdicts(board: Dashboard, rules: Mapping[str, str]) -> Section:
    """``rules`` are the rules' names by code."""
    now, before = board.now.deciding, board.before.deciding
    outcomes = [code for code in OUTCOME_TONES if now.outcomes[code]]
    rows = [
        [name(rules.get(rule or DEFAULT_RULE, rule)), *(count(tally[outcome]) for outcome in outcomes)]
        for rule, tally in sorted(now.by_rule.items(), key=lambda item: -item[1].total())
    ]
    total = now.outcomes.total()
    return Section(
        [
            count_figure(_("Decided requests"), total, before.outcomes.total()),
            *_money(now, before),
            count_figure(_("Decided otherwise by an admin"), now.overridden, before.overridden),
        ],
        [
            Table(
                "rules",
                _("Verdicts by rule"),
                [_("Rule"), *(str(OUTCOMES[code]) for code in outcomes)],
                rows,
                chart="stackedrows",
                tones=tuple(OUTCOME_TONES[code] for code in outcomes),
                empty=_("No request was decided in this period."),
            )
        ],
    )


def _money(now: Deciding, before: Deciding) -> list[Figure]:
    """One figure per currency: sums of different money are never added."""
    figures = []
    for currency in sorted({*now.refunded, *before.refunded}) or []:
        amount, n = now.refunded.get(currency, (0, 0))
        earlier, _n = before.refunded.get(currency, (0, 0))
        ratio = Change(amount, earlier).ratio
        figures.append(
            Figure(
                _("Refunded (%(currency)s)") % {"currency": currency},
                format_minor(amount, currency),
                _("n %(n)s") % {"n": number(n)},
                "" if ratio is None else f"{'+' if ratio >= 0 else '−'}{number(abs(ratio) * 100)}%",
                "",
                "up" if ratio and ratio > 0 else "down" if ratio and ratio < 0 else "",
            )
        )
    return figures


def wordings(board: Dashboard) -> Section:
    now = board.now.wording
    best = [[name(f"{SOURCES.get(source, source)} · {model}"), count(n)] for (source, model), n in now.best.items()]
    blocked = [[name(str(VIOLATIONS.get(kind, kind))), count(n)] for kind, n in now.blocked.items()]
    seconds = now.seconds
    value = NOTHING if seconds.median is None else _("%(n)s s") % {"n": number(seconds.median, places=1)}
    note = _("no wording by a model yet")
    if seconds.high is not None:
        note = _("p95 %(high)s s · n %(n)s") % {"high": number(seconds.high, places=1), "n": number(seconds.n)}
    return Section(
        [Figure(_("Seconds per wording of the model"), value, note)],
        [
            Table(
                "sources",
                _("Best wordings by source"),
                [_("Source"), _("Drafts")],
                best,
                chart="rows",
                empty=_("No draft was made in this period."),
            ),
            Table(
                "blocked",
                _("Refused by the fact check"),
                [pgettext("column", "What"), _("Wordings")],
                blocked,
                empty=_("The fact check found nothing to refuse."),
            ),
        ],
    )
