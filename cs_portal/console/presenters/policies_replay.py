"""Past requests for a replay, gathered from where they lie, and what came of it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils import timezone

from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.policies import Outcome, outcome
from cs_portal.console.presenters.policies_trace import money_of
from cs_portal.console.presenters.wording import ACTIONS, word
from cs_portal.policies.services.past import Past, Reader, likely_requests, requests_made
from cs_portal.policies.services.replaying import Differing, Replay

MAX_REQUESTS = 100
MAX_ORDERS = 30
MAX_EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class Example:
    """``query`` tries the same request in the tester."""

    number: str
    query: str
    action: str
    before: Outcome
    after: Outcome
    before_amount: str
    after_amount: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ReplayView:
    """``real``: the requests were made by shoppers; else they are likely ones on recent orders."""

    total: int
    changed: int
    real: bool
    moves: list[tuple[Outcome, Outcome, int]]
    money: list[tuple[str, str]]
    examples: list[Example]


def past_requests(*, now: datetime) -> tuple[list[Past], bool]:
    """The latest requests of shoppers; without any, likely requests on the latest orders. And whether they are real."""
    asked = requests_made().latest(limit=MAX_REQUESTS)
    if asked:
        return list(Reader(now=now).cases(asked)), True
    return list(Reader(now=now).cases(likely_requests(limit=MAX_ORDERS, now=now))), False


def replay_view(found: Replay, *, real: bool) -> ReplayView:
    currencies = sorted({*found.before_minor, *found.after_minor})
    return ReplayView(
        total=found.total,
        changed=len(found.differing),
        real=real,
        moves=[(outcome(old), outcome(new), count) for (old, new), count in found.moves.items()],
        money=[
            (format_minor(found.before_minor.get(code, 0), code), format_minor(found.after_minor.get(code, 0), code))
            for code in currencies
        ],
        examples=[_example(item) for item in found.differing[:MAX_EXAMPLES]],
    )


def _example(item: Differing) -> Example:
    return Example(
        number=item.past.order_number,
        query=_query(item.past),
        action=word(ACTIONS, item.past.action),
        before=outcome(item.before.outcome),
        after=outcome(item.after.outcome),
        before_amount=money_of(item.before),
        after_amount=money_of(item.after),
        asked_at=item.past.case.now,
    )


def _query(past: Past) -> str:
    """The request as the tester's form sends it, at the moment when it was made."""
    request = past.case.request
    given = {
        "order": past.order_number,
        "action": past.action,
        "reason": str(request.get("reason") or ""),
        "photo": "on" if "photo" in (request.get("evidence") or ()) else "",
        "confirmed": "on" if request.get("confirmed") else "",
        "now": timezone.localtime(past.case.now).strftime("%Y-%m-%dT%H:%M:%S"),
        **_quantities(past),
    }
    return urlencode({name: value for name, value in given.items() if value != ""})


def _quantities(past: Past) -> dict[str, str]:
    """The lines named, in their numbers; those left out as 0; nothing where all are meant."""
    named = {str(line["id"]): line.get("quantity") for line in past.case.request.get("lines") or ()}
    if not named:
        return {}
    return {f"line-{key}": str(named[key] or count if key in named else 0) for key, count in past.pieces().items()}
