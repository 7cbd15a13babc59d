"""Rules by name, for pages that tell which rule decided: a reader never meets the code that a rule is stored under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.console.presenters.policies import language, rule_currency
from cs_portal.policies.engine import DEFAULT_RULE, OWNERSHIP_RULE, Rule, Ruleset
from cs_portal.policies.engine.phrase import in_language
from cs_portal.policies.engine.sentences import rule_condition_phrase


def rule_names(document: Mapping[str, Any] | None, currency: str) -> dict[str, str]:
    """What a reader calls each rule of a ruleset's ``document``, by its code; amounts are written in ``currency``.

    A rule that nobody named is called by its condition: "When a shopper asks for a refund and …".
    """
    names = {DEFAULT_RULE: _("No rule matched"), OWNERSHIP_RULE: _("The order is another shopper's")}
    for rule in Ruleset.from_dict(document).rules if document else ():
        names[rule.id] = _name(rule, currency)
    return names


def _name(rule: Rule, currency: str) -> str:
    if rule.label is not None:
        return in_language(rule.label, language())
    phrase = rule_condition_phrase(rule, rule_currency(rule, currency))
    return "".join(piece.text for piece in phrase.pieces(language()))
