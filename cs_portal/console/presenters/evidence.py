"""What a draft rests on, as cards: the verdict, answers, orders, products."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order, PaymentMethod
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import total_minor
from cs_portal.console.presenters.wording import ACTIONS, APPROVERS, OUTCOMES, in_language, word


@dataclass(frozen=True, slots=True)
class TraceLine:
    rule: str
    matched: bool
    because: str


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """The decision of the rules; ``overridden`` holds who decided otherwise and why."""

    outcome: str
    outcome_word: str
    action: str
    amount: str
    ruleset: str
    rule: str
    approver: str
    reason: str
    trace: list[TraceLine]
    overridden: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    options: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class OrderCard:
    number: str
    status: str
    total: str
    refunded: str
    lines: list[Line]
    payments: list[tuple[str, str]]
    timeline: list[tuple[str, datetime]]
    shipments: list[str]
    ref: str


@dataclass(frozen=True, slots=True)
class Piece:
    """An answer or a product."""

    ref: str
    title: str
    text: str = ""
    percent: int | None = None
    phrasing: str = ""
    revision: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)


def anchor(ref: str) -> str:
    """A reference as an HTML id."""
    return "evidence-" + re.sub(r"[^A-Za-z0-9]+", "-", ref).strip("-")


def verdict_card(
    verdict: dict[str, Any], *, request: dict[str, Any] | None, override: dict[str, Any] | None
) -> VerdictCard | None:
    """``None`` where the shopper asked for nothing that rules decide."""
    if not verdict.get("outcome"):
        return None
    amount, currency = verdict.get("amount_minor"), verdict.get("currency")
    ruleset = f"{verdict['ruleset']} v{verdict['version']}" if verdict.get("ruleset") else ""
    return VerdictCard(
        outcome=verdict["outcome"],
        outcome_word=word(OUTCOMES, verdict["outcome"]),
        action=word(ACTIONS, (request or {}).get("action", "none")),
        amount=format_minor(amount, currency) if amount and currency else "",
        ruleset=ruleset,
        rule=verdict.get("rule") or "",
        approver=word(APPROVERS, verdict.get("approver") or "operator"),
        reason=in_language(verdict.get("reasons")),
        trace=[
            TraceLine(step["rule"], step["matched"], in_language(step["because"]))
            for step in verdict.get("trace") or []
        ],
        overridden=override,
    )


def order_card(order: Order) -> OrderCard:
    """``order`` comes with its lines, payments and shipments prefetched."""
    moments = [
        (_("Placed"), order.placed_at),
        (_("Paid"), order.paid_at),
        (_("Shipped"), order.shipped_at),
        (_("Delivered"), order.delivered_at),
        (_("Cancelled"), order.cancelled_at),
        *(
            (_("Refunded %(amount)s") % {"amount": _amount(r.amount_minor, order)}, r.created_at)
            for r in order.refunds.all()
        ),
    ]
    return OrderCard(
        number=order.number,
        status=order.get_status_display(),
        total=_amount(total_minor(order), order),
        refunded=_amount(order.refunded_minor, order) if order.refunded_minor else "",
        lines=[
            Line(
                line.title,
                " · ".join(str(value) for value in line.options.values()),
                line.quantity,
                _amount(line.quantity * line.unit_price_minor - line.discount_minor, order),
            )
            for line in order.lines.all()
        ],
        payments=[
            (str(PaymentMethod(payment.method).label), _amount(payment.amount_minor, order))
            for payment in order.payments.all()
        ],
        timeline=sorted(((name, at) for name, at in moments if at is not None), key=lambda moment: moment[1]),
        shipments=[f"{shipment.carrier} {shipment.tracking}".strip() for shipment in order.shipments.all()],
        ref=f"order:{order.number}",
    )


def pieces(evidence: list[dict[str, Any]], kind: str) -> list[Piece]:
    found = []
    for piece in evidence:
        if piece["kind"] != kind:
            continue
        score = piece.get("score")
        found.append(
            Piece(
                ref=piece["ref"],
                title=in_language(piece["title"]),
                text=in_language(piece.get("text")),
                percent=round(score * 100) if score is not None else None,
                phrasing=piece.get("phrasing") or "",
                revision=piece["ref"].split(":")[2] if piece["ref"].count(":") == 2 else "",
                fields=[(in_language(item["label"]), in_language(item["value"])) for item in piece.get("fields") or []],
            )
        )
    return found


def _amount(minor: int, order: Order) -> str:
    return format_minor(minor, order.currency)
