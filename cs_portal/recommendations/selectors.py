"""What to recommend: what people pinned, what is bought together, what many buy — and never what was excluded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Product, Shopper, Variant
from cs_portal.recommendations.models import (
    Exclusion,
    ExclusionKind,
    PairRefresh,
    Pin,
    ProductPair,
    ProductPopularity,
)

#: Orders that tell nothing about what people keep.
NOT_KEPT = (OrderStatus.CANCELLED, OrderStatus.RETURNED)
#: A shopper's last orders stand for what they care about when no product is named.
CONTEXT_ORDERS = 5
MAX_CONTEXT = 10


class Reason(models.TextChoices):
    PINNED = "pinned", _("Pinned")
    TOGETHER = "together", _("Often bought together")
    POPULAR = "popular", _("Popular")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``because_of`` is the product that it goes with; ``shoppers`` bought both, or bought it, by ``reason``."""

    product: Product
    reason: Reason
    because_of: Product | None = None
    shoppers: int = 0


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is never recommended."""

    products: frozenset[str]
    categories: frozenset[str]
    tags: frozenset[str]

    def covers(self, product: Product) -> bool:
        return (
            product.external_id in self.products
            or product.category in self.categories
            or not self.tags.isdisjoint(str(tag) for tag in product.tags or ())
        )


def excluded() -> Excluded:
    found: dict[str, set[str]] = {kind: set() for kind in ExclusionKind.values}
    for kind, value in Exclusion.objects.filter(removed_at=None).values_list("kind", "value"):
        found[kind].add(value)
    return Excluded(
        frozenset(found[ExclusionKind.PRODUCT]),
        frozenset(found[ExclusionKind.CATEGORY]),
        frozenset(found[ExclusionKind.TAG]),
    )


def recommend(
    *, shopper: Shopper | None, products: Sequence[Product] = (), locale: str, limit: int = 3, now: datetime
) -> list[Recommendation]:
    """Up to ``limit`` products for ``shopper``, who looks at ``products`` (a basket, or what they asked about).

    First what is pinned with one of them, then what is bought together with them, then pins that hold everywhere,
    then what most shoppers buy. Without ``products`` the shopper's last orders stand in. Inactive and sold-out
    products, excluded ones, those looked at, and those that the shopper has and will not need again are left out.
    """
    known = shopper if shopper is not None and shopper.is_identified else None
    owned = _owned(known)
    context = list(products)[:MAX_CONTEXT] or _last_bought(known)
    picked = _Picker(
        banned=excluded(), owned=owned, skip={product.pk for product in context}, locale=locale, limit=limit
    )
    picked.add(_pinned(context))
    picked.add(_together(context))
    picked.add(_pinned_everywhere())
    if not picked.full:
        picked.add(_popular(banned=picked.banned, owned=owned, now=now, enough=limit * 4 + 20))
    return picked.found


class _Picker:
    """Takes recommendations in the order of their reasons, and of those only what may be recommended."""

    def __init__(self, *, banned: Excluded, owned: set[str], skip: set[int], locale: str, limit: int) -> None:
        self.found: list[Recommendation] = []
        self.banned, self._owned, self._skip, self._limit = banned, owned, skip, limit
        self._title = "title_zh" if locale == "zh-hans" else "title_en"

    @property
    def full(self) -> bool:
        return len(self.found) >= self._limit

    def add(self, offers: Iterable[Recommendation]) -> None:
        """Of one reason. Products without a title in the reader's language come last."""
        for offer in sorted(offers, key=lambda offer: not getattr(offer.product, self._title)):
            if not self.full and self._fits(offer.product):
                self._skip.add(offer.product.pk)
                self.found.append(offer)

    def _fits(self, product: Product) -> bool:
        return (
            product.pk not in self._skip
            and is_offered(product)
            and not self.banned.covers(product)
            and (product.consumable or product.external_id not in self._owned)
        )


def is_offered(product: Product) -> bool:
    """Whether it can be bought now; ``product`` comes with its variants prefetched."""
    return product.status == "active" and any(variant.stock > 0 for variant in product.variants.all())


def recommendable(products: Iterable[Product]) -> list[Product]:
    """Those of ``products`` that may be recommended to anybody."""
    banned = excluded()
    return [product for product in products if is_offered(product) and not banned.covers(product)]


def _owned(shopper: Shopper | None) -> set[str]:
    if shopper is None:
        return set()
    kept = OrderLine.objects.filter(order__shopper=shopper).exclude(order__status__in=NOT_KEPT)
    return set(kept.values_list("product", flat=True))


def _last_bought(shopper: Shopper | None) -> list[Product]:
    if shopper is None:
        return []
    orders = Order.objects.filter(shopper=shopper).exclude(status__in=NOT_KEPT).order_by("-placed_at", "-id")
    numbers = list(orders.values_list("pk", flat=True)[:CONTEXT_ORDERS])
    ids = dict.fromkeys(
        OrderLine.objects.filter(order_id__in=numbers).order_by("-order_id", "id").values_list("product", flat=True)
    )
    rows = {product.external_id: product for product in Product.objects.filter(external_id__in=list(ids))}
    return [rows[key] for key in ids if key in rows][:MAX_CONTEXT]


def _pinned(context: Sequence[Product]) -> list[Recommendation]:
    if not context:
        return []
    place = {product.pk: number for number, product in enumerate(context)}
    rows = [(place[pin.product_id], pin) for pin in pins().filter(product__in=list(place)) if pin.product_id]
    rows.sort(key=lambda row: (row[0], row[1].position, row[1].pk))
    return [Recommendation(pin.recommended, Reason.PINNED, because_of=context[number]) for number, pin in rows]


def _pinned_everywhere() -> list[Recommendation]:
    return [Recommendation(pin.recommended, Reason.PINNED) for pin in pins().filter(product=None)]


def _together(context: Sequence[Product]) -> list[Recommendation]:
    """Products that go with several of the context add their scores up; the strongest tie is the reason."""
    if not context:
        return []
    by_pk = {product.pk: product for product in context}
    rows = ProductPair.objects.filter(product__in=list(by_pk)).select_related("other")
    rows = rows.prefetch_related("other__variants").order_by("-score", "id")
    total: dict[int, float] = {}
    strongest: dict[int, ProductPair] = {}
    for row in rows:
        total[row.other_id] = total.get(row.other_id, 0.0) + row.score
        strongest.setdefault(row.other_id, row)
    ranked = sorted(strongest.values(), key=lambda row: (-total[row.other_id], row.other_id))
    return [
        Recommendation(row.other, Reason.TOGETHER, because_of=by_pk[row.product_id], shoppers=row.together)
        for row in ranked
    ]


def _popular(*, banned: Excluded, owned: set[str], now: datetime, enough: int) -> list[Recommendation]:
    in_stock = Exists(Variant.objects.filter(product=OuterRef("product_id"), stock__gt=0))
    rows = ProductPopularity.objects.filter(in_stock, product__status="active").select_related("product")
    rows = rows.prefetch_related("product__variants").order_by("-buyers", "product_id")
    rows = rows.exclude(product__category__in=banned.categories).exclude(product__external_id__in=banned.products)
    found = list(rows.exclude(product__external_id__in=sorted(owned)[:500], product__consumable=False)[:enough])
    if not found and not PairRefresh.objects.exists():
        return _counted_now(now, enough)
    return [Recommendation(row.product, Reason.POPULAR, shoppers=row.buyers) for row in found]


def _counted_now(now: datetime, enough: int) -> list[Recommendation]:
    """Popularity from the orders themselves, before it was ever made: a merchant's first day."""
    sold = (
        OrderLine.objects.filter(order__placed_at__gte=now - timedelta(days=365))
        .exclude(order__status__in=NOT_KEPT)
        .values("product")
        .annotate(buyers=Count("order__shopper", distinct=True))
        .order_by("-buyers", "product")
    )
    buyers = {row["product"]: row["buyers"] for row in sold[: 4 * enough]}
    rows = Product.objects.filter(external_id__in=list(buyers)).prefetch_related("variants")
    ranked = sorted(rows, key=lambda product: (-buyers[product.external_id], product.external_id))
    return [Recommendation(product, Reason.POPULAR, shoppers=buyers[product.external_id]) for product in ranked]


# --- what the console shows ----------------------------------------------------------------------------------------


def pins() -> QuerySet[Pin]:
    """Standing pins in their order."""
    rows = Pin.objects.filter(removed_at=None).select_related("product", "recommended")
    return rows.prefetch_related("recommended__variants").order_by("position", "id")


def exclusions() -> QuerySet[Exclusion]:
    return Exclusion.objects.filter(removed_at=None).order_by("kind", "value")


def best_pairs() -> QuerySet[ProductPair]:
    """One direction of every pair, the strongest first."""
    rows = ProductPair.objects.filter(product__lt=models.F("other")).select_related("product", "other")
    return rows.order_by("-score", "-together", "id")


def pairs_of(product: Product) -> QuerySet[ProductPair]:
    rows = ProductPair.objects.filter(product=product).select_related("other").prefetch_related("other__variants")
    return rows.order_by("-score", "id")


def last_refresh() -> PairRefresh | None:
    return PairRefresh.objects.first()
