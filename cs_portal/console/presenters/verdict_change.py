"""How the rules decide by now, beside how they decided when a draft was made."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.money import format_minor, with_symbols
from cs_portal.console.presenters.wording import ACTIONS, ASKED_FOR, in_language, word
from cs_portal.drafting.selectors import DraftDetail

_WAS: dict[str, Promise] = {
    "allow": gettext_lazy("%(what)s was allowed"),
    "deny": gettext_lazy("%(what)s was refused"),
    "ask": gettext_lazy("%(what)s was waiting for %(asked)s"),
    "escalate": gettext_lazy("%(what)s was left to a person"),
}
_IS: dict[str, Promise] = {
    "allow": gettext_lazy("now it is allowed"),
    "deny": gettext_lazy("now it is refused"),
    "ask": gettext_lazy("now the shopper is asked for %(asked)s"),
    "escalate": gettext_lazy("now a person has to decide"),
}


def verdict_change(detail: DraftDetail) -> str:
    """For a draft that is out of date, one sentence; empty where no rules were asked or an admin decided."""
    draft = detail.draft
    before, after, request = draft.verdict, detail.verdict_now, draft.request
    if not detail.stale or before is None or request is None or draft.ruleset_id is None or draft.override is not None:
        return ""
    if after is None:
        return _("The rules decide as before.")
    what = word(ACTIONS, request.get("action", "none"))
    was = str(_WAS[before["outcome"]]) % {"what": f"{what} {_amount(before)}".strip(), "asked": _asked(before)}
    if after["outcome"] == "allow" and _amount(after):
        now = _("now %(amount)s is allowed") % {"amount": _amount(after)}
    else:
        now = str(_IS[after["outcome"]]) % {"asked": _asked(after)}
    if why := with_symbols(in_language(after.get("reasons"))).strip().rstrip(".。"):
        return _("%(was)s; %(now)s, because: %(why)s.") % {"was": was, "now": now, "why": why}
    return _("%(was)s; %(now)s.") % {"was": was, "now": now}


def _amount(verdict: dict[str, Any]) -> str:
    amount, currency = verdict.get("amount_minor"), verdict.get("currency")
    return format_minor(amount, currency) if amount and currency else ""


def _asked(verdict: dict[str, Any]) -> str:
    return ", ".join(word(ASKED_FOR, what) for what in verdict.get("ask") or []) or _("an answer")
