"""What the chat's form is made of: the shopper's orders, what may be asked for each, and the choices of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.actions.pieces import left_for
from cs_portal.commerce.actions.promises import promises
from cs_portal.commerce.cards import OrderCard, card_json, order_card, title_in
from cs_portal.commerce.models import ActionKind, Order, OrderStatus, PaymentMethod, Product, Shopper
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.pictures import web_address
from cs_portal.commerce.selectors import orders_of, products_named
from cs_portal.core.errors import NotAllowed, NotFound
from cs_portal.drafting.asked_words import difference_words, reasons_of
from cs_portal.policies.selectors import live_version
from cs_portal.storefront.strings import form_strings

SHOWN_ORDERS = 10
_BEFORE_SHIPPING = (ActionKind.CANCEL, ActionKind.CHANGE_ADDRESS)
#: What makes sense to ask for an order in that state. Whether it is granted is the rules' business.
ACTIONS: Mapping[str, Sequence[str]] = {
    OrderStatus.PENDING: _BEFORE_SHIPPING,
    OrderStatus.PROCESSING: _BEFORE_SHIPPING,
    OrderStatus.SHIPPED: (ActionKind.REFUND,),
    OrderStatus.DELIVERED: (ActionKind.REFUND, ActionKind.RETURN, ActionKind.EXCHANGE),
}


def actions_of(card: OrderCard) -> list[str]:
    """What makes sense for the order as a whole, or for the pieces that are left of it."""
    return [action for action in ACTIONS.get(card.status, ()) if action in _BEFORE_SHIPPING or action in card.open_to]


def orders_json(*, shopper: Shopper, locale: str) -> dict[str, Any]:
    """The shopper's latest orders as cards. Nothing for who did not prove who they are."""
    if not shopper.is_identified:
        return {"identified": False, "orders": [], "words": form_strings()}
    orders = list(orders_of(shopper=shopper)[:SHOWN_ORDERS])
    products = _by_id(products_named(external_ids=[line.product for o in orders for line in o.lines.all()]))
    cards = [order_card(order, products=products) for order in orders]
    return {
        "identified": True,
        "words": form_strings(),
        "orders": [card_json(card) | {"actions": actions_of(card)} for card in cards],
    }


def order_form_json(*, order: Order, locale: str) -> dict[str, Any]:
    """The choices for one order: items, reasons by action, and the variants in stock that an item may become."""
    products = _by_id(products_named(external_ids=[line.product for line in order.lines.all()]))
    actions, held = actions_of(order_card(order, products=products)), promises(order).pieces
    return {
        "words": form_strings(),
        "number": order.number,
        "actions": actions,
        "lines": [
            {
                "id": line.external_id,
                "title": line.title,
                "options": _options(line.options),
                "image": web_address(products[line.product].image) if line.product in products else "",
                "left": {action: left_for(action, line, held) for action in actions},
                "variants": [
                    {
                        "id": variant.external_id,
                        "label": _options(variant.options) or title_in(variant.product, locale),
                        "difference": difference_words(variant.price_minor - line.unit_price_minor, order.currency),
                        "stock": variant.stock,
                    }
                    for variant in (products[line.product].variants.all() if line.product in products else ())
                    if variant.stock > 0 and variant.external_id != line.variant and variant.currency == order.currency
                ],
            }
            for line in order.lines.all()
        ],
        "reasons": {action: _choices(reasons_of(action)) for action in actions},
        "methods": _methods(order.shopper),
    }


def product_form_json(*, shopper: Shopper, product_id: str, locale: str) -> dict[str, Any]:
    """The choices for a new order of one product. Raises :class:`NotAllowed` for strangers, :class:`NotFound`."""
    if not shopper.is_identified:
        raise NotAllowed(_("Sign in to the shop and we can look up your orders for you."))
    product = Product.objects.filter(external_id=product_id, status="active").prefetch_related("variants").first()
    if product is None or not places_orders():
        raise NotFound
    return {
        "words": form_strings(),
        "id": product.external_id,
        "title": title_in(product, locale),
        "image": web_address(product.image),
        "variants": [
            {
                "id": variant.external_id,
                "label": _options(variant.options) or title_in(product, locale),
                "difference": format_minor(variant.price_minor, variant.currency),
                "stock": variant.stock,
            }
            for variant in product.variants.all()
            if variant.stock > 0
        ],
        "methods": _methods(shopper),
    }


def places_orders() -> bool:
    """Whether the merchant's rules say anything of new orders: without a word of theirs the chat offers none."""
    version = live_version()
    rules = version.document["rules"] if version is not None else []
    return any(ActionKind.PLACE_ORDER in rule["actions"] for rule in rules if rule["actions"] != "any")


def _methods(shopper: Shopper) -> list[dict[str, str]]:
    return [
        {"value": str(each["id"]), "label": str(PaymentMethod(each["method"]).label)}
        for each in shopper.payment_methods
        if each.get("id") and each.get("method") in PaymentMethod.values
    ]


def _choices(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


def _options(options: Mapping[str, Any]) -> str:
    return ", ".join(str(value) for value in options.values())


def _by_id(products: Any) -> dict[str, Product]:
    return {product.external_id: product for product in products}


__all__ = ["actions_of", "order_form_json", "orders_json", "places_orders", "product_form_json"]
