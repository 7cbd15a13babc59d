"""Order exports of Taobao and Tmall: one row per order, what was bought as one title with the number of pieces.

Files are GBK or UTF-8, some headers end in a space, ids come as ``="123…"`` or ``'123…``, and nothing as "null". Times
are Chinese, money is CNY. An order that was closed without a refund is cancelled, as one that was refunded whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.imports.reading import Row
from cs_portal.commerce.imports.sources.base import (
    SIGNS,
    Buyer,
    Converted,
    Extra,
    Settings,
    Source,
    cells_of,
    grouped_by,
    latest_of,
    minor_of,
    money,
    pieces_of,
)
from cs_portal.commerce.models import ImportKind, PaymentMethod

ZONE = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
_STATUSES = (
    ("交易成功", "delivered"),
    ("交易关闭", "cancelled"),
    ("已发货", "shipped"),
    ("部分发货", "processing"),
    ("等待卖家发货", "pending"),
    ("等待买家付款", "pending"),
)


def _orders(rows: Sequence[Row], settings: Settings) -> Converted:
    """Further rows of an order (one for each parcel, say) repeat it; the first one counts."""
    row = rows[0]
    cells = cells_of(row)
    buyer = Buyer(
        id=cells.get("买家会员名", "")[:64],
        name=cells.get("买家会员名", "")[:120],
        phone=(cells.get("联系手机") or cells.get("联系电话", ""))[:40],
        locale="zh-hans",
    )
    order = {
        "number": cells.get("订单编号", ""),
        "shopper": buyer.id,
        "storefront": cells.get("店铺名称", "")[:50],
        "currency": CURRENCY,
        **_state(cells),
        **_line_and_payment(cells),
        "address_name": cells.get("收货人姓名", "")[:200],
        "address_line1": cells.get("收货地址", "")[:200],
        "address_country": "CN" if cells.get("收货地址") else "",
        "address_phone": (cells.get("联系手机") or cells.get("联系电话", ""))[:200],
        "note": cells.get("买家留言", "")[:4000],
        **_shipment(cells),
    }
    refunded = minor_of(cells.get("退款金额", "") or "0", CURRENCY) or 0
    extra = Extra(buyer, max(0, refunded), _latest(cells), by_variant=True)
    return Converted([Row(row.line, order, row.broken, row.unstorable)], extra)


def _state(cells: Mapping[str, str]) -> dict[str, str]:
    text = cells.get("订单状态", "")
    status = next((ours for theirs, ours in _STATUSES if theirs in text), text)
    received = _moment(cells.get("确认收货时间", ""))
    return {
        "status": status,
        "placed_at": _moment(cells.get("订单创建时间", "")),
        "paid_at": _moment(cells.get("订单付款时间", "")),
        "shipped_at": _moment(cells.get("发货时间", "")),
        "delivered_at": received if status == "delivered" else "",
    }


def _line_and_payment(cells: Mapping[str, str]) -> dict[str, str]:
    """All pieces are one line, whose price per piece is rounded up, the rest being its discount. What was paid in
    points or vouchers is a discount of the order."""
    goods_text, pieces = cells.get("买家应付货款", ""), cells.get("宝贝总数量", "") or "1"
    goods, paid = (
        minor_of(goods_text.strip(SIGNS), CURRENCY),
        minor_of(cells.get("买家实际支付金额", "") or "0", CURRENCY),
    )
    postage = minor_of(cells.get("买家应付邮费", "") or "0", CURRENCY)
    title = cells.get("宝贝标题", "")
    variant = (cells.get("商家编码") or title)[:64]
    found = {
        "line_id": "l-1",
        "line_product": variant,
        "line_variant": variant,
        "line_title": title[:200],
        "line_quantity": pieces,
        **money("shipping_minor", cells.get("买家应付邮费", ""), CURRENCY),
    }
    count = pieces_of(pieces)
    if goods is None or not count:
        found |= {"line_unit_price": goods_text} if goods is None else {"line_unit_price_minor": str(goods)}
    else:
        price = -(-goods // count)
        found |= {"line_unit_price_minor": str(price), "line_discount_minor": str(price * count - goods)}
    paid_at = _moment(cells.get("订单付款时间", ""))
    if paid is None:
        return found | {"payment_id": "p-1", "payment_amount": cells.get("买家实际支付金额", "")}
    if paid_at and paid > 0:
        found |= {
            "payment_id": "p-1",
            "payment_method": PaymentMethod.ALIPAY,
            "payment_amount_minor": str(paid),
            "payment_captured_at": paid_at,
        }
        if goods is not None and postage is not None:
            found["discount_minor"] = str(max(0, goods + postage - paid))
    return found


def _shipment(cells: Mapping[str, str]) -> dict[str, str]:
    tracking = cells.get("物流单号", "").removeprefix("No:").strip()
    if not tracking:
        return {}
    return {
        "shipment_tracking": tracking[:64],
        "shipment_carrier": cells.get("物流公司", "")[:60],
        "shipment_lines": "l-1",
        "shipment_shipped_at": _moment(cells.get("发货时间", "")),
    }


def _moment(text: str) -> str:
    """``2026-11-01 10:00:00``, by Chinese clocks."""
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return text
    return at.replace(tzinfo=ZONE).isoformat() if at.tzinfo is None else text


def _latest(cells: Mapping[str, str]) -> datetime | None:
    names = ("订单创建时间", "订单付款时间", "发货时间", "确认收货时间")
    return latest_of(_moment(cells.get(name, "")) for name in names)


ORDERS = Source(
    name="taobao_orders",
    kind=ImportKind.ORDERS,
    label=_("Taobao or Tmall orders"),
    signature=frozenset({"订单编号", "买家会员名", "订单状态", "订单创建时间"}),
    group=grouped_by("订单编号"),
    convert=_orders,
    names={
        "number": "订单编号",
        "shopper": "买家会员名",
        "storefront": "店铺名称",
        "status": "订单状态",
        "placed_at": "订单创建时间",
        "paid_at": "订单付款时间",
        "shipped_at": "发货时间",
        "delivered_at": "确认收货时间",
        "shipping_minor": "买家应付邮费",
        "shipping": "买家应付邮费",
        "line_title": "宝贝标题",
        "line_product": "宝贝标题",
        "line_variant": "宝贝标题",
        "line_quantity": "宝贝总数量",
        "line_unit_price_minor": "买家应付货款",
        "line_unit_price": "买家应付货款",
        "payment_amount_minor": "买家实际支付金额",
        "payment_amount": "买家实际支付金额",
        "payment_captured_at": "订单付款时间",
        "shipment_tracking": "物流单号",
        "address_line1": "收货地址",
    },
)
