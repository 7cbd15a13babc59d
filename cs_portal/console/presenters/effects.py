"""What approving a draft does, in words and before one does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.connectors.base import SUPPORTED
from cs_portal.commerce.models import Order, PaymentMethod
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.wording import ACTIONS, ASKED_FOR, word
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Effect:
    """``sentence`` says what will happen, ``button`` labels the approval, ``barred`` why this member may not."""

    sentence: str
    button: str
    moves_order: bool = False
    barred: str = ""


def effect_of(
    *, request: dict[str, Any] | None, verdict: dict[str, Any], order: Order | None, member: Member
) -> Effect:
    """``verdict`` is the one that counts, an override included."""
    outcome = verdict.get("outcome")
    if request is None or outcome is None:
        return Effect(_("Only sends the reply; nothing happens to an order."), _("Send reply"))
    if outcome == "ask":
        asked = ", ".join(word(ASKED_FOR, what) for what in verdict.get("ask") or [])
        return Effect(
            _("Asks the shopper for %(what)s; nothing happens to the order.") % {"what": asked}, _("Send reply")
        )
    if outcome == "escalate":
        return Effect(_("The rules leave this to a person; nothing happens to the order."), _("Send reply"))
    if outcome != "allow" or order is None:
        return Effect(_("The request is refused; nothing happens to the order."), _("Send reply"))
    action = request["action"]
    if action not in SUPPORTED:
        sentence = _("Allowed, but the portal does not carry it out: %(action)s. Do it in the shop.")
        return Effect(sentence % {"action": word(ACTIONS, action)}, _("Send reply"))
    barred = ""
    if verdict.get("approver") == "admin" and not member.may_configure:
        barred = _("The rules want an admin to approve this amount.")
    sentence, button = _carried_out(action, verdict, order)
    return Effect(sentence, button, moves_order=True, barred=barred)


def _carried_out(action: str, verdict: dict[str, Any], order: Order) -> tuple[str, str]:
    named = {"number": order.number, "amount": "", "to": ""}
    if amount := verdict.get("amount_minor"):
        named["amount"] = format_minor(amount, order.currency)
        named["to"] = _destinations(verdict, order)
    if action == "refund":
        return (
            _("Refunds %(amount)s of order %(number)s to %(to)s.") % named,
            _("Refund %(amount)s and send") % named,
        )
    if action == "cancel" and named["amount"]:
        return (
            _("Cancels order %(number)s and refunds %(amount)s to %(to)s.") % named,
            _("Cancel order and send"),
        )
    sentences = {
        "cancel": (_("Cancels order %(number)s."), _("Cancel order and send")),
        "change_address": (_("Changes the delivery address of order %(number)s."), _("Change address and send")),
        "return": (_("Opens a return for order %(number)s."), _("Open return and send")),
        "exchange": (_("Opens an exchange for order %(number)s."), _("Open exchange and send")),
    }
    sentence, button = sentences[action]
    return sentence % named, button


def _destinations(verdict: dict[str, Any], order: Order) -> str:
    methods = {payment.external_id: payment.method for payment in order.payments.all()}
    names = []
    for part in verdict.get("payments") or []:
        method = methods.get(part["id"])
        name = str(PaymentMethod(method).label) if method else part["id"]
        if name not in names:
            names.append(name)
    return ", ".join(names) or _("the original payment")
