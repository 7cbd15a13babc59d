"""The columns of a file, matched with ours: by name where they are the same, by guess where they are alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from cs_portal.commerce.imports.columns import COLUMNS, COMPUTED, Column

#: Words that mean a column of ours, in lower case; spaces and underscores are the same.
_ALSO = {
    "products": {
        "product id": "id",
        "title": "title_en",
        "name": "title_en",
        "商品id": "id",
        "商品编号": "id",
        "商品名称": "title_zh_hans",
        "标题": "title_zh_hans",
        "类目": "category",
        "分类": "category",
        "标签": "tags",
        "sku": "variant_id",
        "规格编号": "variant_id",
        "价格": "price",
        "币种": "currency",
        "库存": "stock",
        "inventory": "stock",
        "quantity": "stock",
    },
    "shoppers": {
        "customer id": "id",
        "shopper id": "id",
        "顾客编号": "id",
        "姓名": "name",
        "e-mail": "email",
        "mail": "email",
        "邮箱": "email",
        "电话": "phone",
        "手机": "phone",
        "telephone": "phone",
        "language": "locale",
        "语言": "locale",
        "标签": "tags",
    },
    "orders": {
        "order": "number",
        "order number": "number",
        "order id": "number",
        "订单编号": "number",
        "订单号": "number",
        "customer": "shopper",
        "customer id": "shopper",
        "顾客编号": "shopper",
        "币种": "currency",
        "订单状态": "status",
        "created at": "placed_at",
        "order date": "placed_at",
        "下单时间": "placed_at",
        "付款时间": "paid_at",
        "sku": "line_variant",
        "product": "line_product",
        "quantity": "line_quantity",
        "数量": "line_quantity",
        "price": "line_unit_price",
        "单价": "line_unit_price",
        "tracking": "shipment_tracking",
        "carrier": "shipment_carrier",
        "备注": "note",
    },
}


def names_of(kind: str) -> list[str]:
    """Everything that a column can be matched with: ours, and those that stand in for amounts in minor units."""
    return list(dict.fromkeys(name for column in COLUMNS[kind] for name in (column.name, column.plain)))


def guessed(header: Sequence[str], kind: str) -> list[str]:
    """For each column of the header the one of ours that it most likely is, or nothing."""
    names = names_of(kind)
    paths = _by_path(kind)
    chosen: list[str] = []
    for title in header:
        plain = re.sub(r"[\s_\-]+", "_", title.strip())
        match = title if title in names else plain if plain in names else paths.get(_path_of(title), "")
        match = match or _ALSO.get(kind, {}).get(title.replace("_", " "), "")
        match = match or next(iter(get_close_matches(plain, names, n=1, cutoff=0.85)), "") if title else ""
        chosen.append("" if match in chosen else match)
    return chosen


def _by_path(kind: str) -> dict[str, str]:
    """Our columns by where their field stands in the canonical JSON, ``lines.id`` or ``address.city``: so flattened
    documents name them, and so problems of a JSONL file are told."""
    found: dict[str, str] = {}
    for column in COLUMNS[kind]:
        steps = (column.group, *column.path) if column.group else column.path
        if len(steps) == 1:
            continue
        path = ".".join(steps)
        found |= {_path_of(path): column.name, _path_of(path.removesuffix("_minor")): column.plain}
    return found


def _path_of(title: str) -> str:
    """``Lines[0].Unit price``, ``line/unit_price`` and ``lines.0.unit_price`` are one path."""
    steps = [re.sub(r"[\s_\-]+", "_", step.strip()) for step in re.split(r"[./\[\]]+", title.lower())]
    steps = [step for step in steps if step and not step.isdigit()]
    return ".".join((steps[0].removesuffix("s"), *steps[1:])) if len(steps) > 1 else ""


def is_plain(header: Sequence[str], kind: str) -> bool:
    """Whether the header names our columns and nothing else, each once, with all that are required."""
    known = [title for title in header if title]
    return set(known) <= set(names_of(kind)) and len(set(known)) == len(known) and not missing(known, kind)


def missing(names: Sequence[str], kind: str) -> list[Column]:
    """Required columns that nothing is matched with."""
    return [c for c in COLUMNS[kind] if c.required and c.name not in names and c.plain not in names]


def matched_twice(names: Sequence[str]) -> list[str]:
    """Names that several columns were matched with, an amount and its plain form counting as one."""
    seen: set[str] = set()
    again = []
    for name in names:
        plain = name.removesuffix("_minor")
        if name and plain in seen:
            again.append(name)
        seen.add(plain)
    return again


def choices(kind: str) -> list[str]:
    """What the page offers."""
    return [name for name in names_of(kind) if name not in COMPUTED]
