"""Autopilot rules for words in the reader's words: their conditions, their state, and what shadow has shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.console.presenters.difference import Part, difference
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.drafting.autopilot_figures import Sent, sent_by
from cs_portal.drafting.models import AutopilotHours, AutopilotRule, AutopilotState, PutBack, RejectReason
from cs_portal.drafting.shadow import LEAST_UNCHANGED, Compared, Evidence, Lack, Outcome, evidence_of, lacks
from cs_portal.merchants.models import Locale, Storefront

#: As many replies of each kind are shown on a rule's page.
SHOWN = 20
#: Tone and icon of a state.
_LOOKS = {
    AutopilotState.OFF: ("", "hand-stop"),
    AutopilotState.SHADOW: ("info", "eye"),
    AutopilotState.ON: ("good", "robot"),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in the list. ``progress`` says in a sentence how far its evidence or its samples are."""

    id: UUID
    name: str
    conditions: list[str]
    state: str
    label: str
    tone: str
    icon: str
    progress: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that must hold before a rule may be switched on."""

    sentence: str
    met: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One reply that would have been sent, where people did something else."""

    conversation: UUID
    shopper: str
    at: datetime
    what: str
    tone: str
    reason: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RulePage:
    """``barred`` says why the rule may not be switched on; empty when it may."""

    line: RuleLine
    rule: AutopilotRule
    put_back: str
    figures: list[Figure]
    demands: list[Demand]
    barred: str
    rejected: list[Case]
    changed: list[Case]
    sent: Sent
    evidence: Evidence


def rule_lines(rules: Sequence[AutopilotRule], *, now: datetime) -> list[RuleLine]:
    """All rules in a fixed number of queries."""
    evidence, sent, names = evidence_of(rules), sent_by(rules, now=now), _storefronts()
    return [_line(rule, evidence[rule.pk], sent[rule.pk], names) for rule in rules]


def rule_page(rule: AutopilotRule, *, now: datetime) -> RulePage:
    evidence, sent = evidence_of([rule])[rule.pk], sent_by([rule], now=now)[rule.pk]
    demands = _demands(evidence)
    return RulePage(
        line=_line(rule, evidence, sent, _storefronts()),
        rule=rule,
        put_back=str(PutBack(rule.put_back).label) if rule.put_back else "",
        figures=_figures(evidence),
        demands=demands,
        barred="; ".join(demand.sentence for demand in demands if not demand.met),
        rejected=_cases(evidence.of(Outcome.REJECTED, Outcome.OVERRIDDEN)),
        changed=_cases(evidence.of(Outcome.SMALL_EDIT, Outcome.LARGE_EDIT, Outcome.OWN_WORDS)),
        sent=sent,
        evidence=evidence,
    )


def conditions_of(rule: AutopilotRule, storefronts: Mapping[str, str]) -> list[str]:
    """In words, one condition each; the questions come first."""
    said = [", ".join(word(INTENTS, intent) for intent in rule.intents)]
    said.append(_("confidence from %(percent)s%% on") % {"percent": round(100 * rule.min_confidence)})
    if rule.locale:
        said.append(str(Locale(rule.locale).label))
    if rule.hours != AutopilotHours.ANY:
        said.append(str(AutopilotHours(rule.hours).label))
    if rule.storefronts:
        said.append(", ".join(storefronts.get(each, _("a former storefront")) for each in rule.storefronts))
    return said


def _storefronts() -> dict[str, str]:
    return {str(public_id): name for public_id, name in Storefront.objects.values_list("public_id", "name")}


def _line(rule: AutopilotRule, evidence: Evidence, sent: Sent, names: Mapping[str, str]) -> RuleLine:
    state = AutopilotState(rule.state)
    tone, icon = _LOOKS[state]
    return RuleLine(
        id=rule.public_id,
        name=rule.name,
        conditions=conditions_of(rule, names),
        state=state,
        label=str(state.label),
        tone=tone,
        icon=icon,
        progress=_sent(sent) if state == AutopilotState.ON else _progress(evidence),
    )


def _progress(evidence: Evidence) -> str:
    """How far the evidence is; nothing of a rule that never was in shadow."""
    if not evidence.cases:
        return ""
    decided = _decided(evidence)
    if evidence.share is None:
        return decided
    return _("%(decided)s · %(percent)s%% unchanged") % {"decided": decided, "percent": _percent(evidence.share)}


def _sent(sent: Sent) -> str:
    return _("%(week)s sent in 7 days · checked: %(right)s right, %(wrong)s wrong") % {
        "week": sent.week,
        "right": sent.right,
        "wrong": sent.wrong,
    }


def _percent(share: float) -> int:
    """Rounded down: 94.9 % is not the 95 % that are asked for."""
    return int(100 * share + 1e-9)


def _decided(evidence: Evidence) -> str:
    least = settings.AUTOPILOT_SHADOW_LEAST
    return _("%(decided)s of %(least)s decided") % {"decided": evidence.decided, "least": least}


def _demands(evidence: Evidence) -> list[Demand]:
    missing, least_days = set(lacks(evidence)), settings.AUTOPILOT_SHADOW_DAYS
    days = ngettext("on %(days)s of %(count)s day", "on %(days)s of %(count)s different days", least_days) % {
        "days": evidence.days,
        "count": least_days,
    }
    least = _percent(LEAST_UNCHANGED)
    if evidence.share is None:
        share = _("at least %(least)s%% sent unchanged by people") % {"least": least}
    else:
        share = _("%(percent)s%% sent unchanged by people, at least %(least)s%% needed") % {
            "percent": _percent(evidence.share),
            "least": least,
        }
    if evidence.grave:
        grave = ngettext(
            "%(count)s rejected as wrong or unsafe, none is allowed",
            "%(count)s rejected as wrong or unsafe, none is allowed",
            evidence.grave,
        ) % {"count": evidence.grave}
    else:
        grave = _("none rejected as wrong fact, wrong policy or unsafe")
    return [
        Demand(_decided(evidence), Lack.FEW not in missing),
        Demand(days, Lack.DAYS not in missing),
        Demand(share, Lack.SHARE not in missing and evidence.share is not None),
        Demand(grave, Lack.GRAVE not in missing),
    ]


def _figures(evidence: Evidence) -> list[Figure]:
    counts = evidence.counts
    edited = counts.get(Outcome.SMALL_EDIT, 0) + counts.get(Outcome.LARGE_EDIT, 0)
    undecided = counts.get(Outcome.WAITING, 0) + counts.get(Outcome.MOVED_ON, 0)
    at_least = evidence.at_least
    share = (
        _("%(percent)s%% of %(n)s decided; likely at least %(low)s%%")
        % {"percent": _percent(evidence.share), "n": evidence.decided, "low": _percent(at_least)}
        if evidence.share is not None and at_least is not None
        else ""
    )
    edits = _("%(small)s small, %(large)s large") % {
        "small": counts.get(Outcome.SMALL_EDIT, 0),
        "large": counts.get(Outcome.LARGE_EDIT, 0),
    }
    not_decided = _("%(number)s not decided") % {"number": undecided}
    found = [
        Figure(_("Would have sent"), str(len(evidence.cases)), not_decided if undecided else ""),
        Figure(_("People sent the same"), str(evidence.unchanged), share),
        Figure(_("Edited first"), str(edited), edits if edited else ""),
        Figure(_("In own words"), str(counts.get(Outcome.OWN_WORDS, 0))),
        Figure(_("Rejected or overridden"), str(counts.get(Outcome.REJECTED, 0) + counts.get(Outcome.OVERRIDDEN, 0))),
    ]
    if evidence.median_saved is not None:
        found.append(Figure(_("Shoppers waited longer by"), _duration(evidence.median_saved), _("median")))
    return found


def _duration(seconds: float) -> str:
    if seconds < 90:
        return _("%(number)s s") % {"number": round(seconds)}
    if seconds < 5400:
        return _("%(number)s min") % {"number": round(seconds / 60)}
    return _("%(number)s h") % {"number": round(seconds / 3600)}


def _words_of(outcome: Outcome) -> tuple[str, str]:
    """What a person did, and its tone."""
    return {
        Outcome.SMALL_EDIT: (_("Small edit"), ""),
        Outcome.LARGE_EDIT: (_("Large edit"), "warn"),
        Outcome.OWN_WORDS: (_("Own words"), "warn"),
        Outcome.REJECTED: (_("Rejected"), "bad"),
        Outcome.OVERRIDDEN: (_("Verdict overridden"), "bad"),
    }[outcome]


def _cases(found: Iterable[Compared]) -> list[Case]:
    return [_case(one) for one in list(found)[:SHOWN]]


def _case(one: Compared) -> Case:
    what, tone = _words_of(one.outcome)
    reason = str(RejectReason(one.reason).label) if one.reason else ""
    conversation, candidate = one.send.draft.conversation, one.send.candidate
    return Case(
        conversation=conversation.public_id,
        shopper=shopper_name(conversation.shopper),
        at=one.send.created_at,
        what=what,
        tone=tone,
        reason=" · ".join(filter(None, (reason, one.note))),
        parts=difference(candidate.text.strip(), one.text.strip() or candidate.text.strip()),
    )
