"""Pairs, pins, exclusions and recommendations with their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import title_in
from cs_portal.commerce.models import Product
from cs_portal.console.presenters.products import ProductRow, product_row
from cs_portal.recommendations.models import Exclusion, ExclusionKind, Pin, ProductPair
from cs_portal.recommendations.selectors import Reason, Recommendation, is_offered


@dataclass(frozen=True, slots=True)
class PairRow:
    """``lift`` says how many times more often than by chance."""

    product: str
    product_id: UUID
    other: str
    other_id: UUID
    together: int
    percent: int
    lift: str


@dataclass(frozen=True, slots=True)
class PinRow:
    """``with_product`` is empty for a pin that holds everywhere; ``silent`` says that it is not shown at present."""

    id: UUID
    recommended: str
    recommended_id: UUID
    with_product: str
    with_product_id: UUID | None
    silent: bool


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    id: UUID
    kind: str
    value: str
    title: str
    product_id: UUID | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One recommendation and why."""

    row: ProductRow
    reason: str
    because: str
    icon: str


def pair_rows(pairs: Iterable[ProductPair]) -> list[PairRow]:
    return [
        PairRow(
            product=_title(pair.product),
            product_id=pair.product.public_id,
            other=_title(pair.other),
            other_id=pair.other.public_id,
            together=pair.together,
            percent=round(pair.confidence * 100),
            lift=number_format(round(pair.lift, 1), 1),
        )
        for pair in pairs
    ]


def pin_rows(pins: Iterable[Pin]) -> list[PinRow]:
    return [
        PinRow(
            id=pin.public_id,
            recommended=_title(pin.recommended),
            recommended_id=pin.recommended.public_id,
            with_product=_title(pin.product) if pin.product else "",
            with_product_id=pin.product.public_id if pin.product else None,
            silent=not is_offered(pin.recommended),
        )
        for pin in pins
    ]


def exclusion_rows(exclusions: Iterable[Exclusion]) -> list[ExclusionRow]:
    rows = list(exclusions)
    ids = [row.value for row in rows if row.kind == ExclusionKind.PRODUCT]
    named = {product.external_id: product for product in Product.objects.filter(external_id__in=ids)} if ids else {}
    return [
        ExclusionRow(
            id=row.public_id,
            kind=row.get_kind_display(),
            value=row.value,
            title=_title(named[row.value]) if row.value in named and row.kind == ExclusionKind.PRODUCT else row.value,
            product_id=named[row.value].public_id if row.value in named and row.kind == ExclusionKind.PRODUCT else None,
        )
        for row in rows
    ]


def offers(found: Iterable[Recommendation]) -> list[Offer]:
    return [
        Offer(product_row(each.product), str(each.reason.label), _because(each), _ICONS[each.reason]) for each in found
    ]


_ICONS = {Reason.PINNED: "pin", Reason.TOGETHER: "shopping-cart", Reason.POPULAR: "trending-up"}


def _because(each: Recommendation) -> str:
    if each.reason == Reason.PINNED:
        if each.because_of is None:
            return _("Pinned everywhere")
        return _("Pinned with %(title)s") % {"title": _title(each.because_of)}
    if each.reason == Reason.TOGETHER and each.because_of is not None:
        return ngettext(
            "Bought together with %(title)s by %(count)s shopper",
            "Bought together with %(title)s by %(count)s shoppers",
            each.shoppers,
        ) % {"title": _title(each.because_of), "count": each.shoppers}
    return ngettext("Bought by %(count)s shopper", "Bought by %(count)s shoppers", each.shoppers) % {
        "count": each.shoppers
    }


def _title(product: Product) -> str:
    return title_in(product, get_language() or "en")
