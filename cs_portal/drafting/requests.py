"""From what the shopper said to a canonical request on one of their orders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.retrieval.lexical import tokenize
from bots.types import Understanding
from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Variant
from cs_portal.conversations.models import Message
from cs_portal.drafting.wanted_variants import wanted_variant

BEFORE_SHIPPING = {OrderStatus.PENDING, OrderStatus.PROCESSING}
UNDER_WAY = BEFORE_SHIPPING | {OrderStatus.SHIPPED}
AFTER_SHIPPING = {OrderStatus.SHIPPED, OrderStatus.DELIVERED}

#: Which orders can be meant by an action or an intent when the shopper names none.
PLAUSIBLE: Mapping[str, set[OrderStatus]] = {
    "cancel": BEFORE_SHIPPING,
    "change_address": BEFORE_SHIPPING,
    "change_items": BEFORE_SHIPPING,
    "refund": AFTER_SHIPPING,
    "return": {OrderStatus.DELIVERED},
    "exchange": {OrderStatus.DELIVERED},
    "resend": AFTER_SHIPPING,
    "order_status": UNDER_WAY,
    "delivery": UNDER_WAY,
    "damaged_or_wrong_item": AFTER_SHIPPING,
    "return_exchange": {OrderStatus.DELIVERED},
    "refund_status": set(OrderStatus),
    "invoice": set(OrderStatus),
    "payment": set(OrderStatus),
}


#: Actions that concern items; a shopper may mean some of an order's only.
ON_ITEMS = {"refund", "return", "exchange"}
#: Reasons that concern the parcel, with everything in it.
ON_ALL_ITEMS = {"never_arrived", "arrived_late"}
_ALL = re.compile(
    r"\b(?:all of (?:it|them)|all (?:the |my )?(?:items|things|products)|them all|all (?:two|three|four)|both"
    r"|everything|(?:the |my )?(?:whole|entire|complete|full) (?:order|thing|lot))\b|^\W*(?:all|both)\W*$"
    r"|全部|整单|整个订单|所有|全都|都要?[退换]|一起[退换]|两[个件样]都|都不(?:要|想要)了",
    re.IGNORECASE,
)
_SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class Focus:
    """The order that the turn is about. ``foreign`` is a number that is no order of this shopper, existing or not."""

    order: Order | None = None
    foreign: str = ""


def focus(
    understanding: Understanding, messages: Sequence[Message], orders: Sequence[Order], *, said: str = ""
) -> Focus:
    """Find the order: named in this turn, else named before, else the only plausible one, else the only one.

    ``said`` are the words of this turn, by which a thing of one order alone may be told ("where is my lamp?").

    A number that is not among the shopper's orders is foreign; whether it exists is nobody's business.
    """
    by_number = {order.number: order for order in orders}
    named = understanding.values("order_number")
    for number in named:
        if number in by_number:
            return Focus(by_number[number])
    if named:
        return Focus(foreign=named[0])
    for message in reversed(messages):
        for number, order in by_number.items():
            if number in message.text:
                return Focus(order)
    return Focus(_only_plausible(understanding, orders, said))


def _only_plausible(understanding: Understanding, orders: Sequence[Order], said: str) -> Order | None:
    topic = understanding.requested_action or understanding.intent.name
    if topic not in PLAUSIBLE:
        return None
    products = set(understanding.values("product"))
    plausible = [order for order in orders if order.status in PLAUSIBLE[topic]]
    holding = [order for order in plausible if any(line.product in products for line in order.lines.all())]
    # A deed must not rest on a word that may have been said of something else.
    told = [] if understanding.requested_action else _told_by_a_word(plausible, said)
    plausible = holding or told or plausible
    # That the only order is too far for what is asked is for the rules to say, not a reason to ask which one.
    plausible = plausible or list(orders)
    return plausible[0] if len(plausible) == 1 else None


def _told_by_a_word(orders: Sequence[Order], said: str) -> list[Order]:
    """The orders with a thing of whose title a word was said that no other of ``orders`` has."""
    words = {order.pk: set().union(*(_words(line.title) for line in order.lines.all())) for order in orders}
    count = Counter(word for found in words.values() for word in found)
    telling = {word for word in _words(said) if count[word] == 1 and _tells(word)}
    return [order for order in orders if words[order.pk] & telling]


def canonical_request(
    understanding: Understanding,
    order: Order,
    *,
    evidence: Sequence[str],
    earlier: Mapping[str, Any] | None,
    said: str = "",
) -> dict[str, Any] | None:
    """The request for the policy engine, or ``None`` when the turn asks for nothing that rules decide.

    ``earlier`` is the request of the draft before, when the merchant asked the shopper for something that was
    missing then: an answer to that question continues it. ``said`` are the shopper's own words, in which lines of the
    order may be named ("the tent", "all of them").
    """
    action, reason = understanding.requested_action, understanding.reason
    if action is None and earlier is not None:
        action, reason = earlier["action"], reason or earlier.get("reason")
    if action is None:
        return None
    request: dict[str, Any] = {"action": action, "evidence": list(evidence), "confirmed": False}
    if reason:
        request["reason"] = reason
    lines = _lines_meant(understanding, order, said if action in ON_ITEMS else "")
    if (
        not lines
        and action is not None
        and earlier is not None
        and action == earlier["action"]
        and earlier.get("lines")
    ):
        request["lines"] = list(earlier["lines"])
    if lines and action not in {"cancel", "change_address"}:
        pieces = {line.external_id: _pieces(line, lines, understanding, said) for line in lines}
        request["lines"] = [{"id": line, "quantity": quantity} for line, quantity in pieces.items()]
    if action == "exchange":
        _name_variant(request, order, understanding, said)
    if action == "change_address":
        spoken = understanding.values("address")
        if spoken:
            request["address"] = {**_recipient(order), "line1": spoken[0]}
        elif order.status in BEFORE_SHIPPING:
            return None  # asked for first; what can be changed no more is refused at once
    return request


def _name_variant(request: dict[str, Any], order: Order, understanding: Understanding, said: str) -> None:
    """Which variant the one item that is to be exchanged becomes, where the words tell."""
    lines = {line.external_id: line for line in returnable_lines(order)}
    wishes = request.get("lines") or [{"id": line.external_id, "quantity": line.quantity} for line in lines.values()]
    if len(wishes) != 1 or wishes[0]["id"] not in lines:
        return
    line = lines[wishes[0]["id"]]
    for number in understanding.values("order_number"):
        said = said.replace(number, " ")
    variants = Variant.objects.filter(product__external_id=line.product, product__status="active")
    if (wanted := wanted_variant(line, said, list(variants))) is not None:
        request["lines"] = [{**wishes[0], "to_variant": wanted}]


def returnable_lines(order: Order) -> list[OrderLine]:
    """The lines of which not every piece was refunded before."""
    settled: Counter[str] = Counter()
    for refund in order.refunds.all():
        for part in refund.lines:
            settled[str(part["id"])] += int(part["quantity"])
    return [line for line in order.lines.all() if line.quantity > settled[line.external_id]]


def leaves_lines_open(request: Mapping[str, Any], order: Order) -> bool:
    """Whether the request concerns items of the order and does not say which, where there are several."""
    if request["action"] not in ON_ITEMS or request.get("lines") or request.get("reason") in ON_ALL_ITEMS:
        return False
    return len(returnable_lines(order)) > 1


def _lines_meant(understanding: Understanding, order: Order, said: str) -> list[OrderLine]:
    """The lines whose product is named, else all where all are meant, else those told apart by a word of it."""
    named = set(understanding.values("product"))
    lines = returnable_lines(order) if said else list(order.lines.all())
    if found := [line for line in lines if line.product in named]:
        return found
    if _ALL.search(said):
        return lines
    if len(lines) == 1 and understanding.values("quantity"):
        return lines
    words = {line.pk: _words(line.title) for line in lines}
    count = Counter(word for title in words.values() for word in title)
    telling = {word for word in _words(said) if count[word] == 1 and _tells(word)}
    return [line for line in lines if words[line.pk] & telling]


def _pieces(line: OrderLine, lines: Sequence[OrderLine], understanding: Understanding, said: str) -> int:
    """How many pieces of the line are meant: "one of the two mugs" is one, what is not counted is all of them.

    Numbers among several items are not shared out: it is not known which of them they count.
    """
    if len(lines) > 1 or not said or _ALL.search(said):
        return line.quantity
    counted = [int(value) for value in understanding.values("quantity")]
    return min([number for number in counted if number <= line.quantity], default=line.quantity)


def _words(text: str) -> set[str]:
    """Words in which a title and what is said of it are compared: "mugs" are mugs of a title "Mug"."""
    return {word[:-1] if word.isascii() and _is_plural(word) else word for word in tokenize(text)}


def _is_plural(word: str) -> bool:
    return len(word) > _SHORTEST_WORD and word.endswith("s") and not word.endswith("ss")


def _tells(word: str) -> bool:
    return not word.isascii() or (word.isalpha() and len(word) >= _SHORTEST_WORD)


def _recipient(order: Order) -> dict[str, str]:
    address = order.address or {}
    return {
        "name": address.get("name", ""),
        "phone": address.get("phone", ""),
        "country": address.get("country", ""),
        "line2": "",
        "city": "",
        "region": "",
        "postal_code": "",
    }
