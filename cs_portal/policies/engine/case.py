"""One question to the rules: who asks for what, about which order, when. Everything that a fact is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .documents import Order, Product, Request, Shopper, Variant
from .missing import Missing, Problem
from .refundable import RequestedLine, lines_refundable_minor, requested_lines


@dataclass(frozen=True)
class Case:
    """`products` holds every product that the order or the request names, by id; `now` is aware."""

    order: Order | None
    shopper: Shopper | None
    products: Mapping[str, Product]
    request: Request
    now: datetime

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

    @cached_property
    def variants(self) -> dict[str, tuple[Product, Variant]]:
        """Every variant by its id, with its product."""
        return {variant.id: (product, variant) for product in self.products.values() for variant in product.variants}

    @property
    def belongs_to_shopper(self) -> bool:
        """A request without an order (a new order) touches nobody else's; an anonymous shopper owns no order."""
        return self.order is None or (self.shopper is not None and self.order.shopper == self.shopper.id)
