"""What the demo shop's pages show, read from the same rows that the portal works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cs_portal.commerce.models import Order, Product, Shopper, Variant
from cs_portal.commerce.selectors import active_products, orders_of
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.demo.catalogue import CatalogueProduct, CatalogueVariant, catalogue
from cs_portal.demo.merchants import FERNHILL, STOREFRONT
from cs_portal.demo.tables import table
from cs_portal.merchants.models import Storefront

FEATURED = 8


@dataclass(frozen=True, slots=True)
class StoryShopper:
    """A shopper that visitors may sign in as."""

    id: str
    name: str
    about: str


def demo_storefront() -> Storefront | None:
    """The storefront of the main demo merchant with its merchant; None before ``loaddemo``."""
    # The one question that has to be asked before there is a merchant whose scope could be entered.
    with scopes_disabled():
        return (
            Storefront.objects.filter(merchant__slug=FERNHILL.slug, merchant__is_demo=True, slug=STOREFRONT)
            .select_related("merchant")
            .first()
        )


def categories() -> list[str]:
    """In the catalogue's order."""
    return list(dict.fromkeys(product.category for product in catalogue(FERNHILL.slug)))


def products(*, category: str | None = None) -> list[Product]:
    rows = active_products()
    return list(rows.filter(category=category) if category else rows)


def featured_products() -> list[Product]:
    """Bestsellers first, at most ``FEATURED``."""
    rows = products()
    return sorted(rows, key=lambda product: "bestseller" not in product.tags)[:FEATURED]


def product(*, external_id: str) -> Product | None:
    return active_products().filter(external_id=external_id).first()


def variants(*, external_ids: Iterable[str]) -> list[Variant]:
    """In the order of the ids; unknown ones are left out."""
    rows = {
        row.external_id: row for row in Variant.objects.filter(external_id__in=external_ids).select_related("product")
    }
    return [rows[external_id] for external_id in external_ids if external_id in rows]


def drawn(*, variant_id: str) -> tuple[CatalogueProduct, CatalogueVariant] | None:
    """What a picture is drawn from, by the variant's id."""
    for item in catalogue(FERNHILL.slug):
        for variant in item.variants:
            if variant.id == variant_id:
                return item, variant
    return None


def story_shoppers(*, locale: str) -> list[StoryShopper]:
    return [
        StoryShopper(id=row["id"], name=row["name"], about=row["about"][locale])
        for row in table(str(FERNHILL.story_table))["story"]
    ]


def shopper(*, external_id: str) -> Shopper | None:
    return Shopper.objects.filter(external_id=external_id).first()


def orders(*, of: Shopper) -> list[Order]:
    return list(orders_of(shopper=of))
