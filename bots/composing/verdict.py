"""Wording the merchant's decision. Reply and action are approved together, so an allowed action is told as done."""

from __future__ import annotations

from bots.composing.order_facts import ask_which_order, order_evidence, say_status, subject_order
from bots.composing.repeating import times_said
from bots.composing.writer import ReplyWriter
from bots.expressions.money import format_amount
from bots.guard.evidence import own_orders, shown_number
from bots.types import ComposeRequest, OrderFacts, VerdictFacts

#: The intents that a verdict on an action answers.
ANSWERED_INTENTS = {
    "refund": {"refund", "damaged_or_wrong_item", "return_exchange"},
    "return": {"return_exchange", "refund", "damaged_or_wrong_item"},
    "exchange": {"return_exchange", "damaged_or_wrong_item", "refund"},
    "cancel": {"cancel", "refund"},
    "change_address": {"change_address"},
    "change_items": {"place_order", "cancel", "product_question"},
    "change_payment": {"payment"},
    "resend": {"damaged_or_wrong_item", "delivery", "order_status", "return_exchange"},
    "place_order": {"place_order", "stock"},
}
_ASK_PHRASES = {
    "photo": "ask_photo",
    "confirmation": "ask_confirmation",
    "confirmed": "ask_confirmation",
    "address": "ask_address",
    "variant": "ask_variant",
    "to_variant": "ask_variant",
    "reason": "ask_reason",
    "lines": "ask_lines",
    "items": "ask_lines",
    "payment_method": "ask_payment_method",
    "order": "ask_order",
}
#: Which items are meant is asked so often; then a person asks.
MOST_TIMES = 2
LATE = {"never_arrived", "arrived_late"}


def say_verdict(writer: ReplyWriter, request: ComposeRequest, verdict: VerdictFacts) -> None:
    """What will happen, why it will not, what is missing, or who will look at it."""
    order = _order_of(request, verdict)
    if order is None and verdict.action != "place_order":
        if verdict.outcome == "escalate" and request.orders:
            writer.say("escalate", f"verdict:{verdict.action}")
        else:
            ask_which_order(writer, request)
        return
    match verdict.outcome:
        case "allow":
            _say_allowed(writer, verdict, order)
        case "deny":
            _say_denied(writer, request, verdict, order)
        case "ask":
            _say_asked(writer, request, verdict, order)
        case "escalate":
            writer.say("escalate", f"verdict:{verdict.action}")


def _order_of(request: ComposeRequest, verdict: VerdictFacts) -> OrderFacts | None:
    for order in own_orders(request):
        if order.number == verdict.order_number:
            return order
    return subject_order(request) if not verdict.order_number else None


def _say_allowed(writer: ReplyWriter, verdict: VerdictFacts, order: OrderFacts | None) -> None:
    evidence = f"verdict:{verdict.action}"
    number = shown_number(order) if order is not None else ""
    amount = None
    if verdict.amount_minor:
        amount = format_amount(verdict.amount_minor, verdict.currency or (order.currency if order else ""))
    method = _method(writer, verdict, order)
    if verdict.action == "refund" and amount is not None:
        writer.say("allow_refund", evidence, amount=amount, number=number, method=method)
        return
    if verdict.action == "refund" and verdict.amount_minor is None:
        writer.say("allow_refund_unstated", evidence, number=number, method=method)
        return
    if verdict.action == "refund":  # an allowed refund of nothing is for a person to look at
        writer.say("escalate", evidence)
        return
    writer.say(f"allow_{verdict.action}", evidence, **({"number": number} if order is not None else {}))
    if verdict.action == "return" and order is not None and verdict.lines:
        writer.say("returned_items")
        for line in verdict.lines:
            writer.item("line_item", order_evidence(order), title=line.title, quantity=str(line.quantity))
    if amount is not None and verdict.action == "place_order":
        writer.say("allow_place_order_amount", evidence, amount=amount)
    elif amount is not None and verdict.action in {"return", "cancel"}:
        writer.say(f"allow_{verdict.action}_amount", evidence, amount=amount, method=method)


def _say_denied(writer: ReplyWriter, request: ComposeRequest, verdict: VerdictFacts, order: OrderFacts | None) -> None:
    evidence = f"verdict:{verdict.action}"
    writer.say("deny", evidence, action=_action(writer, verdict, order))
    reason = verdict.reasons.get(request.language, "").strip()
    if reason:
        writer.quote(reason, evidence)
    if order is not None and request.understanding.reason in LATE:
        say_status(writer, request, order)
    writer.say("deny_appeal")


def _say_asked(writer: ReplyWriter, request: ComposeRequest, verdict: VerdictFacts, order: OrderFacts | None) -> None:
    evidence = f"verdict:{verdict.action}"
    if set(verdict.ask) & {"lines", "items"} and times_said(request, "ask_lines") >= MOST_TIMES:
        writer.say("lines_stuck")
        return
    for wanted in verdict.ask or ("other",):
        key = _ASK_PHRASES.get(wanted, "ask_other")
        fields = {"action": _action(writer, verdict, order)} if key == "ask_confirmation" else {}
        writer.say(key, evidence, **fields)
        if key == "ask_lines" and order is not None:
            for line in order.lines:
                writer.item("line_item", order_evidence(order), title=line.title, quantity=str(line.quantity))


def _action(writer: ReplyWriter, verdict: VerdictFacts, order: OrderFacts | None) -> str:
    subject = writer.phrase("order", number=shown_number(order)) if order is not None else writer.phrase("this_order")
    return writer.table.actions[verdict.action].format(order=subject).strip()


def _method(writer: ReplyWriter, verdict: VerdictFacts, order: OrderFacts | None) -> str:
    """Where the money goes. Several methods of one order are not named: which part goes where is not known here."""
    methods = verdict.refund_to or (
        order.payment_methods if order is not None and len(order.payment_methods) == 1 else ()
    )
    names = [writer.table.payment_methods.get(method, "") for method in dict.fromkeys(methods)]
    if not names or not all(names):
        return writer.table.payment_methods[""]
    return writer.table.list_joiner.join(names)
