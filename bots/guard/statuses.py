"""What a reply says of a parcel's way and of the stock, held against the orders and products."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from bots.expressions.folding import sentences
from bots.guard.evidence import own_orders
from bots.types import ComposeRequest, OrderFacts, ProductFacts

_AFTER_DELIVERY = {"delivered", "return_requested", "exchange_requested", "returned"}
_STILL_HERE = {"pending", "processing"}


def _is_shipped(order: OrderFacts) -> bool:
    return order.status in {"shipped", *_AFTER_DELIVERY} or order.shipped_at is not None or bool(order.shipments)


def _is_delivered(order: OrderFacts) -> bool:
    return (
        order.status in _AFTER_DELIVERY
        or order.delivered_at is not None
        or any(parcel.delivered_at for parcel in order.shipments)
    )


#: What is said, and of which order it is true. The first that fits a place is what is said there.
_OF_ORDERS: tuple[tuple[re.Pattern[str], Callable[[OrderFacts], bool]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), holds)
    for pattern, holds in (
        (
            r"(?:\bnot|n't|\bnever) (?:yet |been |even )*(?:shipped|dispatched|left|sent out)\b(?! back)"
            r"|\b(?:still|currently|being|now) (?:being )?(?:prepar\w+|pack\w+|process\w+ in)\b"
            r"|\bbeing (?:prepared|packed)\b"
            r"|\b(?:is|still) (?:in|at) our warehouse\b|\bawait\w* (?:dispatch|shipment)\b|\bpacking your\b"
            r"|(?:还没有?|尚未|没有|并未|暂未|未)(?:安排)?(?:发货|发出|寄出|出库)|(?:正在|还在|仍在|在)(?:为您|给您)?(?:备货|打包|配货|出库)|备货中|待发货",
            lambda order: order.status in _STILL_HERE,
        ),
        (
            r"(?:\bnot|n't|\bnever) (?:yet |been )*(?:delivered|arrived)\b|(?:还没有?|尚未|没有|并未"
            r"|未)(?:被)?(?:签收|送达|妥投|收到(?=包裹))",
            lambda order: not _is_delivered(order),
        ),
        (
            r"(?:\b(?:is|are|be|currently|still|now|already)|'s) (?:(?:currently|still|now"
            r"|already) )*(?:on (?:its|the|their) way(?! to (?:your|wechat|alipay|paypal|the card))"
            r"|in transit|out for delivery|on the road|travelling)\b"
            r"|在(?:路上|途中)|(?:派送|运输|配送)(?:途)?中|正在(?:派送|运输|配送)|(?:还|仍)在(?:派送|运输|配送|路上|送)|派件中",
            lambda order: _is_shipped(order) and not _is_delivered(order),
        ),
        (
            r"\b(?:has|have|was|were|been|already|'s|is)\s+(?:now |already |just |been "
            r"|successfully )*(?:delivered|arrived|handed over to you)\b"
            r"|(?:已经?|被|成功)(?:于[^。，]{0,12})?(?:签收|送达|妥投|送到|收货)|已送到|签收了|送达了"
            r"|\bdelivered to your\b",
            _is_delivered,
        ),
        (
            r"\b(?:has|have|was|been|already|just|now|is|we) (?:already |just |now |been )*(?:shipped"
            r"|dispatched|sent out)\b|\bhas left our\b"
            r"|已(?:经)?(?:于[^。，]{0,12})?(?:发货|发出|寄出|出库)|发货了",
            _is_shipped,
        ),
        (
            r"\border (?:#?\S+ )?(?:was|has been|is|got) (?:already )?cancell?ed\b|(?:订单|该单"
            r"|这单)(?:[^。，]{0,14})?(?:已经?被?|被)取消",
            lambda order: order.status == "cancelled",
        ),
        (
            r"\b(?:received|got) (?:back )?your return(?:ed)?\b|(?:已经?)?收到(?:了)?(?:您)?(?:的)?(?:退货|退回|寄回)",
            lambda order: order.status == "returned",
        ),
        (
            r"\bno refund (?:on record|has been|was)\b|(?:没有|未查到|查不到|暂无)(?:任何)?退款(?:记录)?(?!$)"
            r"|没有退过款",
            lambda order: not order.refunds,
        ),
        (r"(?:还没有?|尚未|没有)(?:寄回|退回来|收到(?:您)?(?:的)?退)", lambda order: order.status != "returned"),
    )
)
_DENIED = re.compile(r"\b(?:nothing|none|no \w+)\b", re.IGNORECASE)
_STOCK: tuple[tuple[re.Pattern[str], Callable[[ProductFacts], bool]], ...] = (
    (
        re.compile(
            r"\b(?:sold out|out of stock|(?:currently |is |are |be )?unavailable|not (?:in stock|available)"
            r"|no longer available"
            r"|isn't (?:in stock|available)|none left|back[- ]?order\w*|discontinued)\b"
            r"|缺货|售罄|卖完|卖光|没有?现?货|无货|断货|下架|补货中|库存不足",
            re.IGNORECASE,
        ),
        lambda product: product.stock <= 0,
    ),
    (
        re.compile(r"\b(?:in stock|available now|available right now)\b|有现?货|库存充足|现货", re.IGNORECASE),
        lambda product: product.stock > 0,
    ),
)
#: Clauses about something else than the parcel: money, what is sent instead, what holds for every order, what may be.
_OTHERWISE = re.compile(
    r"\b(?:refund|money|reimbursement|payment|amount|replacement|new one|another)\b|[¥$€£]\s?\d|\b(?:if|once"
    r"|when|after|as soon as|unless|until|before|"
    r"whether|any|every|orders|parcels|items|an order|a parcel|would have|invoice|asked for)\b"
    r"|如果|如需|一旦|若|的话|除非|之前|前(?:都|可)|发货的订单|退款|款项|(?<!收到您的)(?<!收到)钱|补发|收到[^，。]{0,12}[后再]|发票|发货后|签收后|收货后",
    re.IGNORECASE,
)


def find_wrong_statuses(text: str, request: ComposeRequest, carried_out: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Spans that say where an order or the stock stands, wrongly. ``carried_out``: actions that the verdict allows."""
    orders = own_orders(request)
    for start, end in sentences(text):
        if text[start:end].rstrip().endswith(("?", "？")):
            continue
        for from_, to in _parts(text, start, end):
            named = [order for order in orders if order.number in text[start:end]] or orders
            yield from _of_orders(text, from_, to, named, carried_out)
            yield from _of_stock(text, from_, to, request.products)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    from_ = start
    for match in re.finditer(r"[,;，；]|(?<=\s)[-–—]+(?=\s)|\bbut\b|\band\b|但", text[start:end]):
        yield from_, start + match.start()
        from_ = start + match.end()
    yield from_, end


def _of_orders(
    text: str, start: int, end: int, orders: Sequence[OrderFacts], carried_out: frozenset[str]
) -> Iterator[tuple[int, int]]:
    for pattern, holds in _OF_ORDERS:
        for match in pattern.finditer(text, start, end):
            about = text[start:end]
            if _OTHERWISE.search(about) and "no refund" not in about.lower() and "没有退款" not in about:
                continue
            if holds in (_is_shipped, _is_delivered) and _DENIED.search(text[start : match.start()]):
                continue
            if "cancel" in carried_out and re.search(r"cancel|取消", match.group()):
                continue
            if orders and not any(holds(order) for order in orders):
                yield match.span()
            return


def _of_stock(text: str, start: int, end: int, products: Sequence[ProductFacts]) -> Iterator[tuple[int, int]]:
    named = [p for p in products if any(title and title in text[start:end] for title in p.title.values())] or products
    for pattern, holds in _STOCK:
        for match in pattern.finditer(text, start, end):
            if named and not any(holds(product) for product in named):
                yield match.span()
            return
