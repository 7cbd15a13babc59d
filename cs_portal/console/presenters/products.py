"""Products as lists and pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import price_of, title_in
from cs_portal.commerce.listing import LOW_STOCK
from cs_portal.commerce.models import Product, Variant
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.pictures import web_address
from cs_portal.console.presenters.wording import Words, word

STATUSES: dict[str, Words] = {
    "active": pgettext_lazy("product", "Active"),
    "draft": pgettext_lazy("product", "Draft"),
    "archived": pgettext_lazy("product", "Archived"),
    "inactive": pgettext_lazy("product", "Inactive"),
}


@dataclass(frozen=True, slots=True)
class State:
    """A status by tone, icon and word."""

    tone: str
    icon: str
    label: str


@dataclass(frozen=True, slots=True)
class ProductRow:
    id: UUID
    external_id: str
    title: str
    other_title: str
    category: str
    image: str
    price: str
    variants: int
    stock: State
    status: State


@dataclass(frozen=True, slots=True)
class VariantRow:
    external_id: str
    options: str
    price: str
    stock: State


def product_row(product: Product) -> ProductRow:
    """``product`` comes with its variants prefetched."""
    variants = list(product.variants.all())
    title = title_in(product, get_language() or "en")
    other = product.title_zh if title == product.title_en else product.title_en
    return ProductRow(
        id=product.public_id,
        external_id=product.external_id,
        title=title,
        other_title="" if other == title else other,
        category=product.category,
        image=web_address(product.image),
        price=price_of(variants),
        variants=len(variants),
        stock=stock_state(variants),
        status=status_state(product.status),
    )


def variant_rows(variants: Sequence[Variant]) -> list[VariantRow]:
    return [
        VariantRow(
            external_id=variant.external_id,
            options=" · ".join(str(value) for value in variant.options.values()),
            price=format_minor(variant.price_minor, variant.currency),
            stock=stock_state([variant]),
        )
        for variant in variants
    ]


def stock_state(variants: Sequence[Variant]) -> State:
    """In stock, low (a variant is nearly gone) or sold out."""
    total = sum(variant.stock for variant in variants)
    if total == 0:
        return State("bad", "ban", _("Sold out"))
    if total <= LOW_STOCK:
        return State("warn", "alert-triangle", _("%(count)s left") % {"count": total})
    if any(0 < variant.stock <= LOW_STOCK for variant in variants):
        return State("warn", "alert-triangle", _("%(count)s, a variant nearly gone") % {"count": total})
    return State("", "check", _("%(count)s in stock") % {"count": total})


def status_state(status: str) -> State:
    label = word(STATUSES, status)
    return State("good", "circle-check", label) if status == "active" else State("", "archive", label)
