"""What to recommend, from what people really bought."""

from __future__ import annotations

from django.db.models import Sum

from cs_portal.commerce.models import OrderLine, OrderStatus, Product, Shopper


def bought_most(*, shopper: Shopper | None, limit: int = 3) -> list[Product]:
    """Active products in stock, by units sold, without those that the shopper already bought."""
    sold = (
        OrderLine.objects.exclude(order__status=OrderStatus.CANCELLED)
        .values("product")
        .annotate(units=Sum("quantity"))
        .order_by("-units", "product")
    )
    owned: set[str] = set()
    if shopper is not None:
        owned = set(OrderLine.objects.filter(order__shopper=shopper).values_list("product", flat=True))
    wanted = [row["product"] for row in sold if row["product"] not in owned][: limit * 3]
    found = {
        product.external_id: product
        for product in Product.objects.filter(status="active", external_id__in=wanted).prefetch_related("variants")
        if any(variant.stock > 0 for variant in product.variants.all())
    }
    return [found[key] for key in wanted if key in found][:limit]
