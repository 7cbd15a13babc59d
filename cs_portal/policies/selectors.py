"""Rulesets and the documents that the rules are tried on. Reads only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cs_portal.commerce.actions.promises import promises
from cs_portal.commerce.actions.worth import off_minor
from cs_portal.commerce.models import Order, Product
from cs_portal.commerce.selectors import order_document, product_document, products_named, shopper_document
from cs_portal.core.errors import NotFound
from cs_portal.merchants.selectors import storefronts
from cs_portal.policies.engine import Order as EngineOrder
from cs_portal.policies.engine import parse_order
from cs_portal.policies.engine.documents import Held
from cs_portal.policies.engine.money import MINOR_DIGITS
from cs_portal.policies.models import (
    RulesetVersion,
    SimulatedChange,
    Simulation,
    SimulationState,
    VersionState,
    WorkingCopy,
)

#: How many values of the shop's own are offered for a fact.
MAX_SUGGESTIONS = 200
#: How many simulations a merchant keeps; older ones go.
MAX_KEPT = 30


def live_version() -> RulesetVersion | None:
    return RulesetVersion.objects.filter(state=VersionState.LIVE).select_related("published_by__user").first()


def versions() -> QuerySet[RulesetVersion]:
    """All versions without their documents, the newest first."""
    return RulesetVersion.objects.select_related("published_by__user").defer("document").order_by("-number")


def version_by_id(*, version_id: UUID) -> RulesetVersion:
    """Raises :class:`NotFound`."""
    version = RulesetVersion.objects.select_related("published_by__user").filter(public_id=version_id).first()
    if version is None:
        raise NotFound
    return version


def working_copy() -> WorkingCopy | None:
    return WorkingCopy.objects.select_related("base", "changed_by__user").first()


def main_currency() -> str:
    """In which the rules' amounts are written: that of the merchant's first storefront."""
    first = storefronts().filter(is_active=True).values_list("currency", flat=True).first()
    return first if first in MINOR_DIGITS else "CNY"


def orders_to_try(*, text: str, limit: int = 12) -> list[Order]:
    """Orders whose number begins with ``text``; the newest ones without it."""
    rows = Order.objects.select_related("shopper").prefetch_related("lines")
    if text:
        rows = rows.filter(number__istartswith=text)
    return list(rows.order_by("-placed_at", "-id")[:limit])


def order_to_try(*, number: str) -> Order | None:
    return (
        Order.objects.filter(number=number)
        .select_related("shopper")
        .prefetch_related("lines", "payments", "refunds", "shipments")
        .first()
    )


def order_to_decide(order: Order) -> EngineOrder:
    """The order as the rules see it, with what is held of it by open returns and exchanges, and went back before."""
    held = promises(order)
    return replace(
        parse_order(order_document(order, captured_only=True)),
        held=Held(
            dict(held.pieces),
            dict(held.payments),
            shipping_minor=held.shipping_minor,
            kept_minor=held.kept_minor,
            off_minor=off_minor(order),
        ),
    )


def case_documents(*, order: Order, now: datetime) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The canonical order, shopper and products, as production decides on them."""
    document = order_document(order, captured_only=True)
    products = [
        product_document(p) for p in products_named(external_ids=[line["product"] for line in document["lines"]])
    ]
    return document, shopper_document(order.shopper, now=now), products


def suggestions() -> dict[str, list[tuple[str, str]]]:
    """Values of the shop's own by fact, each with the words that a person knows it by."""
    products = list(Product.objects.order_by("id")[:MAX_SUGGESTIONS])
    sites = [(site.slug, site.name) for site in storefronts()[:MAX_SUGGESTIONS]]
    currencies = sorted({site.currency for site in storefronts()[:MAX_SUGGESTIONS]} & MINOR_DIGITS.keys())
    categories = sorted({product.category for product in products if product.category})
    return {
        "lines.products": [(p.external_id, p.title_zh or p.title_en) for p in products],
        "lines.categories": [(name, name) for name in categories],
        "lines.product_tags": [(tag, tag) for tag in sorted({tag for p in products for tag in p.tags})],
        "order.storefront": sites,
        "order.currency": [(code, code) for code in currencies],
        "order.country": [("CN", "CN"), ("HK", "HK"), ("US", "US"), ("GB", "GB"), ("DE", "DE"), ("JP", "JP")],
        "request.evidence": [("photo", "photo"), ("video", "video")],
        "shopper.locale": [("en", "English"), ("zh-hans", "中文")],
    }


def order_times(*, since: datetime, until: datetime) -> QuerySet[Order]:
    """Orders placed from ``since`` to before ``until``."""
    return Order.objects.filter(placed_at__gte=since, placed_at__lt=until)


def orders_by_key(rows: QuerySet[Order], *, after: tuple[datetime, int] | None) -> QuerySet[Order]:
    """The oldest first, those behind the cursor left out."""
    if after is not None:
        at, key = after
        rows = rows.filter(placed_at__gte=at).exclude(placed_at=at, id__lte=key)
    return rows.order_by("placed_at", "id")


def simulations() -> QuerySet[Simulation]:
    """The newest first, without their documents."""
    return Simulation.objects.select_related("member__user", "live").defer("document", "live__document").order_by("-id")


def simulation_by_id(*, simulation_id: UUID) -> Simulation:
    """Raises :class:`NotFound`."""
    row = Simulation.objects.select_related("member__user", "live").filter(public_id=simulation_id).first()
    if row is None:
        raise NotFound
    return row


def simulation_of(*, document: dict[str, Any], live: RulesetVersion) -> Simulation | None:
    """The latest finished simulation of exactly these rules beside the version that is live."""
    rows = Simulation.objects.filter(live=live, state=SimulationState.DONE).select_related("member__user", "live")
    return next((row for row in rows.order_by("-id")[:MAX_KEPT] if row.document == document), None)


def open_simulation() -> Simulation | None:
    states = [SimulationState.WAITING, SimulationState.RUNNING]
    return Simulation.objects.filter(state__in=states).first()


def changes_of(
    *, simulation: Simulation, was: str = "", becomes: str = "", action: str = "", order: str = ""
) -> QuerySet[SimulatedChange]:
    """What the simulation decides differently, in the order of asking; filtered by outcomes, request and order."""
    rows = SimulatedChange.objects.filter(simulation=simulation).select_related("order")
    wanted = {"before_outcome": was, "after_outcome": becomes, "action": action, "order__number__istartswith": order}
    return rows.filter(**{name: value for name, value in wanted.items() if value}).order_by("id")
