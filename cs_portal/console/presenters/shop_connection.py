"""Calls to the shop system, and what went wrong with them, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cs_portal.commerce.models import ActionState, OrderAction
from cs_portal.console.presenters.order_actions import TONES
from cs_portal.console.presenters.refusals import refusal
from cs_portal.console.presenters.wording import ACTIONS, word


@dataclass(frozen=True, slots=True)
class CallRow:
    label: str
    order: UUID | None
    number: str
    tone: str
    icon: str
    state: str
    why: str
    calls: int
    checks: int
    at: datetime | None
    seconds: str


def call_row(action: OrderAction) -> CallRow:
    tone, icon = TONES[ActionState(action.state)]
    took = (action.settled_at - action.begun_at).total_seconds() if action.settled_at and action.begun_at else None
    return CallRow(
        label=word(ACTIONS, action.kind),
        order=action.order.public_id if action.order else None,
        number=action.order.number if action.order else "",
        tone=tone,
        icon=icon,
        state=action.get_state_display(),
        why=refusal(action.error) if action.error else "",
        calls=action.attempts,
        checks=action.checks,
        at=action.begun_at,
        seconds=f"{took:.1f} s" if took is not None else "",
    )
