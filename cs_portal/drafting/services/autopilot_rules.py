"""Autopilot rules for words: made, changed, put into shadow, switched on once shadow has shown that they may, and off.

off → shadow → on → off. A change of the conditions, and the brake of
:mod:`cs_portal.drafting.services.autopilot_sampling`, put a rule back into shadow, where it has to show anew what it
would send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.autopilot_cases import may_ever
from cs_portal.drafting.models import AutopilotHours, AutopilotRule, AutopilotState, PutBack
from cs_portal.drafting.services.autopilot import conditions_changed, switched_off, take_back, tell_of_autopilot
from cs_portal.drafting.shadow import Lack, evidence_of, lacks
from cs_portal.merchants.models import Locale, Member, Storefront
from cs_portal.merchants.services.roles import log, require_configurer

LEAST, MOST, USUAL = 0.5, 1.0, 0.9
LONGEST_NAME = 60
MOST_RULES = 50

_REFUSALS: dict[Lack, str | Promise] = {
    Lack.FEW: gettext_lazy("People have not yet decided on enough replies that it would have sent."),
    Lack.DAYS: gettext_lazy("It has not been in shadow on enough days."),
    Lack.GRAVE: gettext_lazy("People rejected a reply that it would have sent as wrong or unsafe."),
    Lack.SHARE: gettext_lazy("People changed too many of the replies that it would have sent."),
}
_LOGGED = {
    AutopilotState.OFF: "autopilot_rule.switched_off",
    AutopilotState.SHADOW: "autopilot_rule.put_into_shadow",
    AutopilotState.ON: "autopilot_rule.switched_on",
}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What a rule shall be. Empty ``locale`` and ``storefronts`` mean any."""

    name: str
    intents: tuple[str, ...]
    locale: str = ""
    storefronts: tuple[str, ...] = ()
    hours: str = AutopilotHours.ANY
    min_confidence: float = USUAL


def word_rules() -> list[AutopilotRule]:
    return list(AutopilotRule.objects.filter(action="").select_related("state_by__user"))


def word_rule(rule_id: UUID) -> AutopilotRule:
    rule: AutopilotRule | None = (
        AutopilotRule.objects.filter(public_id=rule_id, action="").select_related("state_by__user").first()
    )
    if rule is None:
        raise NotFound
    return rule


def create_rule(*, by: Member, change: RuleChange, shadow: bool, now: datetime) -> AutopilotRule:
    """A new rule, in shadow or off: it never begins switched on. Raises :class:`Invalid`."""
    require_configurer(by)
    fields = _checked(change)
    if AutopilotRule.objects.filter(action="").count() >= MOST_RULES:
        raise Invalid(_("There are enough rules. Delete one first."))
    state = AutopilotState.SHADOW if shadow else AutopilotState.OFF
    with transaction.atomic():
        try:
            with transaction.atomic():
                rule: AutopilotRule = AutopilotRule.objects.create(
                    **fields, state=state, state_since=now, state_by=by, evidence_since=now, updated_at=now
                )
        except IntegrityError:
            raise Invalid(_("Another rule has this name."), field="name") from None
        _log(by, "autopilot_rule.created", rule, now, **_facts(fields), state=state)
    return rule


def change_rule(*, rule_id: UUID, by: Member, change: RuleChange, now: datetime) -> AutopilotRule:
    """Change a rule. Another condition makes it a new version without evidence; one that was on is in shadow again."""
    require_configurer(by)
    fields = _checked(change)
    with transaction.atomic():
        rule = _locked(rule_id)
        moved = sorted(name for name, value in fields.items() if getattr(rule, name) != value)
        if not moved:
            return rule
        for name in moved:
            setattr(rule, name, fields[name])
        rule.updated_at = now
        if moved != ["name"]:
            rule.version += 1
            rule.evidence_since = now
            if rule.state == AutopilotState.ON:
                _place(rule, AutopilotState.SHADOW, None, now, put_back=PutBack.CHANGED)
                take_back(AutopilotRule.objects.filter(pk=rule.pk), because=conditions_changed, now=now)
                tell_of_autopilot(now=now)
        try:
            with transaction.atomic():
                rule.save()
        except IntegrityError:
            raise Invalid(_("Another rule has this name."), field="name") from None
        facts = {name: value for name, value in _facts(fields).items() if name in moved}
        _log(by, "autopilot_rule.changed", rule, now, **facts, fields=moved, state=rule.state)
    return rule


def place_rule(*, rule_id: UUID, by: Member, state: str, seen: int, now: datetime) -> AutopilotRule:
    """Put the rule into ``state``. ``seen`` is its version as the person saw it.

    Raises :class:`Conflict` for a rule that was changed meanwhile, or whose evidence does not allow to switch it on:
    that nobody may set aside, however few questions the shop gets.
    """
    require_configurer(by)
    with transaction.atomic():
        rule = _locked(rule_id)
        if state not in AutopilotState.values:
            raise Invalid(_("Choose one of the values."), field="state")
        if rule.version != seen:
            raise Conflict(_("The rule was changed meanwhile. Look at it again."))
        if rule.state == state:
            return rule
        if state == AutopilotState.ON and (missing := lacks(evidence_of([rule])[rule.pk])):
            raise Conflict(" ".join(str(_REFUSALS[lack]) for lack in missing))
        was_on = rule.state == AutopilotState.ON
        _place(rule, state, by, now)
        rule.save()
        if was_on:
            take_back(AutopilotRule.objects.filter(pk=rule.pk), because=switched_off, now=now)
        _log(by, _LOGGED[AutopilotState(state)], rule, now, number=rule.version)
        if was_on or state == AutopilotState.ON:
            tell_of_autopilot(now=now)
    return rule


def delete_rule(*, rule_id: UUID, by: Member, now: datetime) -> None:
    """Delete a rule that is off, with its evidence and its samples. What it sent stays, with the name it had."""
    require_configurer(by)
    with transaction.atomic():
        rule = _locked(rule_id)
        if rule.state != AutopilotState.OFF:
            raise Conflict(_("Switch the rule off first."))
        _log(by, "autopilot_rule.deleted", rule, now)
        rule.delete()


def _place(rule: AutopilotRule, state: str, by: Member | None, now: datetime, *, put_back: str = "") -> None:
    rule.state, rule.state_since, rule.state_by, rule.put_back = state, now, by, put_back


def _locked(rule_id: UUID) -> AutopilotRule:
    rule: AutopilotRule | None = AutopilotRule.objects.select_for_update().filter(public_id=rule_id, action="").first()
    if rule is None:
        raise NotFound
    return rule


def _checked(change: RuleChange) -> dict[str, Any]:
    name = " ".join(change.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(_("A name has 1 to %(limit)s characters.") % {"limit": LONGEST_NAME}, field="name")
    if not change.intents:
        raise Invalid(_("Choose at least one kind of question."), field="intents")
    if not all(may_ever(intent) for intent in change.intents):
        raise Invalid(_("This kind of question always needs a person."), field="intents")
    if change.locale not in {"", *Locale.values}:
        raise Invalid(_("Choose one of the values."), field="locale")
    if change.hours not in AutopilotHours.values:
        raise Invalid(_("Choose one of the values."), field="hours")
    if not LEAST <= change.min_confidence <= MOST:
        raise Invalid(_("Between 50 % and 100 %."), field="min_confidence")
    wanted = {as_uuid(each) for each in change.storefronts}
    known = {
        str(each)
        for each in Storefront.objects.filter(public_id__in=wanted - {None}).values_list("public_id", flat=True)
    }
    if len(known) != len(wanted):
        raise Invalid(_("Choose one of the values."), field="storefronts")
    return {
        "name": name,
        "intents": sorted(set(change.intents)),
        "locale": change.locale,
        "storefronts": sorted(known),
        "hours": change.hours,
        "min_confidence": round(change.min_confidence, 4),
    }


def _facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as the audit log keeps them: codes and numbers, no name that somebody wrote."""
    facts = {name: value for name, value in fields.items() if name != "name"}
    return {**facts, "min_confidence": round(100 * fields["min_confidence"])}


def _log(by: Member, action: str, rule: AutopilotRule, now: datetime, **data: Any) -> None:
    log(by, action, f"autopilot_rule:{rule.public_id}", now, data)
