"""What happened to an order, from its history: by whom, under which rule, from which draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Happened, Order, OrderEvent, OrderStatus, PaymentMethod, Source
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.verdict_trace import TraceLine, trace_lines
from cs_portal.console.presenters.wording import ACTIONS, word

_ICONS: Mapping[str, str] = {
    Happened.PLACED: "shopping-cart",
    Happened.PAID: "credit-card",
    Happened.SHIPPED: "truck",
    Happened.DELIVERED: "circle-check",
    Happened.CANCELLED: "circle-x",
    Happened.ITEMS_CANCELLED: "circle-x",
    Happened.REFUNDED: "cash-banknote",
    Happened.RETURN_OPENED: "arrow-back-up",
    Happened.RETURN_RECEIVED: "package",
    Happened.RETURN_CLOSED: "x",
    Happened.EXCHANGED: "switch-horizontal",
    Happened.EXCHANGE_ENDED: "circle-check",
    Happened.ADDRESS_CHANGED: "truck",
    Happened.ITEMS_CHANGED: "edit",
    Happened.PAYMENT_CHANGED: "credit-card",
    Happened.RESENT: "package",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """``by`` is who or what did it; ``rule`` under which one, of the ruleset version ``rules``; ``draft`` the reply.

    ``trace`` is that of the verdict on which an action was carried out; ``against`` says who decided against the rules,
    and why.
    """

    at: datetime
    icon: str
    sentence: str
    detail: str = ""
    by: str = ""
    rule: str = ""
    rules: UUID | None = None
    version: int | None = None
    draft: UUID | None = None
    trace: Sequence[TraceLine] = ()
    against: str = ""


def timeline(
    order: Order,
    *,
    events: Iterable[OrderEvent],
    names: Mapping[str, str],
    rules: Mapping[UUID | None, Mapping[str, str]],
    drafts: frozenset[UUID],
    verdicts: Mapping[UUID, Mapping[str, Any]],
) -> list[Happening]:
    """Newest first. ``names`` are members by public id, ``rules`` names of rules by version; of ``drafts`` that are
    still there a link leads to the reply; ``verdicts`` by the action that was carried out on them."""
    told = list(events)
    found = [_happening(order, event, names, rules, drafts) for event in told]
    return [
        replace(
            row,
            trace=trace_lines(verdicts[event.action], rules.get(event.rules, {})),
            against=_against(verdicts[event.action], names),
            by=_with_proposer(row.by, verdicts[event.action], names),
        )
        if event.action is not None and event.action in verdicts and event.kind != Happened.PAID
        else row
        for row, event in zip(found, told, strict=True)
    ]


def _happening(
    order: Order,
    event: OrderEvent,
    names: Mapping[str, str],
    rules: Mapping[UUID | None, Mapping[str, str]],
    drafts: frozenset[UUID],
) -> Happening:
    known = rules.get(event.rules) if event.rules else None
    return Happening(
        at=event.at,
        icon=_ICONS.get(event.kind, "history"),
        sentence=_sentence(order, event),
        detail=_detail(order, event),
        by=_by(event, names),
        rule=known.get(event.rule, "") if known is not None else "",
        rules=event.rules if known is not None else None,
        version=event.rules_version,
        draft=event.draft if event.draft in drafts else None,
    )


def _with_proposer(by: str, verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who did it, with the colleague who had proposed it: where two must agree, both stand there."""
    proposer = names.get(str(verdict.get("proposed_by") or ""), "")
    if not proposer or proposer == by:
        return by
    return _("%(by)s, proposed by %(proposer)s") % {"by": by, "proposer": proposer}


def _against(verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "by" not in verdict:
        return ""
    who = names.get(str(verdict["by"])) or str(verdict.get("by_name") or "") or _("a former colleague")
    return _("Against the rules, by %(member)s: %(reason)s") % {"member": who, "reason": verdict.get("reason") or ""}


def _sentence(order: Order, event: OrderEvent) -> str:
    amount = event.data.get("amount_minor")
    if amount and event.kind in {Happened.PAID, Happened.REFUNDED}:
        words = _("Paid %(amount)s") if event.kind == Happened.PAID else _("Refunded %(amount)s")
        return words % {"amount": format_minor(int(amount), order.currency)}
    if "not_mirrored" in event.data:
        return _("Done in the shop, not written down here yet: %(action)s") % {
            "action": word(ACTIONS, str(event.data.get("kind", "")))
        }
    if event.kind == Happened.STATUS_CHANGED and event.status_after in OrderStatus.values:
        return _("Became “%(status)s”") % {"status": OrderStatus(event.status_after).label}
    return event.get_kind_display()


def _detail(order: Order, event: OrderEvent) -> str:
    titles = {line.external_id: line.title for line in order.lines.all()}
    methods = {each.external_id: str(PaymentMethod(each.method).label) for each in order.payments.all()}
    parts = [
        f"{line.get('quantity', 1)} × {titles.get(line['id'], line['id'])}" for line in event.data.get("lines") or ()
    ]
    refunded = {each.external_id: each.payments for each in order.refunds.all()}
    paid = [event.data.get("payment"), *(part["id"] for part in refunded.get(event.data.get("refund"), ()))]
    parts += list(dict.fromkeys(methods[key] for key in paid if key in methods))
    if event.kind == Happened.SHIPPED:
        parts += [
            f"{each.carrier} {each.tracking}".strip() for each in order.shipments.all() if each.shipped_at == event.at
        ]
    return ", ".join(part for part in parts if part)


def _by(event: OrderEvent, names: Mapping[str, str]) -> str:
    if event.source == Source.MEMBER:
        return names.get(event.by, "") or _("a former colleague")
    return "" if event.source in {Source.SYSTEM, Source.SHOP} and not event.action else event.get_source_display()
