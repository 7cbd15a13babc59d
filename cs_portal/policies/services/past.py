"""Requests of the past, with the documents that the rules decide on, read in chunks and each document once.

Shoppers' requests lie above this app, in drafts: who keeps them hands them down by :func:`register`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cs_portal.commerce.models import Order
from cs_portal.commerce.selectors import order_documents, product_document, products_named
from cs_portal.policies import engine
from cs_portal.policies.engine import CanonicalError, Product, parse_product
from cs_portal.policies.models import SimulationSource
from cs_portal.policies.selectors import order_times, orders_by_key
from cs_portal.policies.services.deciding import Case
from cs_portal.policies.services.order_rows import engine_orders
from cs_portal.policies.services.shopper_rows import engine_shoppers

#: As many shoppers are kept in memory between chunks.
MAX_SHOPPERS = 50_000
#: Where a chunk ended: the moment and the key of its last row.
Cursor = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about the order ``order_id`` at ``at``; ``key`` tells rows of one moment apart."""

    at: datetime
    key: int
    order_id: int
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """A request as it was made at ``case.now``. ``order_number`` and ``action`` are for the reader."""

    case: Case
    order_number: str
    action: str
    order_id: int = 0

    def pieces(self) -> dict[str, int]:
        """How many pieces each line of the order has, by its id."""
        order = self.case.order
        if order is None or isinstance(order, engine.Order):
            return {line.id: line.quantity for line in order.lines} if order else {}
        return {str(line["id"]): int(line["quantity"]) for line in order["lines"]}


class PastRequests(Protocol):
    """The requests that shoppers of the active merchant made, the oldest first."""

    def count(self, *, since: datetime, until: datetime) -> int: ...

    def page(self, *, since: datetime, until: datetime, after: Cursor | None, limit: int) -> Sequence[Asked]: ...

    def latest(self, *, limit: int) -> Sequence[Asked]: ...


class _Nothing:
    def count(self, *, since: datetime, until: datetime) -> int:
        return 0

    def page(self, *, since: datetime, until: datetime, after: Cursor | None, limit: int) -> Sequence[Asked]:
        return ()

    def latest(self, *, limit: int) -> Sequence[Asked]:
        return ()


_source: PastRequests = _Nothing()


def register(source: PastRequests) -> None:
    """Say who knows the requests of shoppers; called once, when the apps are ready."""
    global _source
    _source = source


def requests_made() -> PastRequests:
    return _source


#: What shoppers usually ask about an order, for a merchant of whom no requests are known yet.
LIKELY_REQUESTS: tuple[dict[str, Any], ...] = (
    {"action": "cancel", "reason": "no_longer_needed"},
    {"action": "refund", "reason": "damaged", "evidence": ["photo"]},
    {"action": "refund", "reason": "damaged"},
    {"action": "return", "reason": "no_longer_needed"},
    {"action": "refund", "reason": "never_arrived"},
)


class _LikelyRequests:
    """Every likely request on every order placed in that time, as if it were made at the end of it."""

    def count(self, *, since: datetime, until: datetime) -> int:
        return order_times(since=since, until=until).count() * len(LIKELY_REQUESTS)

    def page(self, *, since: datetime, until: datetime, after: Cursor | None, limit: int) -> Sequence[Asked]:
        """Whole orders only, so that a cursor is that of an order."""
        rows = orders_by_key(order_times(since=since, until=until), after=after)
        chosen = rows.values_list("placed_at", "id")[: max(1, limit // len(LIKELY_REQUESTS))]
        return [Asked(at, key, key, request) for at, key in chosen for request in LIKELY_REQUESTS]


def likely_requests(*, limit: int, now: datetime) -> list[Asked]:
    """Every likely request on the newest orders, made now."""
    keys = Order.objects.order_by("-placed_at", "-id").values_list("id", flat=True)[:limit]
    return [Asked(now, key, key, request) for key in keys for request in LIKELY_REQUESTS]


def pages_of(source: str, *, since: datetime, until: datetime, after: Cursor | None, limit: int) -> Sequence[Asked]:
    """The next chunk; ``at`` is where the cursor goes, for likely requests not the moment of the decision."""
    chosen = requests_made() if source == SimulationSource.REQUESTS else _LikelyRequests()
    return chosen.page(since=since, until=until, after=after, limit=limit)


def count_of(source: str, *, since: datetime, until: datetime) -> int:
    chosen = requests_made() if source == SimulationSource.REQUESTS else _LikelyRequests()
    return chosen.count(since=since, until=until)


@dataclass
class Reader:
    """Turns what was asked into cases; products are read once for all chunks, the rest once for each.

    ``now`` is whose figures of shoppers count. ``moment`` is when every request is decided; None: when it was made.
    """

    now: datetime
    moment: datetime | None = None

    def __post_init__(self) -> None:
        self._products: dict[str, Product | Mapping[str, Any] | None] = {}
        self._known: dict[int, engine.Shopper | Mapping[str, Any]] = {}

    def cases(self, asked: Sequence[Asked]) -> Iterator[Past]:
        orders = engine_orders(ids={item.order_id for item in asked})
        unusual = [key for key, owned in orders.items() if owned.order is None]
        documents = order_documents(ids=unusual, captured_only=True) if unusual else {}
        self._learn_shoppers({owned.owner for owned in orders.values()})
        self._learn_products(
            {line.product for owned in orders.values() if owned.order is not None for line in owned.order.lines}
            | {line["product"] for document in documents.values() for line in document["lines"]}
        )
        for item in asked:
            owned = orders.get(item.order_id)
            if owned is None:
                continue
            order = owned.order if owned.order is not None else documents[item.order_id]
            case = Case(order, self._known[owned.owner], self._products_of(order), item.request, self.moment or item.at)
            yield Past(case, _number(order), str(item.request.get("action", "")), item.order_id)

    def _products_of(self, order: engine.Order | Mapping[str, Any]) -> list[Product | Mapping[str, Any]]:
        named = (
            [line.product for line in order.lines]
            if isinstance(order, engine.Order)
            else [line["product"] for line in order["lines"]]
        )
        return [found for name in dict.fromkeys(named) if (found := self._products[name]) is not None]

    def _learn_products(self, wanted: set[str]) -> None:
        new = wanted - self._products.keys()
        if not new:
            return
        self._products |= dict.fromkeys(new)
        for row in products_named(external_ids=new):
            document = product_document(row)
            try:
                self._products[row.external_id] = parse_product(document)
            except CanonicalError:
                self._products[row.external_id] = document

    def _learn_shoppers(self, wanted: set[int]) -> None:
        """Shoppers come again: they are kept for the next chunks, up to a bound."""
        if len(self._known) > MAX_SHOPPERS:
            self._known.clear()
        new = wanted - self._known.keys()
        if new:
            self._known |= engine_shoppers(ids=new, now=self.now)


def _number(order: engine.Order | Mapping[str, Any]) -> str:
    return order.number if isinstance(order, engine.Order) else str(order["number"])
