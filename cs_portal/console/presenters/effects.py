"""What approving a draft does, in words and before one does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.models import Order, PaymentMethod
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.orders import address_lines
from cs_portal.console.presenters.wording import ACTIONS, ASKED_FOR, word
from cs_portal.drafting.carrying import Carried
from cs_portal.drafting.models import Review
from cs_portal.drafting.requests import ON_ITEMS, returnable_lines
from cs_portal.drafting.tiers import barrier_of_both, sentence
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Effect:
    """``sentence`` says what will happen, ``steps`` each part of it exactly as it will be carried out.

    ``button`` labels the approval, ``barred`` says why this member may not give it, or nobody now. ``pair`` says of an
    approval that nothing leaves by it yet, for it is the first of two.
    """

    sentence: str
    button: str
    moves_order: bool = False
    barred: str = ""
    pair: str = ""
    steps: list[str] = field(default_factory=list)


def effect_of(
    *,
    request: dict[str, Any] | None,
    verdict: dict[str, Any],
    order: Order | None,
    member: Member,
    carried: Carried | None = None,
    withheld: bool = False,
    needs_pair: bool = False,
    first: Review | None = None,
) -> Effect:
    """``verdict`` is the one that counts, an override included; ``carried`` what the shop would do for it now.

    Where two people ``needs_pair``, ``first`` is the approval that was given already.

    ``withheld`` is of a draft whose words do not promise what is allowed: sending them does nothing else.
    """
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
    action = request["action"]
    if outcome != "allow" or (order is None and action != "place_order"):
        return Effect(_("The request is refused; nothing happens to the order."), _("Send reply"))
    if withheld:
        words = _("Allowed, but this reply does not promise it: %(action)s. Do it from the order's page.")
        return Effect(words % {"action": word(ACTIONS, action)}, _("Send reply"))
    if carried is not None and carried.refused:
        told = _("Allowed, but it cannot be done now. Make a new draft.")
        return Effect(told, _("Send reply"), barred=carried.refused)
    told, button = _carried_out(action, verdict, order)
    agreed = first.member if first is not None else None
    found = barrier_of_both(verdict, first=agreed, by=member) if agreed is not None or not needs_pair else None
    barred = sentence(found) if found is not None else ""
    pair = ""
    if needs_pair and agreed is None:
        pair, button = _("Two people must agree to this amount: a colleague approves it after you."), _("Approve first")
    steps = tell(carried.plan, reader="operator") if carried is not None and carried.plan is not None else []
    if address := request.get("address"):
        steps.append(_("Address: %(address)s") % {"address": ", ".join(address_lines(address))})
    if action in ON_ITEMS and not steps and order is not None:
        told = _("%(sentence)s Items: %(items)s.") % {"sentence": told, "items": _items(request, order)}
    return Effect(told, button, moves_order=True, barred=barred, pair=pair, steps=steps)


def _carried_out(action: str, verdict: dict[str, Any], order: Order | None) -> tuple[str, str]:
    if order is None:
        return _("Places a new order for the shopper."), _("Place order and send")
    named = {"number": order.number, "amount": "", "to": ""}
    if amount := verdict.get("amount_minor"):
        named["amount"] = format_minor(amount, order.currency)
        named["to"] = _destinations(verdict, order)
    if action == "refund" and named["amount"]:
        return (
            _("Refunds %(amount)s of order %(number)s to %(to)s.") % named,
            _("Refund %(amount)s and send") % named,
        )
    if action == "cancel" and named["amount"]:
        return (
            _("Cancels order %(number)s and refunds %(amount)s to %(to)s.") % named,
            _("Cancel order and send"),
        )
    if action == "return" and named["amount"]:
        return (
            _("Opens a return for order %(number)s, worth %(amount)s to %(to)s.") % named,
            _("Open return and send"),
        )
    sentences: Mapping[str, tuple[str, str]] = {
        "refund": (_("Refunds order %(number)s."), _("Refund and send")),
        "change_items": (_("Changes the items of order %(number)s."), _("Change items and send")),
        "change_payment": (_("Changes the payment of order %(number)s."), _("Change payment and send")),
        "resend": (_("Sends items of order %(number)s again."), _("Send again and reply")),
        "place_order": (_("Places a new order for the shopper."), _("Place order and send")),
        "cancel": (_("Cancels order %(number)s."), _("Cancel order and send")),
        "change_address": (_("Changes the delivery address of order %(number)s."), _("Change address and send")),
        "return": (_("Opens a return for order %(number)s."), _("Open return and send")),
        "exchange": (_("Opens an exchange for order %(number)s."), _("Open exchange and send")),
    }
    told, button = sentences[action]
    return told % named, button


def _items(request: dict[str, Any], order: Order) -> str:
    """The lines that the request names, else all that are left of the order."""
    wanted = {part["id"]: part.get("quantity") for part in request.get("lines") or []}
    lines = [line for line in order.lines.all() if line.external_id in wanted] or returnable_lines(order)
    return ", ".join(f"{wanted.get(line.external_id) or line.quantity} × {line.title}" for line in lines)


def _destinations(verdict: dict[str, Any], order: Order) -> str:
    methods = {payment.external_id: payment.method for payment in order.payments.all()}
    names = []
    for part in verdict.get("payments") or []:
        method = methods.get(part["id"])
        name = str(PaymentMethod(method).label) if method else part["id"]
        if name not in names:
            names.append(name)
    return ", ".join(names) or _("the original payment")
