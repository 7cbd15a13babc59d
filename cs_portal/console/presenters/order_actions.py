"""What one can do with an order, what is under way, and what an action would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.models import ActionState, Order, OrderAction, OrderStatus
from cs_portal.commerce.money import format_minor, with_symbols
from cs_portal.console.presenters.orders import address_lines
from cs_portal.console.presenters.refusals import refusal
from cs_portal.console.presenters.verdict_trace import TraceLine, trace_lines
from cs_portal.console.presenters.wording import ACTIONS, APPROVERS, OUTCOMES, Words, in_language, word
from cs_portal.drafting.services.by_hand import Considered, barrier_of_proposal
from cs_portal.drafting.tiers import Barrier, sentence
from cs_portal.merchants.models import Member

BEFORE_SHIPPING = {OrderStatus.PENDING, OrderStatus.PROCESSING}
AFTER_SHIPPING = {OrderStatus.SHIPPED, OrderStatus.DELIVERED}
#: The buttons of an order's page, in this order.
_ICONS = {
    "refund": "cash-banknote",
    "cancel": "circle-x",
    "return": "arrow-back-up",
    "exchange": "switch-horizontal",
    "change_address": "truck",
    "change_items": "edit",
    "change_payment": "credit-card",
    "resend": "package",
    "place_order": "shopping-cart",
}
#: What the button of the confirmation says.
DO: Mapping[str, Words] = {
    "refund": pgettext_lazy("button", "Refund now"),
    "cancel": pgettext_lazy("button", "Cancel it now"),
    "return": pgettext_lazy("button", "Open the return"),
    "exchange": pgettext_lazy("button", "Open the exchange"),
    "change_address": pgettext_lazy("button", "Change the address"),
    "change_items": pgettext_lazy("button", "Change the items"),
    "change_payment": pgettext_lazy("button", "Change the payment"),
    "resend": pgettext_lazy("button", "Send again"),
    "place_order": pgettext_lazy("button", "Place the order"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    kind: str
    icon: str
    label: str


def offered(order: Order, supported: frozenset[str]) -> list[Offered]:
    """The actions that the order's state lets one try; rules and stock are asked later."""
    return [
        Offered(kind, icon, word(ACTIONS, kind)) for kind, icon in _ICONS.items() if kind in supported & _open(order)
    ]


def _open(order: Order) -> frozenset[str]:
    found = {"place_order"}
    if order.paid_minor > order.refunded_minor:
        found.add("refund")
    if order.status in BEFORE_SHIPPING:
        found |= {"cancel", "change_address", "change_items", "change_payment"}
    if order.status in AFTER_SHIPPING:
        found.add("resend")
    if order.status == OrderStatus.DELIVERED:
        found |= {"return", "exchange"}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action on the order's page. ``barred`` is why this member may not approve it."""

    action: OrderAction
    label: str
    tone: str
    icon: str
    state: str
    amount: str
    says: list[str]
    by: str
    why: str
    reason: str
    barred: str
    may_withdraw: bool
    at: datetime
    trace: list[TraceLine]

    @property
    def proposed(self) -> bool:
        return self.action.state == ActionState.PROPOSED

    @property
    def unsent(self) -> bool:
        return self.action.is_unsent

    @property
    def unknown(self) -> bool:
        return self.action.state == ActionState.UNKNOWN


TONES = {
    ActionState.PROPOSED: ("warn", "hand-stop"),
    ActionState.APPROVED: ("info", "hourglass"),
    ActionState.EXECUTING: ("info", "hourglass"),
    ActionState.DONE: ("good", "circle-check"),
    ActionState.REFUSED: ("bad", "circle-x"),
    ActionState.UNKNOWN: ("warn", "help-circle"),
}


def action_row(action: OrderAction, *, member: Member, names: Mapping[str, str], rules: Mapping[str, str]) -> ActionRow:
    """``names`` are members by public id, ``rules`` names of rules by code."""
    tone, icon = TONES[ActionState(action.state)]
    proposed_by = str(action.verdict.get("proposed_by") or "")
    found = barrier_of_proposal(action, by=member)
    return ActionRow(
        action=action,
        label=word(ACTIONS, action.kind),
        tone=tone,
        icon=icon,
        state=action.get_state_display(),
        amount=format_minor(action.amount_minor, action.currency) if action.amount_minor else "",
        says=_says(Plan.from_dict(action.preview), action.request) if action.state != ActionState.REFUSED else [],
        by=names.get(proposed_by or action.approved_by, ""),
        why=refusal(action.error) if action.error and (action.state == ActionState.REFUSED or action.is_unsent) else "",
        reason=str(action.verdict.get("reason") or ""),
        barred=sentence(found) if found is not None else "",
        may_withdraw=member.may_review
        and (member.may_configure or str(member.public_id) in {proposed_by, action.approved_by}),
        at=action.settled_at or action.created_at,
        trace=trace_lines(action.verdict, rules),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the rules decide and what would happen, before one confirms it."""

    outcome: str
    tone: str
    reason: str
    rule: str
    version: str
    approver: str
    says: list[str]
    refused: str
    barred: str
    overridden: str
    may_do: bool
    may_override: bool
    button: str
    kind: str


def shown(
    found: Considered, *, kind: str, request: Mapping[str, Any], member: Member, names: Mapping[str, str]
) -> Shown:
    """What was ``found`` for the canonical ``request``; ``names`` are the rules' by code."""
    decided: Mapping[str, Any] = found.decided or {}
    outcome = str(decided.get("outcome") or "")
    overridden = str(found.verdict.get("reason") or "") if "by" in found.verdict else ""
    return Shown(
        outcome=word(OUTCOMES, outcome) if outcome else "",
        tone={"allow": "good", "deny": "bad"}.get(outcome, "warn"),
        reason=with_symbols(in_language(decided.get("reasons"))),
        rule=names.get(str(decided.get("rule") or ""), ""),
        version=str(decided.get("version") or ""),
        approver=word(APPROVERS, str(found.verdict.get("approver") or "")) if found.plan is not None else "",
        says=_says(found.plan, request) if found.plan is not None else [],
        refused=found.refused,
        barred=sentence(found.barrier) if found.barrier is not None else "",
        overridden=overridden,
        may_do=found.plan is not None,
        may_override=member.may_configure and not overridden and outcome != "allow",
        button=_button(kind, found.barrier),
        kind=kind,
    )


def _says(plan: Plan, request: Mapping[str, Any]) -> list[str]:
    """What will happen; a plan itself holds nothing about a person."""
    steps = tell(plan, reader="operator")
    if address := request.get("address"):
        steps.append(_("Address: %(address)s") % {"address": ", ".join(address_lines(address))})
    return steps


def _button(kind: str, barrier: Barrier | None) -> str:
    if barrier is None:
        return str(DO[kind])
    return _("Propose it to a colleague") if barrier == Barrier.PAIR else _("Propose it to an admin")
