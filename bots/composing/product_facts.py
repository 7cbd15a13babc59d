"""Sentences about products: price, stock, suggestions, where to order."""

from __future__ import annotations

from bots.composing.writer import ReplyWriter
from bots.expressions.money import format_amount
from bots.types import ComposeRequest, ProductFacts

_SUGGESTIONS = 3


def product_evidence(product: ProductFacts) -> str:
    return f"product:{product.id}"


def title_of(product: ProductFacts, request: ComposeRequest) -> str:
    """The title in the reply's language, or in the one there is."""
    return product.title.get(request.language) or next(iter(product.title.values()), "")


def meant_products(request: ComposeRequest) -> tuple[ProductFacts, ...]:
    """The products that the shopper named; all that were given when none was named."""
    named = set(request.understanding.values("product"))
    meant = tuple(product for product in request.products if named & {product.id, *product.title.values()})
    return meant or request.products


def say_suggestions(writer: ReplyWriter, request: ComposeRequest) -> bool:
    """What to look at, with prices; what costs more than the shopper wants to spend is said to. Cards carry links."""
    available = [product for product in request.products if product.stock > 0][:_SUGGESTIONS]
    limit = request.price_limit_minor
    if limit is None:
        if not available:
            return False
        writer.say("products_intro")
    else:
        within = [product for product in available if product.price_minor <= limit]
        key = "products_up_to" if within else "products_none_up_to" if available else "products_none"
        writer.say(key, amount=format_amount(limit, request.price_currency))
        available = within or available
    for product in available:
        price = format_amount(product.price_minor, product.currency)
        writer.item("product_item", product_evidence(product), title=title_of(product, request), price=price)
    return True


def say_stock(writer: ReplyWriter, request: ComposeRequest) -> bool:
    meant = meant_products(request)[:_SUGGESTIONS]
    for product in meant:
        key = "product_in_stock" if product.stock > 0 else "product_sold_out"
        writer.say(key, product_evidence(product), title=title_of(product, request))
    return bool(meant)


def say_details(writer: ReplyWriter, request: ComposeRequest, *, price: bool = True) -> bool:
    """Description and price of the product in question; nothing when it is not clear which one is meant.

    ``price`` is whether it was asked for: who wants to know what is in it is not told what it costs.
    """
    meant = meant_products(request)
    if len(meant) != 1:
        return False
    product = meant[0]
    description = product.description.get(request.language, "").strip()
    if description:
        writer.quote(description, product_evidence(product))
    if price:
        amount = format_amount(product.price_minor, product.currency)
        writer.say("product_price", product_evidence(product), title=title_of(product, request), price=amount)
    return price or bool(description)


def say_where_to_order(writer: ReplyWriter, request: ComposeRequest) -> bool:
    meant = meant_products(request)
    if len(meant) != 1:
        return False
    say_stock(writer, request)
    if meant[0].stock > 0 and meant[0].url:
        writer.say("order_here", product_evidence(meant[0]))
    return True
