"""WooCommerce's product CSV: a row for each product and each variation, which names its parent by SKU or ``id:12``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.imports.reading import Row
from cs_portal.commerce.imports.sources.base import (
    Converted,
    Groups,
    Settings,
    Source,
    cell,
    cells_of,
    listed,
    money,
    options_cell,
    stock_of,
    title_cells,
)
from cs_portal.commerce.models import ImportKind

_ATTRIBUTES = 10


def _group(rows: Iterable[Row]) -> Groups:
    """Variations join their parents, which may stand anywhere in the file."""
    everything = list(rows)
    ids: dict[str, str] = {}
    for row in everything:
        if not _is_variation(row):
            ids |= {f"id:{_of(row, 'id')}": _key(row)} | ({_of(row, "sku"): _key(row)} if _of(row, "sku") else {})
    groups: dict[str, list[Row]] = {}
    for row in sorted(everything, key=_is_variation):
        parent = _of(row, "parent")
        key = ids.get(parent, parent) if _is_variation(row) else _key(row)
        groups.setdefault(key, []).append(row)
    yield from groups.items()


def _of(row: Row, name: str) -> str:
    return cell(str(row.cells.get(name, "")))


def _key(row: Row) -> str:
    return _of(row, "id") or _of(row, "sku")


def _is_variation(row: Row) -> bool:
    return "variation" in [part.strip() for part in _of(row, "type").lower().split(",")]


def _convert(rows: Sequence[Row], settings: Settings) -> Converted:
    found: list[Row] = []
    for row in rows:
        cells = cells_of(row)
        own = {} if _is_variation(row) else _product(cells)
        kinds = cells.get("type", "").lower()
        if _is_variation(row) or "variable" not in kinds:
            own |= _variant(cells, settings)
        found.append(Row(row.line, {"id": _key(rows[0]), **own}, row.broken, row.unstorable))
    return Converted(found)


def _product(cells: Mapping[str, str]) -> dict[str, str]:
    first_category = cells.get("categories", "").split(",")[0]
    return {
        **title_cells(cells.get("name", "")),
        "category": first_category.rpartition(">")[2].strip()[:60],
        "tags": listed(cells.get("tags", "")),
        "status": "active" if cells.get("published", "1") == "1" else "draft",
        "image": cells.get("images", "").split(",")[0].strip(),
    }


def _variant(cells: Mapping[str, str], settings: Settings) -> dict[str, str]:
    attributes = [
        (cells.get(f"attribute {n} name", ""), cells.get(f"attribute {n} value(s)", ""))
        for n in range(1, _ATTRIBUTES + 1)
    ]
    price = cells.get("sale price") or cells.get("regular price", "")
    in_stock = cells.get("in stock?", "1").lower() not in {"0", "no", "false"}
    return {
        "variant_id": (cells.get("sku") or cells.get("id", ""))[:64],
        "options": options_cell(attributes),
        **money("price_minor", price, settings.currency),
        "currency": settings.currency,
        "stock": stock_of(cells.get("stock", ""), tracked=not in_stock),
    }


PRODUCTS = Source(
    name="woo_products",
    kind=ImportKind.PRODUCTS,
    label=_("WooCommerce products"),
    signature=frozenset({"id", "type", "sku", "name", "regular price"}),
    group=_group,
    convert=_convert,
    names={
        "id": "ID",
        "title_en": "Name",
        "title_zh_hans": "Name",
        "category": "Categories",
        "tags": "Tags",
        "image": "Images",
        "variant_id": "SKU",
        "price_minor": "Regular price",
        "price": "Regular price",
        "stock": "Stock",
        "options": "Attribute 1 value(s)",
    },
    wants_currency=True,
)
