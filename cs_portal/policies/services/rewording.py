"""Reply words follow the numbers of their rule, at a member's word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Member
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.leftovers import Leftover, leftovers, reworded
from cs_portal.policies.models import WorkingCopy
from cs_portal.policies.selectors import live_version, main_currency, working_copy
from cs_portal.policies.services.working_copy import save_rule


def leftovers_by_rule(live: dict[str, Any], changed: dict[str, Any], currency: str) -> dict[str, tuple[Leftover, ...]]:
    """Per rule that has any: what its reply in ``changed`` still says of the ``live`` rule. Both are documents."""
    before = {rule.id: rule for rule in Ruleset.from_dict(live).rules}
    found = {
        rule.id: leftovers(before[rule.id], rule, currency)
        for rule in Ruleset.from_dict(changed).rules
        if rule.id in before and rule != before[rule.id]
    }
    return {rule_id: left for rule_id, left in found.items() if left}


def reword_rule(*, rule_id: str, by: Member, revision: int, now: datetime) -> WorkingCopy:
    """Put the rule's new numbers into its reply and its name. Raises :class:`Invalid` where there is nothing to put in,
    :class:`NotFound` and :class:`Conflict`.
    """
    live, copy = live_version(), working_copy()
    found = leftovers_by_rule(live.document, copy.document, main_currency()).get(rule_id, ()) if live and copy else ()
    if copy is None or not any(item.now for item in found):
        raise Invalid(_("The reply of this rule says no old numbers."))
    rule = next(rule for rule in copy.document["rules"] if rule["id"] == rule_id)
    parsed = next(rule for rule in Ruleset.from_dict(copy.document).rules if rule.id == rule_id)
    reasons = reworded(parsed.then.reasons, [item for item in found if not item.in_name])
    changed = {**rule, "then": {**rule["then"], "reasons": reasons.to_dict()}}
    if parsed.label is not None:
        changed["label"] = reworded(parsed.label, [item for item in found if item.in_name]).to_dict()
    return save_rule(rule=changed, rule_id=rule_id, by=by, revision=revision, now=now)
