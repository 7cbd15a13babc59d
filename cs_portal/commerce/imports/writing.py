"""Checked documents against the rows that are there: what is new, what differs, what stays, and writing it.

A document is compared by its canonical form, so that a file imported twice changes nothing the second time. What a
file leaves out stays. Everything runs in the caller's transaction; each record is written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.checks import Document
from cs_portal.commerce.imports.order_writing import settle_orders
from cs_portal.commerce.imports.tally import Item, Tally
from cs_portal.commerce.models import ImportKind, Product, Shopper, Source, Variant
from cs_portal.commerce.selectors import product_document
from cs_portal.commerce.signals import shoppers_renamed

BY_IMPORT = Provenance(Source.IMPORT)


def settle(
    kind: str, items: Sequence[Item], *, write: bool, now: datetime, provenance: Provenance = BY_IMPORT
) -> Tally:
    """Compare ``items`` with the rows, and write what is new or differs when ``write`` says so."""
    if kind == ImportKind.ORDERS:
        return settle_orders(items, write, now, provenance)
    return (_settle_products if kind == ImportKind.PRODUCTS else _settle_shoppers)(items, write, now)


# --- products ------------------------------------------------------------------------------------------------------


def _settle_products(items: Sequence[Item], write: bool, now: datetime) -> Tally:
    tally = Tally()
    ids = [document["id"] for _record, document in items]
    rows = {row.external_id: row for row in Product.objects.filter(external_id__in=ids).prefetch_related("variants")}
    owners = _owners(items)
    fresh: list[tuple[Product, Document]] = []
    for record, document in items:
        own = document["id"]
        elsewhere = [n for n, variant in enumerate(document["variants"]) if owners.get(variant["id"], own) != own]
        if elsewhere:
            tally.refuse(record, ("variants", elsewhere[0], "id"), "variant_elsewhere")
            continue
        owners |= {variant["id"]: own for variant in document["variants"]}
        row = rows.get(document["id"])
        if row is None:
            tally.created += 1
            fresh.append((_product_row(document), document))
        elif not _product_differs(row, document):
            tally.unchanged += 1
        else:
            tally.updated += 1
            if write:
                update_product(row, document)
    if write and fresh:
        made = Product.objects.bulk_create([row for row, _document in fresh])
        Variant.objects.bulk_create(
            _variant_row(row, variant)
            for row, (_row, document) in zip(made, fresh, strict=True)
            for variant in document["variants"]
        )
    return tally


def _owners(items: Sequence[Item]) -> dict[str, str]:
    """Which product each of the named variants belongs to now."""
    ids = [variant["id"] for _record, document in items for variant in document["variants"]]
    rows = Variant.objects.filter(external_id__in=ids).values_list("external_id", "product__external_id")
    return dict(rows)


def _product_differs(row: Product, document: Document) -> bool:
    before = product_document(row)
    by_id = {variant["id"]: variant for variant in before["variants"]}
    after = {**before, **document, "variants": {variant["id"]: variant for variant in document["variants"]}}
    return after != {**before, "variants": by_id}


_PRODUCT_FIELDS = ("category", "tags", "status", "consumable", "url", "image")


def _product_row(document: Document) -> Product:
    return Product(
        external_id=document["id"],
        title_en=document["title"]["en"],
        title_zh=document["title"]["zh-hans"],
        **{name: document[name] for name in _PRODUCT_FIELDS if name in document},
    )


def _variant_row(row: Product, variant: Mapping[str, Any]) -> Variant:
    return Variant(
        product=row,
        external_id=variant["id"],
        options=variant["options"],
        price_minor=variant["price_minor"],
        currency=variant["currency"],
        stock=variant["stock"],
    )


def update_product(row: Product, document: Document) -> None:
    """The file names all variants of a product: those that it does not name are gone."""
    row.title_en, row.title_zh = document["title"]["en"], document["title"]["zh-hans"]
    for name in _PRODUCT_FIELDS:
        if name in document:
            setattr(row, name, document[name])
    row.save(update_fields=["title_en", "title_zh", *_PRODUCT_FIELDS])
    named = {variant["id"]: variant for variant in document["variants"]}
    row.variants.exclude(external_id__in=list(named)).delete()
    for known in row.variants.filter(external_id__in=list(named)):
        variant = named.pop(known.external_id)
        Variant.objects.filter(pk=known.pk).update(
            options=variant["options"],
            price_minor=variant["price_minor"],
            currency=variant["currency"],
            stock=variant["stock"],
        )
    Variant.objects.bulk_create(_variant_row(row, variant) for variant in named.values())


# --- shoppers ------------------------------------------------------------------------------------------------------


def _settle_shoppers(items: Sequence[Item], write: bool, now: datetime) -> Tally:
    tally = Tally()
    ids = [document["id"] for _record, document in items]
    rows = {row.external_id: row for row in Shopper.objects.filter(external_id__in=ids)}
    fresh, renamed = [], []
    for _record, document in items:
        row = rows.get(document["id"])
        given = {name: value for name, value in document.items() if name != "id"}
        if row is None:
            tally.created += 1
            fresh.append(Shopper(external_id=document["id"], **{"created_at": now, **given}))
        elif all(getattr(row, name) == value for name, value in given.items()):
            tally.unchanged += 1
        else:
            tally.updated += 1
            if write:
                if any(given.get(name, getattr(row, name)) != getattr(row, name) for name in ("name", "email")):
                    renamed.append(row.pk)
                for name, value in given.items():
                    setattr(row, name, value)
                row.save(update_fields=list(given))
    if write:
        Shopper.objects.bulk_create(fresh)
    if renamed:
        shoppers_renamed.send(sender=Shopper, ids=renamed)
    return tally
