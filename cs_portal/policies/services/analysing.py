"""What is wrong with rules before they go live, in the merchant's own shop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import astuple
from datetime import date
from typing import Any

from cs_portal.commerce.models import Product
from cs_portal.core.keeping import Kept
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.selectors import published_texts
from cs_portal.merchants.selectors import storefronts
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.analysis import (
    FaqText,
    Finding,
    analyse,
    contradictions,
    unknown_facts,
    unknown_values,
)
from cs_portal.policies.engine.analysis.values import comparisons_in
from cs_portal.policies.selectors import live_version

#: Findings hang on the rules, the day, the currency and the FAQs alone: a page that shows them again works nothing out.
_found: Kept[tuple[Finding, ...]] = Kept(64)
_rulesets: Kept[Ruleset] = Kept(32)


def analyse_rules(*, document: Mapping[str, Any], today: date, currency: str) -> tuple[Finding, ...]:
    """Everything that analysis finds in the rules of ``document``; nothing is written.

    A document that names facts which do not exist is no ruleset: then those alone are told. Raises the engine's
    :class:`RulesetError` for what is no ruleset otherwise. ``currency`` is that of amounts in examples.
    """
    nameless = unknown_facts(document)
    if nameless:
        return nameless
    rules = _digest(document)
    ruleset = _rulesets.get(rules, lambda: Ruleset.from_dict(document))
    faqs = _faqs()
    return (
        *_found.get((rules, today, currency), lambda: analyse(ruleset, today=today, currency=currency)),
        *unknown_values(ruleset, _values_of_the_shop(ruleset)),
        *_found.get((rules, _digest([astuple(faq) for faq in faqs])), lambda: contradictions(ruleset, faqs)),
    )


def faqs_against_rules() -> tuple[Finding, ...]:
    """What published answers say against the live rules; nothing where no rules are live."""
    return _against_live_rules(_faqs())


def contents_against_rules(contents: Mapping[str, FaqContent]) -> tuple[Finding, ...]:
    """What the answers of FAQs, by their public ids, would say against the live rules if they were published."""
    return _against_live_rules(
        [
            FaqText(faq, locale, text.question, text.answer)
            for faq, content in contents.items()
            for locale, text in content.texts.items()
        ]
    )


def _against_live_rules(faqs: list[FaqText]) -> tuple[Finding, ...]:
    live = live_version()
    if live is None or not faqs:
        return ()
    rules = _digest(live.document)
    ruleset = _rulesets.get(rules, lambda: Ruleset.from_dict(live.document))
    return _found.get((rules, _digest([astuple(faq) for faq in faqs])), lambda: contradictions(ruleset, faqs))


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _faqs() -> list[FaqText]:
    return [FaqText(str(text.faq.public_id), text.locale, text.question, text.answer) for text in published_texts()]


def _values_of_the_shop(ruleset: Ruleset) -> dict[str, Collection[str]]:
    """What the shop has of those facts that the rules compare; a shop without products has told nothing about them."""
    named = {item.fact for rule in ruleset.rules for item in comparisons_in(rule.when)}
    found: dict[str, Collection[str]] = {}
    if "order.storefront" in named:
        found["order.storefront"] = set(storefronts().values_list("slug", flat=True))
    if named & {"lines.products", "lines.categories", "lines.product_tags"}:
        products = list(Product.objects.values_list("external_id", "category", "tags"))
        if products:
            found["lines.products"] = {key for key, _category, _tags in products}
            found["lines.categories"] = {category for _key, category, _tags in products if category}
            found["lines.product_tags"] = {tag for _key, _category, tags in products for tag in tags}
    return found
