"""Canonical documents as rows of the active merchant, in a few bulk inserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cs_portal.commerce.counting import recount_lines
from cs_portal.commerce.history import SHOP, catch_up
from cs_portal.commerce.models import Order, OrderLine, Payment, Product, Refund, Shipment, Shopper, Variant
from cs_portal.core.tenancy import current_merchant
from cs_portal.demo.catalogue import CatalogueProduct
from cs_portal.demo.faqs import DemoFaq
from cs_portal.drafting.answering import local_day
from cs_portal.knowledge.conditions import answer_to_json
from cs_portal.knowledge.models import Faq, FaqState, FaqText
from cs_portal.knowledge.services import describe_faqs

BATCH = 500
Document = Mapping[str, Any]


def insert_faqs(faqs: Sequence[DemoFaq], *, now: datetime) -> None:
    rows = Faq.objects.bulk_create(
        Faq(
            key=faq.id,
            category=faq.intent,
            state=FaqState.PUBLISHED,
            updated_at=now,
            tags=list(faq.tags),
            hand_over=faq.hand_over,
            action=faq.action,
            valid_until=faq.valid_until(local_day(current_merchant(), now)),
            answers=[answer_to_json(answer) for answer in faq.answers],
        )
        for faq in faqs
    )
    FaqText.objects.bulk_create(
        FaqText(faq=row, locale=locale, question=text.question, answer=text.answer, variants=list(text.variants))
        for row, faq in zip(rows, faqs, strict=True)
        for locale, text in faq.texts.items()
    )
    describe_faqs(rows)


def insert_products(documents: Sequence[Document], catalogue: Sequence[CatalogueProduct]) -> None:
    """``documents`` are the canonical form of ``catalogue``, which adds the descriptions."""
    rows = Product.objects.bulk_create(
        Product(
            external_id=document["id"],
            title_en=document["title"].get("en", ""),
            title_zh=document["title"].get("zh-hans", ""),
            description_en=product.description.get("en", ""),
            description_zh=product.description.get("zh-hans", ""),
            category=document["category"],
            tags=document["tags"],
            status=document["status"],
            consumable=document["consumable"],
            url=document["url"],
            image=document["image"],
        )
        for document, product in zip(documents, catalogue, strict=True)
    )
    Variant.objects.bulk_create(
        Variant(
            product=row,
            external_id=variant["id"],
            options=variant["options"],
            price_minor=variant["price_minor"],
            currency=variant["currency"],
            stock=variant["stock"],
        )
        for row, document in zip(rows, documents, strict=True)
        for variant in document["variants"]
    )


def insert_shoppers(documents: Sequence[Document]) -> dict[str, Shopper]:
    """The new rows by the shop's own id."""
    rows = Shopper.objects.bulk_create(
        Shopper(
            external_id=document["id"],
            name=document["name"],
            email=document["email"],
            phone=document["phone"],
            locale=document["locale"],
            tags=document["tags"],
            payment_methods=document["payment_methods"],
            created_at=datetime.fromisoformat(document["created_at"]),
        )
        for document in documents
    )
    return {str(row.external_id): row for row in rows}


def insert_orders(documents: Sequence[Document], shoppers: Mapping[str, Shopper], *, now: datetime) -> dict[str, Order]:
    """The new rows by number. A ``version`` beside the canonical fields, and a refund's ``key``, are kept."""
    orders = Order.objects.bulk_create(
        (order_row(document, shoppers[document["shopper"]]) for document in documents), batch_size=BATCH
    )
    pairs = list(zip(orders, documents, strict=True))
    OrderLine.objects.bulk_create(
        (line_row(order, line) for order, document in pairs for line in document["lines"]), batch_size=BATCH
    )
    Payment.objects.bulk_create(
        (payment_row(order, payment, document) for order, document in pairs for payment in document["payments"]),
        batch_size=BATCH,
    )
    Refund.objects.bulk_create(_refund(order, refund) for order, document in pairs for refund in document["refunds"])
    Shipment.objects.bulk_create(
        (shipment_row(order, parcel) for order, document in pairs for parcel in document["shipments"]), batch_size=BATCH
    )
    ids = [order.pk for order in orders]
    recount_lines(ids)
    catch_up(ids, provenance=SHOP, now=now)
    return {order.number: order for order in orders}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def order_row(document: Document, shopper: Shopper) -> Order:
    placed_at = datetime.fromisoformat(document["placed_at"])
    offset = placed_at.utcoffset()
    return Order(
        number=document["number"],
        shopper=shopper,
        storefront=document["storefront"],
        currency=document["currency"],
        status=document["status"],
        items_modified=document["items_modified"],
        placed_at=placed_at,
        paid_at=_moment(document["paid_at"]),
        shipped_at=_moment(document["shipped_at"]),
        delivered_at=_moment(document["delivered_at"]),
        cancelled_at=_moment(document["cancelled_at"]),
        utc_offset_minutes=int(offset.total_seconds() // 60) if offset is not None else 0,
        shipping_minor=document["shipping_minor"],
        discount_minor=document["discount_minor"],
        tax_minor=document["tax_minor"],
        paid_minor=sum(payment["amount_minor"] for payment in document["payments"] if payment["captured_at"]),
        refunded_minor=sum(share["amount_minor"] for share in _shares(document)),
        address=document["address"],
        note=document["note"],
        version=document.get("version", 1),
    )


def _shares(document: Document) -> list[Document]:
    return [share for refund in document["refunds"] for share in refund["payments"]]


def line_row(order: Order, line: Document) -> OrderLine:
    return OrderLine(order=order, external_id=line["id"], **{key: value for key, value in line.items() if key != "id"})


def payment_row(order: Order, payment: Document, document: Document) -> Payment:
    return Payment(
        order=order,
        external_id=payment["id"],
        method_id=payment["method_id"],
        method=payment["method"],
        amount_minor=payment["amount_minor"],
        refunded_minor=sum(s["amount_minor"] for s in _shares(document) if s["id"] == payment["id"]),
        captured_at=_moment(payment["captured_at"]),
    )


def _refund(order: Order, refund: Document) -> Refund:
    return Refund(
        order=order,
        external_id=refund["id"],
        key=refund.get("key") or f"demo:{refund['id']}",
        amount_minor=sum(share["amount_minor"] for share in refund["payments"]),
        shipping_minor=refund["shipping_minor"],
        lines=refund["lines"],
        payments=refund["payments"],
        created_at=datetime.fromisoformat(refund["created_at"]),
    )


def shipment_row(order: Order, parcel: Document) -> Shipment:
    return Shipment(
        order=order,
        tracking=parcel["tracking"],
        carrier=parcel["carrier"],
        lines=parcel["lines"],
        shipped_at=_moment(parcel["shipped_at"]),
        delivered_at=_moment(parcel["delivered_at"]),
    )
