"""Rules decide. One call, no clock, no input or output: the same case under the same ruleset gives the same verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .amounts import granted_minor
from .canonical import parse_order, parse_products, parse_request, parse_shopper
from .case import Case
from .documents import Order, Product, Request, Shopper
from .facts import Facts
from .missing import Missing
from .refundable import split_over_payments
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Decision, Rule, Ruleset
from .text import Text
from .verdict import Verdict
from .wording import filled_in

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
    if now.utcoffset() is None:
        raise ValueError("now must carry its offset")
    given = list(products)
    parsed = given if all(isinstance(item, Product) for item in given) else parse_products(given)
    case = Case(
        order=order if order is None or isinstance(order, Order) else parse_order(order),
        shopper=shopper if shopper is None or isinstance(shopper, Shopper) else parse_shopper(shopper),
        products={product.id: product for product in parsed if isinstance(product, Product)},
        request=request if isinstance(request, Request) else parse_request(request),
        now=now,
    )
    return decide_case(ruleset, case)


def decide_case(ruleset: Ruleset, case: Case) -> Verdict:
    """`decide` for documents that were parsed before."""
    if not case.belongs_to_shopper:
        return not_the_shoppers(ruleset)
    facts = Facts(case)
    rules = ruleset.rules_by_action[case.request.action]
    for position, rule in enumerate(rules):
        answer = rule.check(facts)
        if answer is True:
            return _verdict(ruleset, rule.id, rule.then, rules[: position + 1], facts)
        if isinstance(answer, Missing):
            return _escalated(ruleset, rule.id, answer, rules[: position + 1], facts)
    return _verdict(ruleset, DEFAULT_RULE, ruleset.default, rules, facts)


def not_the_shoppers(ruleset: Ruleset) -> Verdict:
    """The verdict on anything, a mere question included, that concerns an order of another shopper."""
    return Verdict(
        outcome="deny",
        ruleset=ruleset.name,
        version=ruleset.version,
        rule=OWNERSHIP_RULE,
        approver="operator",
        reasons=_NOT_YOURS,
    )


def _verdict(ruleset: Ruleset, rule_id: str, then: Decision, tried: tuple[Rule, ...], facts: Facts) -> Verdict:
    case = facts.case
    granted = granted_minor(then.amount, case)
    if isinstance(granted, Missing):
        return _escalated(ruleset, rule_id, granted, tried, facts)
    payments = (
        split_over_payments(case.order, granted, method_id=case.request.payment_method)
        if granted and case.order is not None
        else ()
    )
    return Verdict(
        outcome=then.outcome,
        ruleset=ruleset.name,
        version=ruleset.version,
        rule=rule_id,
        approver=then.approver,
        reasons=filled_in(then.reasons, facts),
        amount_minor=granted,
        currency=facts.currency or None,
        payments=payments,
        ask=then.ask,
        tried=tried,
        facts=facts,
    )


def _escalated(ruleset: Ruleset, rule_id: str, undecided: Missing, tried: tuple[Rule, ...], facts: Facts) -> Verdict:
    return Verdict(
        outcome="escalate",
        ruleset=ruleset.name,
        version=ruleset.version,
        rule=rule_id,
        approver="operator",
        reasons=_A_PERSON_DECIDES,
        currency=facts.currency or None,
        undecided=undecided,
        tried=tried,
        facts=facts,
    )
