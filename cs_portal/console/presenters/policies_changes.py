"""What differs between two rulesets, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from cs_portal.console.presenters.policies import RuleView, default_view, rule_view
from cs_portal.console.presenters.wording import Words
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.compare import Change, RuleChange, compare

FIELDS: dict[str, Words] = {
    "label": pgettext_lazy("part of a rule", "name"),
    "actions": pgettext_lazy("part of a rule", "requests"),
    "when": pgettext_lazy("part of a rule", "conditions"),
    "outcome": pgettext_lazy("part of a rule", "what happens"),
    "amount": pgettext_lazy("part of a rule", "money back"),
    "ask": pgettext_lazy("part of a rule", "what is asked for"),
    "approver": pgettext_lazy("part of a rule", "who approves"),
    "reasons": pgettext_lazy("part of a rule", "reason"),
    "valid": pgettext_lazy("part of a rule", "when it is in force"),
    "approvals": pgettext_lazy("part of a rule", "who approves how much"),
    "time_zone": pgettext_lazy("part of a rule", "time zone"),
}
_WORDS: dict[Change, tuple[Words, str, str]] = {
    Change.ADDED: (pgettext_lazy("rule", "Added"), "good", "circle-plus"),
    Change.REMOVED: (pgettext_lazy("rule", "Removed"), "bad", "circle-minus"),
    Change.CHANGED: (pgettext_lazy("rule", "Changed"), "info", "pencil"),
    Change.MOVED: (pgettext_lazy("rule", "Moved"), "", "arrows-sort"),
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One rule that differs. ``fields`` says in words what of it changed, ``moved`` from which place to which."""

    word: str
    tone: str
    icon: str
    title: str
    before: RuleView | None
    after: RuleView | None
    fields: str
    moved: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    rules: list[ChangeView]
    summary: str

    def __bool__(self) -> bool:
        return bool(self.rules)


def changes_view(before: Mapping[str, Any], after: Mapping[str, Any], currency: str) -> ChangesView:
    """From the document ``before`` to the document ``after``."""
    found = compare(Ruleset.from_dict(before), Ruleset.from_dict(after))
    rules = [_change(item, currency) for item in found.rules]
    if found.default:
        word, tone, icon = _WORDS[Change.CHANGED]
        rules.append(
            ChangeView(
                word=str(word),
                tone=tone,
                icon=icon,
                title=_("When no rule matches"),
                before=default_view(found.before_default),
                after=default_view(found.after_default),
                fields=_fields(found.default),
                moved="",
            )
        )
    if found.whole:
        word, tone, icon = _WORDS[Change.CHANGED]
        rules.append(
            ChangeView(
                word=str(word),
                tone=tone,
                icon=icon,
                title=_("All rules"),
                before=None,
                after=None,
                fields=_fields(found.whole),
                moved="",
            )
        )
    return ChangesView(rules, summary(found.counts()))


def _change(item: RuleChange, currency: str) -> ChangeView:
    word, tone, icon = _WORDS[item.change]
    before = rule_view(item.before[1], item.before[0], currency) if item.before else None
    after = rule_view(item.after[1], item.after[0], currency) if item.after else None
    shown = after or before
    assert shown is not None
    moved = ""
    if item.moved and before and after:
        moved = _("from place %(old)d to place %(new)d") % {"old": before.number, "new": after.number}
    return ChangeView(
        word=str(word),
        tone=tone,
        icon=icon,
        title=shown.title,
        before=before if item.change is not Change.MOVED else None,
        after=after,
        fields=_fields(item.fields),
        moved=moved,
    )


def _fields(fields: tuple[str, ...]) -> str:
    return _(", ").join(str(FIELDS[str(name)]) for name in fields)


def summary(counts: Mapping[str, int]) -> str:
    """``2 added, 1 changed``; empty where nothing differs."""
    said = []
    if n := counts.get("added"):
        said.append(ngettext("%(count)d rule added", "%(count)d rules added", n) % {"count": n})
    if n := counts.get("removed"):
        said.append(ngettext("%(count)d rule removed", "%(count)d rules removed", n) % {"count": n})
    if n := counts.get("changed"):
        said.append(ngettext("%(count)d rule changed", "%(count)d rules changed", n) % {"count": n})
    if n := counts.get("moved"):
        said.append(ngettext("%(count)d rule moved", "%(count)d rules moved", n) % {"count": n})
    if counts.get("default"):
        said.append(_("default changed"))
    said += [_("%(what)s changed") % {"what": FIELDS[name]} for name in ("approvals", "time_zone") if counts.get(name)]
    return _(", ").join(said)
