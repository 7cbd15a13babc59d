"""One question to the rules: who asks for what, about which order, when. Everything that a fact is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cached_property

from .documents import Order, Product, Request, Shopper, Variant
from .missing import Missing, Problem
from .refundable import RequestedLine, lines_refundable_minor, lines_worth_minor, requested_lines


@dataclass(frozen=True)
class Case:
    """`products` holds every product that the order or the request names, by id; `now` is aware.

    `time_zone` is the ruleset's, where it names one.
    """

    order: Order | None
    shopper: Shopper | None
    products: Mapping[str, Product]
    request: Request
    now: datetime
    time_zone: tzinfo | None = None

    @property
    def clock(self) -> datetime | Missing:
        """Now as the shop's clock shows it: in the ruleset's time zone, else in the order's own offset."""
        if self.time_zone is not None:
            return self.now.astimezone(self.time_zone)
        if self.order is None:
            return Missing(Problem.NO_ORDER)
        return self.now.astimezone(self.order.placed_at.tzinfo)

    @property
    def today(self) -> date:
        """The day by that clock; by the offset of `now` itself where there is no order either."""
        clock = self.clock
        return (self.now if isinstance(clock, Missing) else clock).date()

    @cached_property
    def lines(self) -> tuple[RequestedLine, ...] | Missing:
        """The lines that the request concerns."""
        return Missing(Problem.NO_ORDER) if self.order is None else requested_lines(self.order, self.request)

    @cached_property
    def lines_refundable_minor(self) -> int | Missing:
        """What the lines that the request concerns can give back."""
        if self.order is None:
            return Missing(Problem.NO_ORDER)
        return self.lines if isinstance(self.lines, Missing) else lines_refundable_minor(self.order, self.lines)

    @property
    def lines_worth_minor(self) -> int | Missing:
        """What was paid for the lines that the request concerns, but for pieces that are settled."""
        if self.order is None:
            return Missing(Problem.NO_ORDER)
        return self.lines if isinstance(self.lines, Missing) else lines_worth_minor(self.order, self.lines)

    def variant(self, variant_id: str, *, likely: str) -> tuple[Product, Variant] | None:
        """The variant with its product; that of id `likely` is looked through first."""
        first = self.products.get(likely)
        for product in self.products.values() if first is None else (first, *self.products.values()):
            for variant in product.variants:
                if variant.id == variant_id:
                    return product, variant
        return None

    @property
    def belongs_to_shopper(self) -> bool:
        """A request without an order (a new order) touches nobody else's; an anonymous shopper owns no order."""
        return self.order is None or (self.shopper is not None and self.order.shopper == self.shopper.id)
