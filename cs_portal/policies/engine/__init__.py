"""The merchant's rules, decided: pure Python, no Django, no clock, no input or output but the shipped rulesets.

>>> ruleset = load_shipped("standard")
>>> verdict = decide(ruleset, order=order, shopper=shopper, products=products, request=request, now=now)
>>> verdict.outcome, verdict.amount_minor, verdict.to_dict()

Rulesets: `ruleset.py`. Facts: `facts.py`. Canonical JSON: `canonical.py`. Why it is our own: docs/adr/0003.
"""

from .canonical import parse_order, parse_product, parse_products, parse_request, parse_shopper
from .case import Case
from .decide import decide, decide_case, not_the_shoppers
from .documents import Order, PaymentShare, Product, Request, Shopper
from .missing import Missing, Problem
from .reading import CanonicalError, RulesetError
from .refundable import refundable_minor, split_over_payments
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Rule, Ruleset
from .shipped import UnknownShippedRuleset, load_shipped, shipped_names
from .text import Text
from .verdict import TraceStep, Verdict

__all__ = [
    "DEFAULT_RULE",
    "OWNERSHIP_RULE",
    "CanonicalError",
    "Case",
    "Missing",
    "Order",
    "PaymentShare",
    "Problem",
    "Product",
    "Request",
    "Rule",
    "Ruleset",
    "RulesetError",
    "Shopper",
    "Text",
    "TraceStep",
    "UnknownShippedRuleset",
    "Verdict",
    "decide",
    "decide_case",
    "load_shipped",
    "not_the_shoppers",
    "parse_order",
    "parse_product",
    "parse_products",
    "parse_request",
    "parse_shopper",
    "refundable_minor",
    "shipped_names",
    "split_over_payments",
]
