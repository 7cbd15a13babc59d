"""What the live rules leave to autopilot."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cs_portal.commerce.models import ActionKind
from cs_portal.commerce.money import format_minor
from cs_portal.policies.engine import Rule, Ruleset
from cs_portal.policies.engine.approvals import Approvals
from cs_portal.policies.selectors import live_version
from cs_portal.policies.services.compiling import ruleset_of


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
