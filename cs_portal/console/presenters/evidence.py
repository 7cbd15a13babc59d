"""What a draft rests on, as cards: the verdict, answers, orders, products."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order, PaymentMethod
from cs_portal.commerce.money import format_minor, with_symbols
from cs_portal.commerce.selectors import total_minor
from cs_portal.console.presenters.faq_answers import condition_words, names_in
from cs_portal.console.presenters.policies import anchor as rule_anchor
from cs_portal.console.presenters.verdict_trace import TraceLine, trace_lines
from cs_portal.console.presenters.wording import ACTIONS, APPROVERS, OUTCOMES, in_language, word
from cs_portal.knowledge.conditions import condition_from_json


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """The decision of the rules; ``overridden`` holds who decided otherwise and why, in place of the rule's reason.

    ``version`` is the number of the rules that decided, 0 where none is known. ``rule`` and ``code`` are as in a
    :class:`TraceLine`; ``anchor`` is where the rule stands on the page of that version.
    """

    outcome: str
    outcome_word: str
    action: str
    amount: str
    version: int
    rule: str
    code: str
    anchor: str
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
    """An answer or a product. ``phrasings`` are the passages by which an answer was found, the best first.

    ``moved`` says what became of an answer since, where it is not the very same any more. ``when`` are the conditions
    by which one of several answers was chosen, ``action`` what the shopper may ask for with the question, and
    ``hand_over`` that a person has to go on.
    """

    ref: str
    title: str
    text: str = ""
    percent: int | None = None
    phrasings: tuple[str, ...] = ()
    revision: str = ""
    moved: str = ""
    when: tuple[str, ...] = ()
    action: str = ""
    hand_over: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)


def anchor(ref: str) -> str:
    """A reference as an HTML id."""
    return "evidence-" + re.sub(r"[^A-Za-z0-9]+", "-", ref).strip("-")


def verdict_card(
    verdict: dict[str, Any],
    *,
    request: dict[str, Any] | None,
    override: dict[str, Any] | None,
    names: Mapping[str, str],
) -> VerdictCard | None:
    """``None`` where the shopper asked for nothing that rules decide. ``names`` are the rules' names by code."""
    if not verdict.get("outcome"):
        return None
    amount, currency = verdict.get("amount_minor"), verdict.get("currency")
    code = verdict.get("rule") or ""
    action = (request or {}).get("action", "none")
    return VerdictCard(
        outcome=verdict["outcome"],
        outcome_word=word(OUTCOMES, verdict["outcome"]),
        action=word(ACTIONS, action) if action != "none" else _("A question about an order"),
        amount=format_minor(amount, currency) if amount and currency else "",
        version=verdict.get("version") or 0,
        rule=names.get(code, ""),
        code=code,
        anchor=rule_anchor(code),
        approver=word(APPROVERS, verdict.get("approver") or "operator"),
        reason="" if override else with_symbols(in_language(verdict.get("reasons"))),
        trace=trace_lines(verdict, names),
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


def pieces(evidence: list[dict[str, Any]], kind: str, *, moved: Mapping[str, str] | None = None) -> list[Piece]:
    """Each once, with the fit of its best find: two questions of a message may find the same answer."""
    finds: dict[str, list[dict[str, Any]]] = {}
    for piece in evidence:
        if piece["kind"] == kind:
            finds.setdefault(piece["ref"], []).append(piece)
    conditions = {ref: condition_from_json(same[0].get("when") or {}) for ref, same in finds.items()}
    names = names_in(conditions.values())
    return [
        _piece(
            sorted(same, key=lambda find: -(find.get("score") or 0)),
            moved or {},
            when=tuple(condition_words(conditions[ref], names)),
        )
        for ref, same in finds.items()
    ]


def _piece(same: list[dict[str, Any]], moved: Mapping[str, str], *, when: tuple[str, ...]) -> Piece:
    best = same[0]
    score = best.get("score")
    return Piece(
        ref=best["ref"],
        title=in_language(best["title"]),
        text=in_language(best.get("text")),
        percent=round(score * 100) if score is not None else None,
        phrasings=tuple(dict.fromkeys(find["phrasing"] for find in same if find.get("phrasing"))),
        revision=best["ref"].split(":")[2] if best["ref"].count(":") == 2 else "",
        moved=moved.get(best["ref"], ""),
        when=when,
        action=word(ACTIONS, best["action"]) if best.get("action") else "",
        hand_over=bool(best.get("hand_over")),
        fields=[(in_language(item["label"]), in_language(item["value"])) for item in best.get("fields") or []],
    )


def _amount(minor: int, order: Order) -> str:
    return format_minor(minor, order.currency)
