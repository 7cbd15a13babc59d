"""The products that the demo merchants sell, read from ``data/products-*.toml``."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cs_portal.demo.merchants import MERCHANTS, DemoMerchant
from cs_portal.demo.tables import table

STOCK_MOST = 60


@dataclass(frozen=True, slots=True)
class CatalogueVariant:
    """``key`` joins the option values with "/", as stories and ``sold_out`` name a variant."""

    id: str
    key: str
    options: Mapping[str, str]
    price_minor: int
    stock: int


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """``kind`` names the drawing of :mod:`cs_portal.demo.pictures`; ``colour`` is used where no option has one."""

    id: str
    kind: str
    colour: str
    category: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    tags: tuple[str, ...]
    consumable: bool
    final_sale: bool
    currency: str
    variants: tuple[CatalogueVariant, ...]

    def variant(self, key: str) -> CatalogueVariant:
        """The variant with these option values; raises ``KeyError`` for an unknown key."""
        for variant in self.variants:
            if variant.key == key:
                return variant
        raise KeyError(f"{self.id} has no variant {key!r}.")

    def ships_abroad(self) -> bool:
        return self.category != "furniture" and self.kind != "candle" and "bulky" not in self.tags

    def canonical(self, *, shop_url: str) -> dict[str, Any]:
        """Canonical JSON, with page and picture in the shop at ``shop_url``."""
        return {
            "id": self.id,
            "title": dict(self.title),
            "category": self.category,
            "tags": list(self.tags),
            "status": "active",
            "consumable": self.consumable,
            "url": f"{shop_url}/products/{self.id}/",
            "image": f"{shop_url}/pictures/{self.variants[0].id}.svg",
            "variants": [
                {
                    "id": variant.id,
                    "options": dict(variant.options),
                    "price_minor": variant.price_minor,
                    "currency": self.currency,
                    "stock": variant.stock,
                }
                for variant in self.variants
            ],
        }


@cache
def catalogue(merchant_slug: str) -> tuple[CatalogueProduct, ...]:
    """Every product of a demo merchant, in the order of the files. Raises ``KeyError`` for an unknown merchant."""
    merchant = {known.slug: known for known in MERCHANTS}[merchant_slug]
    return tuple(_product(row, merchant) for name in merchant.product_tables for row in table(name)["product"])


def label(kind: str, code: str, language: str) -> str:
    """What a shopper reads for a category, an option or an option's value; the code itself where none is needed."""
    return str(table("labels")[kind].get(code, {}).get(language, code))


def _product(row: Mapping[str, Any], merchant: DemoMerchant) -> CatalogueProduct:
    tags = tuple(row["tags"]) + (("final-sale",) if row.get("final_sale") else ())
    return CatalogueProduct(
        id=row["id"],
        kind=row["kind"],
        colour=row.get("colour", ""),
        category=row["category"],
        title=row["title"],
        description=row["description"],
        tags=tags,
        consumable=row.get("consumable", False),
        final_sale=row.get("final_sale", False),
        currency=merchant.currency,
        variants=tuple(_variants(row)),
    )


def _variants(row: Mapping[str, Any]) -> list[CatalogueVariant]:
    names = list(row["options"])
    surcharge: Mapping[str, int] = row.get("surcharge", {})
    sold_out = set(row.get("sold_out", ()))
    variants = []
    for position, values in enumerate(itertools.product(*row["options"].values()), start=1):
        variant_id = f"{row['id'].replace('p-', 'v-').replace('t-', 'tv-')}-{position}"
        key = "/".join(values)
        variants.append(
            CatalogueVariant(
                id=variant_id,
                key=key,
                options=dict(zip(names, values, strict=True)),
                price_minor=row["price_minor"] + sum(surcharge.get(value, 0) for value in values),
                stock=0 if key in sold_out else _stock(variant_id),
            )
        )
    return variants


def _stock(variant_id: str) -> int:
    """From 2 to ``STOCK_MOST``, the same on every machine."""
    return 2 + hashlib.blake2b(variant_id.encode(), digest_size=1).digest()[0] % (STOCK_MOST - 1)
