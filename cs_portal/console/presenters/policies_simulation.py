"""A simulation and the requests that it decides differently, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.money import format_minor, with_symbols
from cs_portal.console.presenters.policies import Outcome, language, outcome
from cs_portal.console.presenters.policies_findings import titles_of
from cs_portal.console.presenters.wording import ACTIONS, APPROVERS, Words, word
from cs_portal.policies.engine import DEFAULT_RULE, OWNERSHIP_RULE
from cs_portal.policies.engine.vocabulary import REASONS
from cs_portal.policies.models import SimulatedChange, Simulation, SimulationState

_OUTCOMES = ("allow", "deny", "escalate", "ask")
_STATES: dict[str, tuple[str, str]] = {
    SimulationState.WAITING: ("", "clock"),
    SimulationState.RUNNING: ("info", "player-play"),
    SimulationState.DONE: ("good", "check"),
    SimulationState.CANCELLED: ("", "ban"),
    SimulationState.FAILED: ("bad", "alert-triangle"),
}
_CLOSING: dict[str, Words] = {
    DEFAULT_RULE: gettext_lazy("When no rule matches"),
    OWNERSHIP_RULE: gettext_lazy("The order is not the shopper's"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """How many requests have an outcome; ``delta`` is what changes, with its sign, empty where nothing does."""

    outcome: Outcome
    before: int
    after: int
    delta: str


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """How many requests a rule decides in the live rules and in those simulated; None where it is not among them."""

    title: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class SimulationView:
    """``percent`` is None until it is known how many requests there are."""

    tone: str
    icon: str
    busy: bool
    percent: int | None
    decided: int
    figures: list[Figure]
    money: list[tuple[str, str, str]]
    moves: list[tuple[Outcome, Outcome, int, str]]
    rules: list[RuleFigure]
    by: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One request that is decided differently. ``query`` tries it in the tester."""

    number: str
    order: UUID
    asked_at: datetime
    action: str
    reason: str
    before: Outcome
    after: Outcome
    before_amount: str
    after_amount: str
    before_rule: str
    after_rule: str
    approver: str
    why: str
    query: str


def simulation_view(simulation: Simulation) -> SimulationView:
    return replace(simulation_summary(simulation), rules=_rules(simulation))


def simulation_summary(simulation: Simulation) -> SimulationView:
    """Without the figures of single rules, for which both documents would have to be read."""
    figures: Mapping[str, Any] = simulation.figures
    before, after = figures.get("before", {}), figures.get("after", {})
    tone, icon = _STATES[simulation.state]
    return SimulationView(
        tone=tone,
        icon=icon,
        busy=simulation.state in (SimulationState.WAITING, SimulationState.RUNNING),
        percent=min(100, simulation.done * 100 // simulation.total) if simulation.total else None,
        decided=simulation.done - simulation.skipped,
        figures=[
            Figure(outcome(code), before.get(code, 0), after.get(code, 0), _delta(before, after, code))
            for code in _OUTCOMES
        ],
        money=[
            (format_minor(old, code), format_minor(new, code), _signed_money(new - old, code))
            for code, (old, new) in figures.get("money", {}).items()
        ],
        moves=[
            (outcome(old), outcome(new), count, urlencode({"was": outcome(old).code, "becomes": outcome(new).code}))
            for old, new, count in figures.get("moves", ())
        ],
        rules=[],
        by=str(simulation.member.user) if simulation.member else _("System"),
    )


def _delta(before: Mapping[str, int], after: Mapping[str, int], code: str) -> str:
    change = after.get(code, 0) - before.get(code, 0)
    return f"{change:+,}".replace("-", "−") if change else ""


def _signed_money(change: int, currency: str) -> str:
    return f"{'+' if change > 0 else '−'}{format_minor(abs(change), currency)}" if change else ""


def _rules(simulation: Simulation) -> list[RuleFigure]:
    """Rules that decide a different number of requests than before, the largest difference first."""
    counted: Mapping[str, Any] = simulation.figures.get("rules", {})
    titles = rule_titles(simulation)
    known = [titles_of(simulation.live.document), titles_of(simulation.document)]
    found = []
    for rule in {**counted.get("before", {}), **counted.get("after", {})}:
        sides = [
            counted.get(side, {}).get(rule, 0) if rule in titles_here or rule in _CLOSING else None
            for side, titles_here in zip(("before", "after"), known, strict=True)
        ]
        if sides[0] != sides[1]:
            found.append(RuleFigure(titles.get(rule, rule), sides[0], sides[1]))
    return sorted(found, key=lambda item: -abs((item.after or 0) - (item.before or 0)))


def rule_titles(simulation: Simulation) -> dict[str, str]:
    """Names of the rules of both sides by their codes; where both name one, the simulated name counts."""
    closing = {code: str(words) for code, words in _CLOSING.items()}
    return {**titles_of(simulation.live.document), **titles_of(simulation.document), **closing}


def changed_rows(simulation: Simulation, rows: Iterable[SimulatedChange]) -> list[ChangedRow]:
    """``rows`` come with their orders and those orders' lines."""
    titles = rule_titles(simulation)
    return [_changed(row, titles) for row in rows]


def _changed(row: SimulatedChange, titles: Mapping[str, str]) -> ChangedRow:
    reason = REASONS.get(row.reason)
    return ChangedRow(
        number=row.order.number,
        order=row.order.public_id,
        asked_at=row.asked_at,
        action=word(ACTIONS, row.action),
        reason=("" if reason is None else reason.zh_hans if language() == "zh-hans" else reason.en),
        before=outcome(row.before_outcome),
        after=outcome(row.after_outcome),
        before_amount=format_minor(row.before_minor, row.currency) if row.before_minor and row.currency else "",
        after_amount=format_minor(row.after_minor, row.currency) if row.after_minor and row.currency else "",
        before_rule=titles.get(row.before_rule, row.before_rule),
        after_rule=titles.get(row.after_rule, row.after_rule),
        approver=word(APPROVERS, row.after_approver) if row.before_approver != row.after_approver else "",
        why=with_symbols(str(row.why.get(language(), ""))),
        query=_query(row),
    )


def _query(row: SimulatedChange) -> str:
    """The request as the tester's form sends it, at the moment when it was made."""
    given = {
        "order": row.order.number,
        "action": row.action,
        "reason": row.reason,
        "photo": "on" if "photo" in (row.request.get("evidence") or ()) else "",
        "confirmed": "on" if row.request.get("confirmed") else "",
        "now": timezone.localtime(row.asked_at).strftime("%Y-%m-%dT%H:%M:%S"),
        **_quantities(row),
    }
    return urlencode({name: value for name, value in given.items() if value != ""})


def _quantities(row: SimulatedChange) -> dict[str, str]:
    named = {str(line["id"]): line.get("quantity") for line in row.request.get("lines") or ()}
    if not named:
        return {}
    whole = {line.external_id: line.quantity for line in row.order.lines.all()}
    return {f"line-{key}": str((named[key] or count) if key in named else 0) for key, count in whole.items()}


def table(simulation: Simulation, rows: Iterable[SimulatedChange]) -> Iterator[list[str]]:
    """The changed requests for a spreadsheet, with a head."""
    titles = rule_titles(simulation)
    yield [
        _("Order"),
        _("Asked at"),
        _("Request"),
        _("Reason"),
        _("Decided so far"),
        _("Decided then"),
        _("Amount so far"),
        _("Amount then"),
        _("Rule so far"),
        _("Rule then"),
        _("Why"),
    ]
    for row in rows:
        said = _changed(row, titles)
        yield [
            said.number,
            timezone.localtime(said.asked_at).isoformat(timespec="minutes"),
            said.action,
            said.reason,
            said.before.word,
            said.after.word,
            said.before_amount,
            said.after_amount,
            said.before_rule,
            said.after_rule,
            said.why,
        ]
