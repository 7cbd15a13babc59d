"""Lists of products, orders and shoppers: found by words, narrowed by filters, in the order of an index.

Every word of a search must occur. A rare word is looked up in a narrow index that holds nothing but the words; a
common one is met soon enough on the way through the list itself. Neither costs a scan of whole rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from cs_portal.commerce.models import (
    UNDER_WAY,
    ActionState,
    Order,
    OrderAction,
    OrderLine,
    OrderStatus,
    Product,
    Refund,
    Shipment,
    Shopper,
    Variant,
)
from cs_portal.commerce.money import sum_of, sum_parts
from cs_portal.core.tenancy import current_merchant

#: Longer searches, and more words, find nothing that shorter ones do not.
MAX_WORDS, MAX_LENGTH = 6, 100
LOW_STOCK = 5
#: A search with more results is answered on the way through the list.
RARE = 2000
CHOICES_SECONDS = 60
#: Actions that somebody waits for, as a list of orders is narrowed by them.
WAITING_ACTIONS = {"proposed": [ActionState.PROPOSED], "under_way": list(UNDER_WAY)}


def words_of(text: str) -> list[str]:
    return text.replace("\x00", "").lower()[:MAX_LENGTH].split()[:MAX_WORDS]


def _holding(words: Iterable[str], prefix: str = "") -> Q:
    found = Q()
    for word in words:
        found &= Q(**{f"{prefix}search__contains": word})
    return found


def _pks(rows: QuerySet[Any]) -> list[int] | None:
    """Their primary keys, or ``None`` when they are many."""
    found = list(rows.order_by().values_list("pk", flat=True)[: RARE + 1])
    return found if len(found) <= RARE else None


def _choices(name: str, rows: QuerySet[Any], limit: int) -> list[str]:
    """Distinct values for a filter, kept for a minute: looking them all up means walking an index."""
    key = f"choices:{current_merchant().pk}:{name}"
    kept: list[str] | None = cache.get(key)
    if kept is None:
        kept = list(rows.order_by(name.partition(":")[2]).distinct()[:limit])
        cache.set(key, kept, CHOICES_SECONDS)
    return kept


# --- products ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """``stock``: ``out`` (of every variant), ``low`` (a variant with 1 to 5 left) or ``in``."""

    words: str = ""
    category: str = ""
    status: str = ""
    stock: str = ""


def products_matching(wanted: ProductFilter) -> QuerySet[Product]:
    """With their variants. A variant's id finds its product, too."""
    rows = Product.objects.prefetch_related("variants")
    if words := words_of(wanted.words):
        found = _pks(Product.objects.filter(_holding(words)))
        named = Variant.objects.filter(external_id=wanted.words.strip()).values_list("product", flat=True)
        rows = rows.filter(_holding(words) if found is None else Q(pk__in=[*found, *named]))
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    own = Variant.objects.filter(product=OuterRef("pk"))
    if wanted.stock == "out":
        rows = rows.exclude(Exists(own.filter(stock__gt=0)))
    elif wanted.stock == "low":
        rows = rows.filter(Exists(own.filter(stock__range=(1, LOW_STOCK))))
    elif wanted.stock == "in":
        rows = rows.filter(Exists(own.filter(stock__gt=0)))
    return rows


def categories(*, limit: int = 200) -> list[str]:
    return _choices("product:category", Product.objects.exclude(category="").values_list("category", flat=True), limit)


def product_statuses(*, limit: int = 20) -> list[str]:
    return _choices("product:status", Product.objects.values_list("status", flat=True), limit)


def orders_with(product: Product) -> QuerySet[Order]:
    """Orders that hold the product."""
    return Order.objects.filter(pk__in=OrderLine.objects.filter(product=product.external_id).values("order"))


# --- orders --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """``since`` and ``until`` bound the moment of placing, the end left out.

    ``action`` is that of an action which waits: ``proposed`` for an approval, ``under_way`` for the shop's answer.
    """

    words: str = ""
    status: str = ""
    storefront: str = ""
    currency: str = ""
    product: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def orders_matching(wanted: OrderFilter) -> QuerySet[Order]:
    """With shopper and lines, found by number, tracking number, or the shopper's name, e-mail, phone or id."""
    rows = Order.objects.select_related("shopper").prefetch_related("lines")
    if words := words_of(wanted.words):
        rows = rows.filter(_named_by(words))
    for name in ("status", "storefront", "currency"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.product:
        rows = rows.filter(pk__in=OrderLine.objects.filter(product=wanted.product).values("order"))
    if states := WAITING_ACTIONS.get(wanted.action):
        rows = rows.filter(pk__in=OrderAction.objects.filter(state__in=states).values("order"))
    if wanted.since:
        rows = rows.filter(placed_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(placed_at__lt=wanted.until)
    return rows


def _named_by(words: list[str]) -> Q:
    shoppers = _pks(Shopper.objects.filter(_holding(words)))
    found = _holding(words, "shopper__") if shoppers is None else Q(shopper__in=shoppers)
    if len(words) > 1:
        return found
    number = words[0].removeprefix("#")
    numbers = _pks(Order.objects.filter(number__icontains=number))
    found |= Q(number__icontains=number) if numbers is None else Q(pk__in=numbers)
    parcels = Shipment.objects.filter(tracking__in={words[0], words[0].upper()}).values_list("order", flat=True)
    return found | Q(pk__in=list(parcels[:RARE]))


def storefronts_of_orders(*, limit: int = 50) -> list[str]:
    rows = Order.objects.exclude(storefront="").values_list("storefront", flat=True)
    return _choices("order:storefront", rows, limit)


def currencies_of_orders(*, limit: int = 50) -> list[str]:
    return _choices("order:currency", Order.objects.values_list("currency", flat=True), limit)


# --- shoppers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShopperFilter:
    """``kind``: ``identified`` by the shop, ``anonymous`` visitors of the chat, or ``all``."""

    words: str = ""
    kind: str = "identified"
    locale: str = ""


def shoppers_matching(wanted: ShopperFilter) -> QuerySet[Shopper]:
    rows = Shopper.objects.all()
    if words := words_of(wanted.words):
        found = _pks(Shopper.objects.filter(_holding(words)))
        rows = rows.filter(_holding(words) if found is None else Q(pk__in=found))
    if wanted.kind != "all":
        rows = rows.filter(external_id__isnull=wanted.kind == "anonymous")
    if wanted.locale:
        rows = rows.filter(locale=wanted.locale)
    return rows


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, never without its currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ShopperFigures:
    """Orders that were not cancelled; ``value`` is what was paid and not given back, per currency."""

    orders: int = 0
    last_order_at: datetime | None = None
    value: tuple[Money, ...] = ()


def figures_of(shoppers: Iterable[Shopper]) -> dict[int, ShopperFigures]:
    """By primary key, in one query for all of them."""
    standing = Count("id", filter=~Q(status=OrderStatus.CANCELLED))
    rows = (
        Order.objects.filter(shopper__in=[shopper.pk for shopper in shoppers])
        .order_by()
        .values("shopper", "currency")
        .annotate(
            orders=standing,
            last=Max("placed_at"),
            **sum_parts("paid", "paid_minor"),
            **sum_parts("refunded", "refunded_minor"),
        )
    )
    kept = [(row, sum_of(row, "paid") - sum_of(row, "refunded")) for row in rows]
    found: dict[int, ShopperFigures] = {}
    for row, value in sorted(kept, key=lambda pair: -pair[1]):
        before = found.get(row["shopper"], ShopperFigures())
        found[row["shopper"]] = ShopperFigures(
            orders=before.orders + row["orders"],
            last_order_at=max(filter(None, (before.last_order_at, row["last"])), default=None),
            value=(*before.value, Money(value, row["currency"])),
        )
    return found


def refunds_since(*, shopper: Shopper, since: datetime) -> list[Refund]:
    """The shopper's refunds, newest first, with their orders."""
    rows = Refund.objects.filter(order__shopper=shopper, created_at__gte=since).select_related("order")
    return list(rows.order_by("-created_at", "-id"))


#: The window in which refunds of a shopper count for the rules (see the canonical shopper).
REFUND_WINDOW = timedelta(days=90)
