"""What a merchant holds, as a file for another system or a look back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.commerce.imports.exporting import FORMATS, as_csv, as_json_lines
from cs_portal.commerce.models import ImportKind
from cs_portal.commerce.selectors import order_document, product_document, shopper_documents
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.merchants.models import Member

#: The newest so many: a file of more is nothing that a browser should wait for.
MAX_ROWS = 50_000
BATCH = 500


def export_rows(*, kind: str, rows: QuerySet[Any], format: str, by: Member, now: datetime) -> str:
    """The text of a file of ``rows``, newest first. Who took it, and how much, is an entry of the log."""
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may export."))
    if format not in FORMATS or kind not in ImportKind.values:
        raise Invalid(_("Choose a format."), field="format")
    documents = list(_documents(kind, rows, now))
    data = {"kind": kind, "rows": len(documents), "format": format}
    target = f"merchant:{by.merchant.public_id}"
    actor = Actor("member", str(by.public_id))
    record(merchant_id=by.merchant_id, actor=actor, action="records.exported", target=target, now=now, data=data)
    return as_csv(kind, documents) if format == "csv" else as_json_lines(documents)


def _documents(kind: str, rows: QuerySet[Any], now: datetime) -> Iterator[dict[str, Any]]:
    """A batch at a time, so that a thousand orders are not held as rows at once."""
    keys = list(rows.order_by("-pk").values_list("pk", flat=True)[:MAX_ROWS])
    model = rows.model.objects
    for start in range(0, len(keys), BATCH):
        batch = model.filter(pk__in=keys[start : start + BATCH]).order_by("-pk")
        if kind == ImportKind.ORDERS:
            whole = batch.select_related("shopper").prefetch_related("lines", "payments", "refunds", "shipments")
            yield from map(order_document, whole)
        elif kind == ImportKind.PRODUCTS:
            yield from map(product_document, batch.prefetch_related("variants"))
        else:
            shoppers = list(batch.filter(external_id__isnull=False))
            documents = shopper_documents(shoppers, now=now)
            yield from (documents[row.pk] for row in shoppers)
