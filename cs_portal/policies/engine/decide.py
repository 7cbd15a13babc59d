"""Rules decide. One call, no clock, no input or output: the same case under the same ruleset gives the same verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .amounts import Granted, granted
from .approvals import stricter, tier_of
from .canonical import parse_order, parse_products, parse_request, parse_shopper
from .case import Case
from .documents import Order, Product, Request, Shopper
from .exchange_facts import cheaper_by_minor
from .facts import Facts
from .missing import Missing
from .refundable import refunded_minor, split_over_payments
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Decision, Rule, Ruleset
from .text import Text
from .verdict import Verdict

_A_PERSON_DECIDES = Text(
    "A colleague will look into this and get back to you.",
    "这个问题需要同事为您核实，稍后回复您。",
)
#: The same words whether the order exists or not, so that numbers cannot be guessed.
_NOT_YOURS = Text(
    "We could not find this order in your account.",
    "在您的账户中没有找到这笔订单。",
)


def decide(
    ruleset: Ruleset,
    *,
    order: Order | Mapping[str, Any] | None,
    shopper: Shopper | Mapping[str, Any] | None,
    products: Iterable[Product | Mapping[str, Any]],
    request: Request | Mapping[str, Any],
    now: datetime,
) -> Verdict:
    """What the ruleset gives for the request, explained.

    `order` is None for a new order, `shopper` is None for an anonymous one; `products` holds every product that order
    and request name. Each may be a document of `documents.py` or its canonical JSON, which is then validated
    (`CanonicalError`). `now` is aware (`ValueError` otherwise). On valid input nothing is raised: a rule that cannot be
    decided, because a fact it needs is missing, escalates.

    An order of another shopper is denied before any rule is tried, and the verdict says nothing about it.
    """
    if now.utcoffset() is None or not 1900 <= now.year <= 2999:
        raise ValueError("now must carry its offset and lie between the years 1900 and 2999")
    given = list(products)
    parsed = given if all(isinstance(item, Product) for item in given) else parse_products(given)
    case = Case(
        order=order if order is None or isinstance(order, Order) else parse_order(order),
        shopper=shopper if shopper is None or isinstance(shopper, Shopper) else parse_shopper(shopper),
        products={product.id: product for product in parsed if isinstance(product, Product)},
        request=request if isinstance(request, Request) else parse_request(request),
        now=now,
        time_zone=ruleset.zone,
    )
    return decide_case(ruleset, case)


def decide_case(ruleset: Ruleset, case: Case) -> Verdict:
    """`decide` for documents that were parsed before. The clock is the ruleset's, where it names a time zone."""
    if ruleset.zone is not None and case.time_zone is not ruleset.zone:
        case = replace(case, time_zone=ruleset.zone)
    if not case.belongs_to_shopper:
        return not_the_shoppers(ruleset)
    return decide_facts(ruleset, Facts(case))


def decide_facts(ruleset: Ruleset, facts: Facts) -> Verdict:
    """The rules on the facts of a case that is the shopper's own."""
    rules = ruleset.rules_by_action[facts.case.request.action]
    for position, rule in enumerate(rules):
        answer = rule.check(facts)
        if answer is True:
            return _verdict(ruleset, rule.id, rule.then, rules[: position + 1], facts)
        if isinstance(answer, Missing):
            return _escalated(ruleset, rule.id, answer, rules[: position + 1], facts)
    return _verdict(ruleset, DEFAULT_RULE, ruleset.default, rules, facts)


def not_the_shoppers(ruleset: Ruleset) -> Verdict:
    """The verdict on anything, a mere question included, that concerns an order of another shopper."""
    return Verdict(ruleset, OWNERSHIP_RULE, "deny", "operator", _NOT_YOURS)


def _verdict(ruleset: Ruleset, rule_id: str, then: Decision, tried: tuple[Rule, ...], facts: Facts) -> Verdict:
    order, approver = facts.case.order, then.approver
    given = granted(then.amount, facts.case)
    if isinstance(given, Missing):
        return _escalated(ruleset, rule_id, given, tried, facts)
    if order is None:
        return Verdict(ruleset, rule_id, then.outcome, approver, then.reasons, then, given, tried=tried, facts=facts)
    tier, weighed = None, 0
    approvals = then.approvals if then.approvals is not None else ruleset.approvals
    if approvals is not None and then.outcome == "allow":
        goes_back = _goes_back(given, facts)
        if isinstance(goes_back, Missing):
            return _escalated(ruleset, rule_id, goes_back, tried, facts)
        if goes_back:
            # With what the order gave back before: many small amounts are no way around a tier.
            weighed = goes_back + refunded_minor(order)
            found = tier_of(approvals, weighed, order.currency)
            if isinstance(found, Missing):
                return _escalated(ruleset, rule_id, found, tried, facts)
            tier, approver = found, stricter(approver, found.approver)
    payments = split_over_payments(order, given.amount_minor, method_id=facts.case.request.payment_method)
    return Verdict(
        ruleset,
        rule_id,
        then.outcome,
        approver,
        then.reasons,
        then,
        given,
        payments,
        tier,
        weighed,
        tried=tried,
        facts=facts,
    )


def _goes_back(given: Granted, facts: Facts) -> int | Missing:
    """What the tiers are asked about: the amount granted, or by how much other variants are cheaper."""
    if facts.case.request.action in {"exchange", "change_items"}:
        return cheaper_by_minor(facts.case)
    return given.amount_minor


def _escalated(ruleset: Ruleset, rule_id: str, undecided: Missing, tried: tuple[Rule, ...], facts: Facts) -> Verdict:
    return Verdict(
        ruleset, rule_id, "escalate", "operator", _A_PERSON_DECIDES, undecided=undecided, tried=tried, facts=facts
    )
