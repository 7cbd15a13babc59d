"""Autopilot's switches by action, with what the live rules leave to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cs_portal.commerce.models import ActionKind
from cs_portal.commerce.money import decimal_text, format_minor
from cs_portal.console.presenters.wording import ACTIONS, word
from cs_portal.drafting.models import AutopilotRule, AutopilotState, PutBack
from cs_portal.drafting.services.autopilot import action_rules
from cs_portal.policies.engine import Rule, Ruleset
from cs_portal.policies.engine.approvals import Approvals
from cs_portal.policies.selectors import live_version
from cs_portal.policies.services.compiling import ruleset_of


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """``tiers`` is what the live rules leave to autopilot; ``put_back`` why it is off where nobody chose that.

    ``limit`` is the switch's own limit as one writes it, ``limit_words`` as one reads it; ``gives_back`` tells whether
    the action can give money back at all.
    """

    kind: str
    label: str
    on: bool
    tiers: str
    put_back: str
    gives_back: bool
    limit: str
    limit_words: str


#: Actions by which money can go back to the shopper.
GIVING_BACK = {"refund", "return", "cancel", "exchange", "change_items"}


def switch_lines() -> list[SwitchLine]:
    rules, tiers = action_rules(), autopilot_tiers()
    found = []
    for kind in ActionKind.values:
        rule = rules.get(kind)
        on = rule is not None and rule.state == AutopilotState.ON
        put_back = str(PutBack(rule.put_back).label) if rule is not None and rule.put_back else ""
        found.append(
            SwitchLine(
                kind=kind,
                label=word(ACTIONS, kind),
                on=on,
                tiers=tiers.get(kind, ""),
                put_back=put_back,
                gives_back=kind in GIVING_BACK,
                limit=_limit(rule, decimal_text),
                limit_words=_limit(rule, format_minor),
            )
        )
    return found


def _limit(rule: AutopilotRule | None, written: Callable[[int, str], str]) -> str:
    if rule is None or rule.limit_minor is None:
        return ""
    return written(rule.limit_minor, rule.limit_currency)


def autopilot_tiers() -> dict[str, str]:
    """In words, by action: what the live rules let go out unreviewed. An action of which that is nothing is missing."""
    version = live_version()
    return {} if version is None else left_to_autopilot(ruleset_of(version))


def left_to_autopilot(ruleset: Ruleset) -> dict[str, str]:
    """The same of any rules."""
    found = {}
    for kind in ActionKind.values:
        said = list(dict.fromkeys(_said(ruleset.rules_by_action[kind], ruleset.approvals)))
        if said:
            found[kind] = ", ".join(said)
    return found


def _said(rules: tuple[Rule, ...], general: Approvals | None) -> Iterator[str]:
    for rule in rules:
        if rule.then.outcome != "allow" or rule.then.approver != "autopilot":
            continue
        approvals = rule.then.approvals if rule.then.approvals is not None else general
        if approvals is None:
            yield _("any amount")
            continue
        for currency, tiers in approvals.items():
            for tier in tiers:
                if tier.approver != "autopilot":
                    continue
                if tier.up_to_minor is None:
                    yield _("any amount in %(currency)s") % {"currency": currency}
                else:
                    yield _("up to %(amount)s") % {"amount": format_minor(tier.up_to_minor, currency)}
