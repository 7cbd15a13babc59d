"""What an order's page shows of its history and its actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.connectors.choice import supported_kinds
from cs_portal.commerce.models import UNDER_WAY, ActionState, Order, OrderAction, OrderEvent
from cs_portal.commerce.services.returns import preview_receipt
from cs_portal.console.presenters.order_actions import action_row, offered
from cs_portal.console.presenters.order_timeline import Happening, timeline
from cs_portal.console.presenters.rule_names import rule_names
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member
from cs_portal.policies.models import RulesetVersion

#: Older ones are in the audit log.
SHOWN_EVENTS, SHOWN_ACTIONS = 100, 20
#: What is kept on the page after its end: who looks wants to see what came of it.
_NOT_DONE = [ActionState.PROPOSED, ActionState.APPROVED, ActionState.REFUSED, *UNDER_WAY]


def actions_context(order: Order, *, member: Member) -> dict[str, Any]:
    rows = list(OrderAction.objects.filter(order=order, state__in=_NOT_DONE).order_by("-id")[:SHOWN_ACTIONS])
    names = _names({str(row.verdict.get("proposed_by") or row.approved_by) for row in rows})
    rules = _rules({row.rules for row in rows if row.rules}, order.currency)
    return {
        "order": order,
        "offered": offered(order, supported_kinds()) if member.may_review else [],
        "actions": [action_row(row, member=member, names=names, rules=rules.get(row.rules, {})) for row in rows],
        "under_way": any(row.state in UNDER_WAY for row in rows),
        "exchanges": list(order.exchanges.filter(ended_at=None)),
        "returns": [
            (found, *_receipt(found.public_id)) for found in order.returns.filter(received_at=None, closed_at=None)
        ],
    }


def _receipt(return_id: UUID) -> tuple[list[str], bool]:
    """What its arrival would do, and whether it can be noted here."""
    try:
        return tell(preview_receipt(return_id=return_id), reader="operator"), True
    except ActionRefused as refusal:
        return [str(refusal)], False


def order_history(order: Order) -> list[Happening]:
    """Six queries, however long it is."""
    events = list(OrderEvent.objects.filter(order=order).order_by("-at", "-id")[:SHOWN_EVENTS])
    done = OrderAction.objects.filter(public_id__in={event.action for event in events if event.action})
    drafts = Draft.objects.filter(public_id__in={event.draft for event in events if event.draft})
    verdicts = dict(done.values_list("public_id", "verdict"))
    proposers = {str(verdict.get("proposed_by") or "") for verdict in verdicts.values()}
    return timeline(
        order,
        events=events,
        names=_names({event.by for event in events if event.source == "member"} | proposers),
        rules=_rules({event.rules for event in events if event.rules}, order.currency),
        drafts=frozenset(drafts.values_list("public_id", flat=True)),
        verdicts=verdicts,
    )


def _rules(versions: set[UUID], currency: str) -> dict[UUID | None, dict[str, str]]:
    """Names of rules by code, by version."""
    rows = RulesetVersion.objects.filter(public_id__in=versions) if versions else []
    return {row.public_id: rule_names(row.document, currency) for row in rows}


def _names(ids: set[str]) -> dict[str, str]:
    known = {each for each in ids if _is_uuid(each)}
    rows = Member.objects.filter(public_id__in=known).select_related("user") if known else []
    return {str(row.public_id): str(row.user) for row in rows}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
