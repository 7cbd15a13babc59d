"""Which pieces of an order an action concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions.plan import Step, StepKind
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import Order, OrderLine, Variant


@dataclass(frozen=True, slots=True)
class Pieces:
    """``quantity`` pieces of a line, perhaps to become ``to_variant``."""

    line: OrderLine
    quantity: int
    to_variant: str = ""

    def step(self, what: StepKind, **more: Any) -> Step:
        return Step(what, line=self.line.external_id, title=self.line.title, quantity=self.quantity, **more)


def asked(order: Order, lines: Sequence[Mapping[str, Any]]) -> list[Pieces]:
    """The pieces that a request names, or all. One line may be named twice, for two variants.

    Raises :class:`ActionRefused` for a line that is not there, or for more pieces than were ordered.
    """
    by_id = {line.external_id: line for line in order.lines.all()}
    if not lines:
        return [Pieces(line, line.quantity) for line in by_id.values()]
    found, counted = [], Counter[str]()
    for wish in lines:
        line = by_id.get(wish["id"])
        if line is None:
            raise ActionRefused(_("The order has no such item any more."), code="unknown_line")
        quantity = wish.get("quantity") or line.quantity
        counted[line.external_id] += quantity
        if counted[line.external_id] > line.quantity:
            raise ActionRefused(_("That is more than was ordered."), code="too_many_pieces")
        found.append(Pieces(line, quantity, wish.get("to_variant") or ""))
    return found


def unrefunded(pieces: Sequence[Pieces]) -> list[Pieces]:
    """What of the pieces was not refunded before."""
    return _within(pieces, lambda line: line.quantity - line.refunded_quantity - line.exchanged_quantity)


def kept(pieces: Sequence[Pieces]) -> list[Pieces]:
    """What of the pieces the shopper has, or is to get: neither cancelled nor sent back nor exchanged."""
    return _within(
        pieces,
        lambda line: line.quantity - line.returned_quantity - line.exchanged_quantity - line.cancelled_quantity,
    )


def free(pieces: Sequence[Pieces], held: Mapping[str, int]) -> list[Pieces]:
    """What of the pieces was not refunded before, and is on no exchange or return that is still open.

    ``held`` is how many are, of each line.
    """
    return _within(pieces, lambda line: line.quantity - line.refunded_quantity - held.get(line.external_id, 0))


def left_for(kind: str, line: OrderLine, held: Mapping[str, int]) -> int:
    """How many pieces of the line an action of that kind may still concern. ``held`` as for :func:`free`."""
    every = [Pieces(line, line.quantity)]
    match kind:
        case "refund":
            left = free(every, held)
        case "resend":
            left = resendable(every)
        case "exchange" | "change_items":
            left = unrefunded(kept(every))
        case _:
            left = kept(every)
    return sum(each.quantity for each in left)


def held_back(pieces: Sequence[Pieces], held: Mapping[str, int]) -> list[Pieces]:
    """What :func:`free` leaves out of the pieces although it was not refunded before."""
    left_out = Counter[str]()
    for each in _within(pieces, lambda line: line.quantity - line.refunded_quantity):
        left_out[each.line.external_id] += each.quantity
    for each in free(pieces, held):
        left_out[each.line.external_id] -= each.quantity
    lines = {each.line.external_id: each.line for each in pieces}
    return [Pieces(lines[key], count) for key, count in left_out.items() if count > 0]


def require_worth(order: Order, pieces: Sequence[Pieces], amount_minor: int) -> None:
    """Raises :class:`ActionRefused` for more than these pieces can have cost: a verdict that counted others is old."""
    most = sum(each.quantity * each.line.unit_price_minor for each in pieces) + order.tax_minor + order.shipping_minor
    if not pieces or amount_minor > most:
        raise ActionRefused(
            _("Some of these items were settled meanwhile, or are on an exchange or a return that is still open."),
            code="pieces_settled",
        )


def resendable(pieces: Sequence[Pieces]) -> list[Pieces]:
    return _within(pieces, lambda line: line.quantity - line.cancelled_quantity - line.resent_quantity)


def some(pieces: list[Pieces]) -> list[Pieces]:
    """The pieces, if there are any; raises :class:`ActionRefused` otherwise."""
    if not pieces:
        raise ActionRefused(_("Nothing is left of these items to act on."), code="pieces_settled")
    return pieces


def stock_taken(wanted: Mapping[str, int], variants: Mapping[str, Variant]) -> list[Step]:
    """Raises :class:`ActionRefused` where a variant is not there or too few are in stock."""
    for key, quantity in wanted.items():
        if key not in variants:
            raise ActionRefused(_("The wanted variant is not there any more."), code="unknown_variant")
        if variants[key].stock < quantity:
            raise ActionRefused(_("Not enough of it is in stock."), code="out_of_stock")
    return [Step(StepKind.STOCK_TAKEN, variant=key, quantity=quantity) for key, quantity in wanted.items()]


def stock_back(pieces: Sequence[Pieces]) -> list[Step]:
    """Pieces go back on the shelf; those of a variant that the catalogue lost are not counted."""
    counted = Counter[str]()
    for each in pieces:
        counted[each.line.variant] += each.quantity
    known = set(variants_of(counted))
    return [Step(StepKind.STOCK_BACK, variant=key, quantity=n) for key, n in counted.items() if key in known]


def variants_of(ids: Sequence[str] | Mapping[str, int]) -> dict[str, Variant]:
    rows = Variant.objects.filter(external_id__in=list(ids)).select_related("product")
    return {row.external_id: row for row in rows}


def _within(pieces: Sequence[Pieces], room: Any) -> list[Pieces]:
    used = Counter[str]()
    found = []
    for each in pieces:
        left = max(0, room(each.line) - used[each.line.external_id])
        if count := min(each.quantity, left):
            used[each.line.external_id] += count
            found.append(Pieces(each.line, count, each.to_variant))
    return found
