"""Orders against the rows that are there. Money that was given back here never vanishes by an import.

Refunds are merged: those of the file that are not known are added, those that are known, or were made here, stay. So do
payments that an action here took, unless the file tells of as much money without them. An order whose payments would
then not cover its refunds is refused, and so is another currency once money moved.

An order remembers what a file last said of it: a file that says the same again changes nothing, whatever was done here
since.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F

from cs_portal.commerce.counting import recount_lines
from cs_portal.commerce.history import Provenance, catch_up
from cs_portal.commerce.imports.checks import Document, is_email, offset_minutes, refund_faults
from cs_portal.commerce.imports.records import Record
from cs_portal.commerce.imports.tally import Item, Tally
from cs_portal.commerce.models import (
    Happened,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Shipment,
    Shopper,
    Source,
    Variant,
)

_FIELDS = ("storefront", "items_modified", "paid_at", "shipped_at", "delivered_at", "cancelled_at")
_AMOUNTS = ("shipping_minor", "discount_minor", "tax_minor")
_PARTS = ("lines", "payments", "refunds", "shipments")


@dataclass(frozen=True, slots=True)
class _Change:
    """An order as it is to be; ``row`` is ``None`` for a new one, ``added`` are the refunds that are not there yet.

    ``differs`` says whether anything is to be written, ``digest`` is that of what a file said, empty where no file did.
    """

    row: Order | None
    shopper: Shopper
    after: Document
    added: list[Document]
    differs: bool = True
    digest: str = ""


def settle_orders(items: Sequence[Item], write: bool, now: datetime, provenance: Provenance) -> Tally:
    """In ``write`` mode the rows are locked first: a refund of the portal waits, or is seen."""
    tally = Tally()
    rows = _rows([document["number"] for _record, document in items], lock=write)
    shoppers = _shoppers(items, write)
    _name_products(items)
    taken = _taken_here(rows.values())
    from_file = provenance.source == Source.IMPORT
    changes, told_again = [], []
    for record, document in items:
        digest = _digest(record, document) if from_file else ""
        row = rows.get(document["number"])
        if row is not None and digest and row.file_digest == digest:
            tally.unchanged += 1
            continue
        change = _change(record, document, rows, shoppers, taken, tally, now)
        if change is None:
            continue
        if change.row is None:
            tally.created += 1
        elif not change.differs:
            tally.unchanged += 1
            change.row.file_digest = digest or change.row.file_digest
            told_again.append(change.row)
            continue
        else:
            tally.updated += 1
        changes.append(replace(change, digest=digest))
    if write and changes:
        _write(changes, now, provenance)
    if write and told_again:
        Order.objects.bulk_update(told_again, ["file_digest"])
    return tally


def _digest(record: Record, document: Document) -> str:
    said = json.dumps([document, record.extra.refunded_minor], default=datetime.isoformat, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _shoppers(items: Sequence[Item], write: bool) -> dict[str | None, Shopper]:
    """Who the orders belong to, by the id that the documents name.

    Buyers that a file of another system tells of are found by their e-mail address as well, where it is one person's,
    and made where nobody is found; a document then names whom it was found to be.
    """
    named = {document["shopper"] for _record, document in items}
    found: dict[str | None, Shopper] = {row.external_id: row for row in Shopper.objects.filter(external_id__in=named)}
    strangers = [item for item in items if item[0].extra.buyer and item[1]["shopper"] not in found]
    addresses = {record.extra.buyer.email for record, _document in strangers if record.extra.buyer} - {""}
    by_email: dict[str, list[Shopper]] = {}
    for row in Shopper.objects.filter(email__in=addresses, external_id__isnull=False) if addresses else ():
        by_email.setdefault(row.email.lower(), []).append(row)
    for record, document in strangers:
        buyer = record.extra.buyer
        if buyer is None or document["shopper"] in found:
            continue
        if len(people := by_email.get(buyer.email, [])) == 1:
            document["shopper"] = people[0].external_id
            found[people[0].external_id] = people[0]
        else:
            made = Shopper(
                external_id=buyer.id,
                name=buyer.name,
                email=buyer.email if is_email(buyer.email) else "",
                phone=buyer.phone,
                locale=buyer.locale,
                created_at=document["placed_at"],
            )
            if write:
                made.save()
            found[buyer.id] = made
    return found


def _name_products(items: Sequence[Item]) -> None:
    """Lines that name a variant alone belong to its product, where we know it."""
    lines = [line for record, document in items if record.extra.by_variant for line in document["lines"]]
    wanted = {line["variant"] for line in lines}
    rows = Variant.objects.filter(external_id__in=wanted).values_list("external_id", "product__external_id")
    products = dict(rows) if wanted else {}
    for line in lines:
        line["product"] = products.get(line["variant"], line["product"])


def _rows(numbers: list[str], *, lock: bool) -> dict[str, Order]:
    rows = Order.objects.filter(number__in=numbers).order_by("pk")
    if lock:
        list(rows.select_for_update().values_list("pk", flat=True))
    rows = rows.select_related("shopper").prefetch_related(*_PARTS)
    return {row.number: row for row in rows}


def _change(
    record: Record,
    document: Document,
    rows: dict[str, Order],
    shoppers: dict[str | None, Shopper],
    taken: Mapping[int, set[str]],
    tally: Tally,
    now: datetime,
) -> _Change | None:
    """``None`` for an order that is refused, which is counted."""
    shopper, row = shoppers.get(document["shopper"]), rows.get(document["number"])
    if shopper is None:
        tally.refuse(record, ("shopper",), "unknown_shopper")
        return None
    if row is not None and row.shopper_id != shopper.pk:
        tally.refuse(record, ("shopper",), "other_shopper")
        return None
    if row is not None and row.currency != document["currency"] and (row.paid_minor or row.refunded_minor):
        tally.refuse(record, ("currency",), "other_currency")
        return None
    before = as_document(row) if row else _BLANK
    if row is not None:
        document = {**document, "payments": _with_taken(document["payments"], before["payments"], taken[row.pk])}
    known = {refund["id"] for refund in before["refunds"]}
    added = [refund for refund in document.get("refunds", []) if refund["id"] not in known]
    if rest := record.extra.refunded_minor - _given_back([*before["refunds"], *added]):
        added += _rest_of_refunds(rest, record, document, [*before["refunds"], *added], now)
    after = {**before, **document, "refunds": [*before["refunds"], *added]}
    if faults := refund_faults(after["lines"], after["payments"], after["refunds"]):
        tally.refuse(record, ("payments", 0, "amount_minor"), faults[0][1])
        return None
    return _Change(row, shopper, after, added, differs=row is None or after != before)


def _taken_here(rows: Iterable[Order]) -> Mapping[int, set[str]]:
    """The payments that actions of the portal took, as the orders' histories tell."""
    taken: dict[int, set[str]] = defaultdict(set)
    events = OrderEvent.objects.filter(order__in=[row.pk for row in rows], kind=Happened.PAID, action__isnull=False)
    for order_id, data in events.values_list("order_id", "data"):
        taken[order_id].add(data.get("payment", ""))
    return taken


def _with_taken(payments: list[Document], before: list[Document], taken: set[str]) -> list[Document]:
    """What an action took here stays, where the file does not name it and tells of less money than was captured."""
    named = {each["id"] for each in payments}
    left_out = [each for each in before if each["id"] in taken and each["id"] not in named]
    return [*payments, *left_out] if left_out and _captured(payments) < _captured(before) else payments


def _captured(payments: Sequence[Document]) -> int:
    return sum(each["amount_minor"] for each in payments if each["captured_at"])


def _given_back(refunds: Sequence[Document]) -> int:
    return sum(share["amount_minor"] for refund in refunds for share in refund["payments"])


def _rest_of_refunds(
    rest: int, record: Record, document: Document, refunds: Sequence[Document], now: datetime
) -> list[Document]:
    """The refund that a file means which tells the sum of all alone: what is not known yet, payment by payment.

    Its id is that sum: a later file that tells of more adds one more refund.
    """
    if rest <= 0:
        return []
    given: Counter[str] = Counter()
    for refund in refunds:
        for share in refund["payments"]:
            given[share["id"]] += share["amount_minor"]
    shares = []
    for payment in document["payments"]:
        left = payment["amount_minor"] - given[payment["id"]] if payment["captured_at"] else 0
        if (part := min(rest, left)) > 0:
            shares.append({"id": payment["id"], "amount_minor": part})
            rest -= part
    if not shares:
        return []
    extra = record.extra
    refund = {"id": f"import-{extra.refunded_minor}", "lines": [], "payments": shares, "shipping_minor": 0}
    return [refund | {"created_at": extra.refunded_at or now}]


_BLANK: Document = {
    "storefront": "",
    "items_modified": False,
    **dict.fromkeys(("paid_at", "shipped_at", "delivered_at", "cancelled_at")),
    **dict.fromkeys(_AMOUNTS, 0),
    "address": {},
    "note": "",
    "refunds": [],
    "shipments": [],
}


def as_document(row: Order) -> Document:
    """The canonical order with times as datetimes, as :mod:`checks` gives it."""
    return {
        "number": row.number,
        "shopper": row.shopper.external_id,
        "currency": row.currency,
        "status": row.status,
        "placed_at": row.placed_at,
        **{name: getattr(row, name) for name in (*_FIELDS, *_AMOUNTS, "note")},
        "address": row.address or {},
        "lines": [
            {
                "id": line.external_id,
                **{
                    name: getattr(line, name)
                    for name in ("product", "variant", "title", "options", "quantity", "unit_price_minor")
                },
                **{name: getattr(line, name) for name in ("discount_minor", "tags", "final_sale")},
            }
            for line in row.lines.all()
        ],
        "payments": [
            {
                "id": each.external_id,
                **{name: getattr(each, name) for name in ("method_id", "method", "amount_minor", "captured_at")},
            }
            for each in row.payments.all()
        ],
        "refunds": [
            {
                "id": each.external_id,
                **{name: getattr(each, name) for name in ("lines", "payments", "shipping_minor", "created_at")},
            }
            for each in row.refunds.all()
        ],
        "shipments": [
            {name: getattr(each, name) for name in ("tracking", "carrier", "lines", "shipped_at", "delivered_at")}
            for each in row.shipments.all()
        ],
    }


def _write(changes: Sequence[_Change], now: datetime, provenance: Provenance) -> None:
    fresh = [change for change in changes if change.row is None]
    made = Order.objects.bulk_create([Order(**_columns(change), shopper=change.shopper) for change in fresh])
    pairs = list(zip(made, fresh, strict=True))
    for change in changes:
        if change.row is not None:
            Order.objects.filter(pk=change.row.pk).update(**_columns(change), version=F("version") + 1)
            pairs.append((change.row, change))
    moved = [change.row.pk for change in changes if change.row is not None]
    # A line keeps what was cancelled of it: no other row may tell.
    cancelled = {
        (order_id, key): count
        for order_id, key, count in OrderLine.objects.filter(order__in=moved, cancelled_quantity__gt=0).values_list(
            "order_id", "external_id", "cancelled_quantity"
        )
    }
    for model in (OrderLine, Payment, Shipment):
        model.objects.filter(order__in=moved).delete()
    OrderLine.objects.bulk_create(
        _line(order, line, cancelled.get((order.pk, line["id"]), 0))
        for order, change in pairs
        for line in change.after["lines"]
    )
    Payment.objects.bulk_create(
        _payment(order, each, change.after) for order, change in pairs for each in change.after["payments"]
    )
    Shipment.objects.bulk_create(
        Shipment(order=order, **each) for order, change in pairs for each in change.after["shipments"]
    )
    Refund.objects.bulk_create(_refund(order, each) for order, change in pairs for each in change.added)
    written = [order.pk for order, _change in pairs]
    recount_lines(written)
    catch_up(written, provenance=provenance, now=now)


def _columns(change: _Change) -> dict[str, Any]:
    after = change.after
    return {
        **{name: after[name] for name in ("number", "currency", "status", "placed_at", *_FIELDS, *_AMOUNTS)},
        "address": after["address"],
        "note": after["note"],
        "file_digest": change.digest or (change.row.file_digest if change.row is not None else ""),
        "utc_offset_minutes": offset_minutes(after["placed_at"]),
        "paid_minor": sum(each["amount_minor"] for each in after["payments"] if each["captured_at"]),
        "refunded_minor": sum(share["amount_minor"] for each in after["refunds"] for share in each["payments"]),
    }


def _line(order: Order, line: Document, cancelled: int) -> OrderLine:
    return OrderLine(
        order=order,
        external_id=line["id"],
        cancelled_quantity=min(cancelled, line["quantity"]),
        **{k: value for k, value in line.items() if k != "id"},
    )


def _payment(order: Order, each: Document, after: Document) -> Payment:
    shares = [share for refund in after["refunds"] for share in refund["payments"] if share["id"] == each["id"]]
    return Payment(
        order=order,
        external_id=each["id"],
        method_id=each["method_id"],
        method=each["method"],
        amount_minor=each["amount_minor"],
        captured_at=each["captured_at"],
        refunded_minor=sum(share["amount_minor"] for share in shares),
    )


def _refund(order: Order, each: Document) -> Refund:
    return Refund(
        order=order,
        external_id=each["id"],
        key=f"import:{order.pk}:{each['id']}"[:100],
        amount_minor=sum(share["amount_minor"] for share in each["payments"]),
        shipping_minor=each["shipping_minor"],
        lines=each["lines"],
        payments=each["payments"],
        created_at=each["created_at"],
    )


def restore_order(row: Order, before: Document, *, now: datetime, provenance: Provenance) -> None:
    """Put an order back as it was, with the refunds that it had then. Within the caller's transaction, locked."""
    held = {refund["id"] for refund in before["refunds"]}
    row.refunds.exclude(external_id__in=held).delete()
    row.file_digest = ""
    _write([_Change(row, row.shopper, before, [])], now, provenance)
