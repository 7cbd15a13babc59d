"""The merchant's decision on a request: the live rules', and for a test any other rules'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cs_portal.policies.engine import Order, Product, Ruleset, Shopper, Verdict, decide, not_the_shoppers
from cs_portal.policies.engine.explain import Explanation, explain
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.selectors import live_version
from cs_portal.policies.services.compiling import ruleset_of


@dataclass(frozen=True, slots=True)
class Decided:
    """A canonical verdict and the version that made it."""

    version: RulesetVersion
    verdict: dict[str, Any]


def decide_request(
    *,
    order: Order | Mapping[str, Any] | None,
    shopper: Mapping[str, Any] | None,
    products: Sequence[Mapping[str, Any]],
    request: Mapping[str, Any],
    now: datetime,
) -> Decided | None:
    """Ask the live ruleset about canonical documents; ``None`` when the merchant has published none.

    There is no ``order`` where a new one is asked for; one of this database is read by ``selectors.order_to_decide``.
    """
    version = live_version()
    if version is None:
        return None
    verdict = decide(ruleset_of(version), order=order, shopper=shopper, products=products, request=request, now=now)
    return _decided(version, verdict)


def refuse_foreign_order() -> Decided | None:
    """The verdict on an order number that is not the shopper's: denied, and nothing about that order is said.

    It is the same whether the number exists or not. ``None`` when the merchant has published no ruleset.
    """
    version = live_version()
    if version is None:
        return None
    return _decided(version, not_the_shoppers(ruleset_of(version)))


def _decided(version: RulesetVersion, verdict: Verdict) -> Decided:
    return Decided(version, {**verdict.to_dict(), "ruleset": version.name, "version": version.number})


@dataclass(frozen=True, slots=True)
class Case:
    """Canonical documents to try rules on; ``order`` and ``shopper`` may be None as the engine allows it.

    What occurs in many cases, or comes from this database, may be read already.
    """

    order: Order | Mapping[str, Any] | None
    shopper: Shopper | Mapping[str, Any] | None
    products: Sequence[Product | Mapping[str, Any]]
    request: Mapping[str, Any]
    now: datetime


def try_rules(*, document: Mapping[str, Any], case: Case, currency: str) -> Explanation:
    """What the rules of ``document`` give for ``case``, explained; nothing is written.

    Raises the engine's :class:`CanonicalError` for a case that is not canonical JSON. ``currency`` is that in which the
    rules' amounts are written where the case has no order.
    """
    ruleset = Ruleset.from_dict(document)
    verdict = decide(
        ruleset,
        order=case.order,
        shopper=case.shopper,
        products=case.products,
        request=case.request,
        now=case.now,
    )
    known = verdict.facts.currency if verdict.facts is not None else ""
    return explain(ruleset, verdict, action=str(case.request["action"]), currency=known or currency)
