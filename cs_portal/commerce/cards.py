"""Cards: references to products and orders, and what a reader is shown of them at this moment.

A reference is ``{"kind": "product", "id": "p-9"}``, with ``"variant"`` where one is meant, or
``{"kind": "order", "number": "10533"}``. Ids are the shop's own. What no longer exists, and an order that is not the
conversation's own shopper's, is left out when a card is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from cs_portal.commerce.actions.pieces import left_for
from cs_portal.commerce.models import ActionKind, Order, OrderStatus, Product, Shopper, Variant
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.pictures import web_address
from cs_portal.commerce.selectors import total_minor
from cs_portal.core.bidi import without_controls
from cs_portal.core.errors import Invalid

#: More cards under one reply are a catalogue.
MAX_CARDS = 6
Reference = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProductCard:
    """``price`` is worded; ``row`` is the product's public id, for the console's own links. ``variant`` is the one that
    is meant, or the only one there is."""

    id: str
    title: str
    image: str
    price: str
    url: str
    in_stock: bool
    row: UUID
    variant: str = ""
    kind: str = "product"


@dataclass(frozen=True, slots=True)
class CardLine:
    title: str
    quantity: int
    image: str


@dataclass(frozen=True, slots=True)
class OrderCard:
    """``open_to`` are the kinds of actions on items that there is still a piece for."""

    number: str
    status: str
    status_text: str
    placed_at: datetime
    total: str
    lines: tuple[CardLine, ...]
    tracking: tuple[tuple[str, str], ...]
    row: UUID
    open_to: frozenset[str]
    kind: str = "order"


Card = ProductCard | OrderCard


def resolve_cards(cards: Sequence[Reference], *, locale: str, shopper: Shopper | None) -> list[Card]:
    """What ``cards`` show to ``shopper`` in ``locale``; their order is kept, what may not be shown is left out."""
    return resolve_many([cards], locale=locale, shopper=shopper)[0]


def resolve_many(lists: Sequence[Sequence[Reference]], *, locale: str, shopper: Shopper | None) -> list[list[Card]]:
    """:func:`resolve_cards` of many messages of one conversation, in a constant number of queries."""
    references = [reference for cards in lists for reference in cards]
    orders = _orders(references, shopper)
    titles = {line.product for order in orders.values() for line in order.lines.all()}
    products = _products({str(r.get("id")) for r in references if r.get("kind") == "product"} | titles)
    with translation.override(locale):
        return [
            [card for r in cards if (card := _card(r, products=products, orders=orders, locale=locale)) is not None]
            for cards in lists
        ]


def card_json(card: Card) -> dict[str, Any]:
    """A card as the chat receives it."""
    if isinstance(card, ProductCard):
        return {
            "kind": "product",
            "id": card.id,
            "title": card.title,
            "image": card.image,
            "price": card.price,
            "url": card.url,
            "variant": card.variant,
            "in_stock": card.in_stock,
        }
    return {
        "kind": "order",
        "number": card.number,
        "status": card.status,
        "status_text": card.status_text,
        "placed_at": card.placed_at.isoformat(),
        "total": card.total,
        "lines": [{"title": line.title, "quantity": line.quantity, "image": line.image} for line in card.lines],
        "tracking": [{"carrier": carrier, "number": number} for carrier, number in card.tracking],
    }


def product_card(product: Product, *, locale: str, variant: str = "") -> ProductCard:
    """The active language words the price. ``product`` comes with its variants prefetched."""
    variants = list(product.variants.all())
    meant = [each for each in variants if each.external_id == variant] or variants
    return ProductCard(
        id=product.external_id,
        title=title_in(product, locale),
        image=web_address(product.image),
        price=price_of(meant),
        url=web_address(product.url),
        in_stock=product.status == "active" and any(each.stock > 0 for each in meant),
        row=product.public_id,
        variant=meant[0].external_id if len(meant) == 1 else "",
    )


def title_in(product: Product, locale: str) -> str:
    """The title in ``locale``, else the one there is."""
    first, second = without_controls(product.title_en), without_controls(product.title_zh)
    if locale == "zh-hans":
        first, second = second, first
    return first or second or product.external_id


def price_of(variants: Sequence[Variant]) -> str:
    """The price, or from which price on where variants differ; empty without a variant."""
    if not variants:
        return ""
    cheapest = min(variants, key=lambda each: each.price_minor)
    price = format_minor(cheapest.price_minor, cheapest.currency)
    if any(each.price_minor != cheapest.price_minor for each in variants):
        return _("from %(price)s") % {"price": price}
    return price


def references_from(texts: Iterable[str], *, shopper: Shopper) -> list[dict[str, str]]:
    """Card references from what a form sent, ``product:p-9`` or ``order:10533``; each must be one of this merchant's,
    an order one of ``shopper``'s. Raises :class:`Invalid`."""
    found: list[dict[str, str]] = []
    for text in dict.fromkeys(texts):
        kind, _colon, key = text.partition(":")
        if kind == "product" and Product.objects.filter(external_id=key).exists():
            found.append({"kind": "product", "id": key})
        elif kind == "order" and Order.objects.filter(number=key, shopper=shopper).exists():
            found.append({"kind": "order", "number": key})
        else:
            raise Invalid(_("One of the cards is not available any more. Remove it and try again."), field="cards")
    if len(found) > MAX_CARDS:
        raise Invalid(_("At most %(limit)s cards go with one reply.") % {"limit": MAX_CARDS}, field="cards")
    return found


def reference_text(reference: Reference) -> str:
    """A reference as forms carry it; the inverse of :func:`references_from`."""
    return f"order:{reference['number']}" if reference.get("kind") == "order" else f"product:{reference.get('id', '')}"


def _card(
    reference: Reference, *, products: Mapping[str, Product], orders: Mapping[str, Order], locale: str
) -> Card | None:
    if reference.get("kind") == "product" and (product := products.get(str(reference.get("id")))):
        return product_card(product, locale=locale, variant=str(reference.get("variant") or ""))
    if reference.get("kind") == "order" and (order := orders.get(str(reference.get("number")))):
        return order_card(order, products=products)
    return None


def order_card(order: Order, *, products: Mapping[str, Product]) -> OrderCard:
    """The active language words the status. ``products`` by id bring the pictures of the lines."""
    return OrderCard(
        number=order.number,
        status=order.status,
        status_text=str(OrderStatus(order.status).label),
        placed_at=order.placed_at,
        total=_total(order),
        lines=tuple(
            CardLine(
                line.title,
                line.quantity,
                web_address(products[line.product].image) if line.product in products else "",
            )
            for line in order.lines.all()
        ),
        tracking=tuple((parcel.carrier, parcel.tracking) for parcel in order.shipments.all() if parcel.tracking),
        row=order.public_id,
        open_to=_open_to(order),
    )


def _open_to(order: Order) -> frozenset[str]:
    """Nothing while a return is under way: what it holds would take a query for each card."""
    if order.status == OrderStatus.RETURN_REQUESTED:
        return frozenset()
    held = {line.external_id: line.exchanged_quantity for line in order.lines.all()}
    kinds = (ActionKind.REFUND, ActionKind.RETURN, ActionKind.EXCHANGE)
    return frozenset(str(kind) for kind in kinds if any(left_for(kind, line, held) for line in order.lines.all()))


def _total(order: Order) -> str:
    total = format_minor(total_minor(order), order.currency)
    if not order.refunded_minor:
        return total
    return _("%(total)s (%(back)s refunded)") % {
        "total": total,
        "back": format_minor(order.refunded_minor, order.currency),
    }


def _orders(references: Sequence[Reference], shopper: Shopper | None) -> dict[str, Order]:
    numbers = {str(r.get("number")) for r in references if r.get("kind") == "order"}
    if not numbers or shopper is None or not shopper.is_identified:
        return {}
    rows = Order.objects.filter(shopper=shopper, number__in=numbers).prefetch_related("lines", "shipments")
    return {order.number: order for order in rows}


def _products(ids: set[str]) -> dict[str, Product]:
    if not ids:
        return {}
    rows = Product.objects.filter(external_id__in=ids).prefetch_related("variants")
    return {product.external_id: product for product in rows}
