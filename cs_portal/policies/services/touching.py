"""How many of last month's orders and requests a rule is about: shown at the rule while it is edited.

Two counts. *Orders*: how many would meet the rule's conditions if everything in them were asked about today; what only
a request can say (its reason, a photo …) is taken to be as the rule wants it, and other rules do not matter.
*Requests*: how many of those that shoppers made in that time the rule would have decided, by the whole ruleset. Both
look at no more than a bounded number and say so; orders are chosen evenly.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from cs_portal.core.tenancy import current_merchant
from cs_portal.policies.engine import CanonicalError, Case, Rule, Ruleset, decide_case
from cs_portal.policies.engine.analysis.search import could_hold
from cs_portal.policies.engine.catalogue import Known
from cs_portal.policies.engine.facts import Facts
from cs_portal.policies.engine.vocabulary import ACTIONS
from cs_portal.policies.selectors import order_times
from cs_portal.policies.services.past import Asked, Past, Reader, requests_made
from cs_portal.policies.services.replaying import parsed_case

DAYS = 30
MAX_ORDERS = 500
MAX_ORDERS_LIVE = 150
MAX_REQUESTS = 500
SECONDS_KEPT = 600
#: What hangs on the request alone, or on which of the lines it names.
_ASKED = ("request.", "wanted.", "payment.")
_ALL_ASKED = frozenset({"request.amount_minor", "request.refundable_minor", "request.action_already_used"})
_OPEN = frozenset({"lines.named"})


@dataclass(frozen=True, slots=True)
class Touched:
    """``orders`` of ``of_orders`` looked at, out of ``all_orders``; the same for ``requests``."""

    orders: int
    of_orders: int
    all_orders: int
    requests: int = 0
    of_requests: int = 0
    all_requests: int = 0

    @property
    def sampled(self) -> bool:
        return self.of_orders < self.all_orders or self.of_requests < self.all_requests


def touched_by_rule(*, document: Mapping[str, Any], now: datetime) -> dict[str, Touched]:
    """By rule. Kept for a while: as long as neither the rules nor the hour change."""
    key = _key(document, now)
    known: dict[str, Touched] | None = cache.get(key)
    if known is None:
        ruleset = Ruleset.from_dict(document)
        known = _counted(ruleset, now=now, limit=MAX_ORDERS, with_requests=True)
        cache.set(key, known, SECONDS_KEPT)
    return known


def touched_by(*, rule: Mapping[str, Any], now: datetime) -> Touched:
    """A single rule while it is written: orders only, and fewer of them."""
    then = {"outcome": "escalate", "reasons": {"en": "-", "zh-hans": "-"}}
    ruleset = Ruleset.from_dict({"name": "one", "rules": [rule], "default": then})
    return next(iter(_counted(ruleset, now=now, limit=MAX_ORDERS_LIVE, with_requests=False).values()))


def _key(document: Mapping[str, Any], now: datetime) -> str:
    written = json.dumps(document, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(written.encode()).hexdigest()[:32]
    return f"touched:{current_merchant().pk}:{digest}:{now:%Y%m%d%H}"


def _counted(ruleset: Ruleset, *, now: datetime, limit: int, with_requests: bool) -> dict[str, Touched]:
    since = now - timedelta(days=DAYS)
    keys = list(order_times(since=since, until=now).order_by("placed_at", "id").values_list("id", flat=True))
    orders, looked_at = Counter[str](), 0
    for facts in _facts_of(_evenly(keys, limit), ruleset, now):
        looked_at += 1
        orders.update(rule.id for rule in ruleset.rules if _concerns(rule, facts))
    requests, decided, made = Counter[str](), 0, 0
    if with_requests:
        made = requests_made().count(since=since, until=now)
        asked = requests_made().page(since=since, until=now, after=None, limit=MAX_REQUESTS) if made else []
        for verdict in _rules_deciding(ruleset, asked, now):
            decided += 1
            requests[verdict] += 1
    return {
        rule.id: Touched(orders[rule.id], looked_at, len(keys), requests[rule.id], decided, made)
        for rule in ruleset.rules
    }


def _evenly(keys: Sequence[int], limit: int) -> list[int]:
    return [keys[index * len(keys) // limit] for index in range(limit)] if len(keys) > limit else list(keys)


class _OrderFacts(Mapping[str, Known]):
    """What is known of an order before anybody asks for anything; everything else is open."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __contains__(self, name: object) -> bool:
        return name in _ALL_ASKED or (isinstance(name, str) and name not in _OPEN and not name.startswith(_ASKED))

    def __getitem__(self, name: str) -> Known:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _facts_of(keys: Sequence[int], ruleset: Ruleset, now: datetime) -> Iterator[_OrderFacts]:
    anything = [Asked(now, key, key, {"action": next(iter(ACTIONS))}) for key in keys]
    for past in Reader(now=now).cases(anything):
        case = _as_it_is(past, ruleset)
        if case is not None:
            yield _OrderFacts(Facts(case))


def _as_it_is(past: Past, ruleset: Ruleset) -> Case | None:
    try:
        return parsed_case(past.case, ruleset)
    except CanonicalError:
        return None


def _concerns(rule: Rule, facts: _OrderFacts) -> bool:
    return rule.when is None or could_hold(rule.when, facts)


def _rules_deciding(ruleset: Ruleset, asked: Sequence[Asked], now: datetime) -> Iterator[str]:
    for past in Reader(now=now).cases(asked):
        case = _as_it_is(past, ruleset)
        if case is not None:
            yield decide_case(ruleset, case).rule
