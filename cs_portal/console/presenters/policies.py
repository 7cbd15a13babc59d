"""Rules as the pages show them: a sentence, its outcome by word and icon, the reason that the shopper reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.console.forms.policies_conditions import named_currency
from cs_portal.console.presenters.autopilot import left_to_autopilot
from cs_portal.console.presenters.wording import ACTIONS, APPROVERS, OUTCOMES, word
from cs_portal.policies.engine import DEFAULT_RULE, Rule, Ruleset
from cs_portal.policies.engine.condition_json import condition_to_dict
from cs_portal.policies.engine.leftovers import Leftover
from cs_portal.policies.engine.phrase import Piece, in_language
from cs_portal.policies.engine.ruleset import Decision
from cs_portal.policies.engine.sentences import decision_phrase, rule_condition_phrase
from cs_portal.policies.engine.wording import reason_pieces

if TYPE_CHECKING:
    from cs_portal.console.presenters.policies_findings import FindingView
    from cs_portal.console.presenters.policies_touched import TouchedView

TONES = {
    "allow": ("good", "circle-check"),
    "deny": ("bad", "ban"),
    "escalate": ("warn", "user-question"),
    "ask": ("info", "help-circle"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    code: str
    word: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """``then`` says what happens and who approves it; ``anchor`` is safe as an HTML id.

    ``leftovers`` are numbers that the reply says and the rule no longer does, ``findings`` what analysis finds in it,
    ``touched`` how many of last month's orders it is about.
    """

    id: str
    anchor: str
    number: int
    title: str
    outcome: Outcome
    when: list[Piece]
    then: list[Piece]
    reason: list[Piece]
    actions: tuple[str, ...] = ()
    first: bool = False
    last: bool = False
    leftovers: tuple[Leftover, ...] = ()
    findings: Sequence[FindingView] = ()
    touched: TouchedView | None = None

    @property
    def replaceable(self) -> bool:
        """Whether the reply can be given new numbers without a person's thought."""
        return any(item.now for item in self.leftovers)


@dataclass(frozen=True, slots=True)
class RulesView:
    """``chips`` filter by what the shopper asks for: (code, word, how many rules)."""

    rules: list[RuleView]
    default: RuleView
    chips: list[tuple[str, str, int]] = field(default_factory=list)
    chosen: str = ""
    total: int = 0


def language() -> str:
    return "zh-hans" if get_language() == "zh-hans" else "en"


def outcome(code: str) -> Outcome:
    """Of an outcome, or of one with its approver (``allow:autopilot``), as moves between rulesets name them."""
    code, _colon, approver = code.partition(":")
    tone, icon = TONES.get(code, ("", "circle"))
    said = word(OUTCOMES, code)
    return Outcome(code, f"{said} · {word(APPROVERS, approver)}" if approver else said, tone, icon)


def anchor(rule_id: str) -> str:
    """A rule's code may hold any character; an id may not."""
    return "rule-" + hashlib.sha256(rule_id.encode()).hexdigest()[:10]


def rule_title(rule: Rule, number: int) -> str:
    """The rule's name, or its ``number`` for one that stands with its sentence and that nobody named."""
    if rule.label is None:
        return _("Rule %(number)s") % {"number": number}
    return in_language(rule.label, language())


def rule_currency(rule: Rule, currency: str) -> str:
    """In which the amounts of the rule are written."""
    return named_currency(condition_to_dict(rule.when)) or currency if rule.when is not None else currency


def rule_view(
    rule: Rule, number: int, currency: str, *, last: bool = False, leftovers: tuple[Leftover, ...] = ()
) -> RuleView:
    reader = language()
    return RuleView(
        id=rule.id,
        anchor=anchor(rule.id),
        number=number,
        title=rule_title(rule, number),
        outcome=outcome(rule.then.outcome),
        when=rule_condition_phrase(rule, rule_currency(rule, currency)).pieces(reader),
        then=_capital(decision_phrase(rule.then).pieces(reader)),
        reason=reason_pieces(in_language(rule.then.reasons, reader), reader),
        actions=rule.actions,
        first=number == 1,
        last=last,
        leftovers=leftovers,
    )


def default_view(then: Decision) -> RuleView:
    reader = language()
    return RuleView(
        id=DEFAULT_RULE,
        anchor=anchor(DEFAULT_RULE),
        number=0,
        title="",
        outcome=outcome(then.outcome),
        when=[],
        then=_capital(decision_phrase(then).pieces(reader)),
        reason=reason_pieces(in_language(then.reasons, reader), reader),
    )


def waits_for_autopilot(document: Mapping[str, Any], switched_on: Mapping[str, bool]) -> list[str]:
    """In words, the actions of which the rules let something go out unreviewed while autopilot is off for them."""
    left = left_to_autopilot(Ruleset.from_dict(document))
    return [word(ACTIONS, kind) for kind in left if not switched_on.get(kind, False)]


def rules_view(
    document: Mapping[str, Any],
    currency: str,
    *,
    action: str = "",
    leftovers: Mapping[str, tuple[Leftover, ...]] | None = None,
) -> RulesView:
    """All rules, or those that a request of ``action`` meets, in their order and with their numbers."""
    ruleset = Ruleset.from_dict(document)
    count = len(ruleset.rules)
    chips = [
        (code, word(ACTIONS, code), sum(rule.concerns(code) for rule in ruleset.rules))
        for code in ruleset.rules_by_action
        if any(code in rule.actions for rule in ruleset.rules)
    ]
    chosen = action if action in {code for code, _word, _n in chips} else ""
    return RulesView(
        rules=[
            rule_view(rule, number, currency, last=number == count, leftovers=(leftovers or {}).get(rule.id, ()))
            for number, rule in enumerate(ruleset.rules, 1)
            if not chosen or rule.concerns(chosen)
        ],
        default=default_view(ruleset.default),
        chips=chips,
        chosen=chosen,
        total=count,
    )


def _capital(pieces: Sequence[Piece]) -> list[Piece]:
    first, *rest = pieces
    return [Piece(first.text[:1].upper() + first.text[1:], first.value), *rest]
