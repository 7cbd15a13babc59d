"""What analysis finds in the rules, in words, at the rule that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from cs_portal.commerce.money import with_symbols
from cs_portal.console.presenters.policies import RulesView, anchor, language, rule_title
from cs_portal.console.presenters.policies_touched import TouchedView
from cs_portal.console.presenters.wording import Words
from cs_portal.policies.engine import Ruleset, RulesetError
from cs_portal.policies.engine.analysis import Finding, Kind, analyse
from cs_portal.policies.engine.phrase import in_language

_KINDS: dict[Kind, tuple[Words, str, str]] = {
    Kind.NEVER: (pgettext_lazy("finding", "Never applies"), "bad", "alert-circle"),
    Kind.HIDDEN: (pgettext_lazy("finding", "Never reached"), "bad", "eye-off"),
    Kind.PARTLY_HIDDEN: (pgettext_lazy("finding", "Not reached by some requests"), "info", "info-circle"),
    Kind.EXPIRED: (pgettext_lazy("finding", "No longer in force"), "warn", "clock"),
    Kind.ASKS_AGAIN: (pgettext_lazy("finding", "May ask without end"), "warn", "refresh"),
    Kind.GAP: (pgettext_lazy("finding", "No rule for this"), "info", "info-circle"),
    Kind.NO_RULES: (pgettext_lazy("finding", "No rule for this"), "info", "info-circle"),
    Kind.TOO_COMPLEX: (pgettext_lazy("finding", "Not fully checked"), "info", "info-circle"),
    Kind.UNKNOWN_FACT: (pgettext_lazy("finding", "Unknown fact"), "bad", "alert-circle"),
    Kind.UNKNOWN_VALUE: (pgettext_lazy("finding", "Not in your shop"), "warn", "alert-triangle"),
    Kind.CONTRADICTION: (pgettext_lazy("finding", "An FAQ says otherwise"), "warn", "messages"),
}
_UNKNOWN: tuple[Words, str, str] = (gettext_lazy("Look at this"), "warn", "alert-triangle")


@dataclass(frozen=True, slots=True)
class FindingView:
    """``by`` are the rules in the way, as (anchor, name); ``faq`` is the public id of the FAQ that says otherwise."""

    kind: str
    word: str
    tone: str
    icon: str
    text: str
    by: list[tuple[str, str]]
    faq: str


@dataclass(frozen=True, slots=True)
class FindingsView:
    """``rules``: by the rule's code; ``whole``: about no rule in particular. ``grave`` is how many should be mended."""

    rules: Mapping[str, list[FindingView]]
    whole: list[FindingView] = field(default_factory=list)
    grave: int = 0


def findings_view(found: Iterable[Finding], document: Mapping[str, Any]) -> FindingsView:
    titles = titles_of(document)
    rules: dict[str, list[FindingView]] = {}
    whole: list[FindingView] = []
    grave = 0
    for item in found:
        view = _view(item, titles)
        grave += view.tone in ("bad", "warn")
        # A contradiction is no fault of a single rule, but is best mended at the first one that grants it.
        place = item.rule or (item.by[0] if item.by and item.by[0] in titles else "")
        if place in titles:
            rules.setdefault(place, []).append(view)
        else:
            whole.append(view)
    return FindingsView(rules, whole, grave)


def _view(item: Finding, titles: Mapping[str, str]) -> FindingView:
    word, tone, icon = _KINDS.get(item.kind, _UNKNOWN)
    text = with_symbols(in_language(item.text, language()))
    return FindingView(
        kind=str(item.kind),
        word=str(word),
        tone=tone,
        icon=icon,
        text=text[:1].upper() + text[1:],
        by=[(anchor(rule), titles[rule]) for rule in item.by if rule in titles and rule != item.rule],
        faq=item.faq,
    )


def annotated(rules: RulesView, findings: FindingsView, touched: Mapping[str, TouchedView]) -> RulesView:
    """The rules with what was found and counted at each."""
    marked = [
        replace(rule, findings=findings.rules.get(rule.id, ()), touched=touched.get(rule.id)) for rule in rules.rules
    ]
    return replace(rules, rules=marked)


def findings_of_rule(
    *, document: Mapping[str, Any], rule: Mapping[str, Any], rule_id: str, place: int | None = None
) -> list[FindingView]:
    """What is found in ``rule`` if it stood in the document: at ``place``, from 1, else in the place of ``rule_id`` or,
    without one, at the end.

    Empty while the rule is no valid one.
    """
    rules = [dict(rule) if item["id"] == rule_id else item for item in document["rules"]]
    if not rule_id:
        rules.append(dict(rule))
    if place is not None:
        at = next((index for index, item in enumerate(rules) if item["id"] == rule["id"]), len(rules) - 1)
        rules.insert(max(0, place - 1), rules.pop(at))
    tried = {**document, "rules": rules}
    try:
        found = analyse(Ruleset.from_dict(tried))
    except RulesetError:
        return []
    titles = titles_of(tried)
    return [_view(item, titles) for item in found if item.rule == rule["id"]]


def titles_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The rules' names by their codes."""
    return {rule.id: rule_title(rule, number) for number, rule in enumerate(Ruleset.from_dict(document).rules, 1)}
