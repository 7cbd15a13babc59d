"""The words of which rules are made when they are read as sentences (`sentences.py`)."""

from __future__ import annotations

from .phrase import AND, OR
from .text import Text

#: What a shopper asks for, as a noun that fits after "asks for".
ASKED_ACTIONS: dict[str, Text] = {
    "refund": Text("a refund", "退款"),
    "return": Text("a return", "退货"),
    "exchange": Text("an exchange", "换货"),
    "cancel": Text("a cancellation", "取消订单"),
    "change_address": Text("a change of address", "修改地址"),
    "change_items": Text("a change of items", "修改商品"),
    "change_payment": Text("a change of payment", "修改付款方式"),
    "resend": Text("a resend", "补发"),
    "place_order": Text("a new order", "下单"),
}
#: Things that a rule may ask the shopper for first; merchants may name others.
ASKED_FOR: dict[str, Text] = {
    "photo": Text("a photo", "照片"),
    "reason": Text("the reason", "原因"),
    "lines": Text("which items", "涉及的商品"),
    "confirmation": Text("a confirmation", "确认"),
    "address": Text("the new address", "新地址"),
    "payment_method": Text("the payment method", "付款方式"),
    "receipt": Text("the receipt", "收据"),
    "original_packaging": Text("the original packaging", "原包装"),
}
APPROVER_WORDS: dict[str, Text] = {
    "autopilot": Text("may go out without review", "可自动发送，无需审核"),
    "operator": Text("an operator approves", "由客服批准"),
    "admin": Text("an admin approves", "由管理员批准"),
}
AT_LEAST_WORDS: dict[str, Text] = {
    "operator": Text("at least an operator approves", "至少由客服批准"),
    "admin": Text("always an admin approves", "始终由管理员批准"),
}
SHIPPING_WORDS: dict[str, Text] = {
    "kept": Text("without the shipping fee", "不退运费"),
    "refunded": Text("with the shipping fee", "并退运费"),
}
OUTCOMES: dict[str, Text] = {
    "allow": Text("allow it", "同意"),
    "deny": Text("refuse", "拒绝"),
    "escalate": Text("a person decides", "转人工判断"),
}
#: Subjects of sentences where the label alone would not read as one.
SUBJECTS: dict[str, Text] = {
    "request.reason": Text("the reason", "原因"),
    "request.amount_minor": Text("the amount asked for", "申请金额"),
    "request.refundable_minor": Text("what the items can give back", "所选商品可退金额"),
    "request.evidence": Text("the attachments", "凭证"),
    "request.country": Text("the country of the new address", "新地址所在国家或地区"),
    "request.weekday": Text("today", "今天"),
    "request.hour": Text("the hour of the day", "当前小时"),
    "lines.quantity": Text("the number of pieces", "涉及件数"),
    "lines.count": Text("the number of items", "涉及商品行数"),
    "lines.highest_price_minor": Text("the highest price of a piece", "最高单价"),
    "lines.variants": Text("the variants", "商品规格"),
    "lines.tags": Text("the tags of the items", "商品行标签"),
    "lines.products": Text("the products", "商品"),
    "lines.categories": Text("the product categories", "商品类目"),
    "lines.product_tags": Text("the product tags", "商品标签"),
    "order.status": Text("the order status", "订单状态"),
    "order.storefront": Text("the storefront", "店铺站点"),
    "order.currency": Text("the currency", "币种"),
    "order.country": Text("the country of delivery", "收货国家或地区"),
    "order.days_in_transit": Text("the days in transit", "运输天数"),
    "order.total_minor": Text("the order total", "订单总额"),
    "order.shipping_minor": Text("the shipping fee", "运费"),
    "order.refunds_count": Text("the number of refunds of the order so far", "该订单已退款次数"),
    "order.shipped_on": Text("the day of shipping", "发货日期"),
    "order.delivered_on": Text("the day of delivery", "签收日期"),
    "order.paid_minor": Text("the amount paid", "已付金额"),
    "order.refunded_minor": Text("the amount refunded so far", "已退金额"),
    "order.refundable_minor": Text("the amount still refundable", "可退金额"),
    "order.payment_methods": Text("the payment methods", "付款方式"),
    "shopper.orders_count": Text("the shopper's number of orders", "顾客历史订单数"),
    "shopper.refunds_90_days": Text("the shopper's refunds in 90 days", "顾客近 90 天退款次数"),
    "shopper.refund_rate_percent": Text("the shopper's refund rate (%)", "顾客退款率（%）"),
    "shopper.lifetime_value_minor": Text("what the shopper spent so far", "顾客累计消费"),
    "shopper.days_since_joined": Text("the days since the shopper's account was made", "顾客注册天数"),
    "shopper.risk_flags": Text("the shopper's risk flags", "顾客风险标记"),
    "shopper.locale": Text("the shopper's language", "顾客语言"),
    "shopper.tags": Text("the shopper's tags", "顾客标签"),
    "wanted.price_difference_minor": Text("the price difference", "差价"),
    "wanted.stock": Text("the stock of the wanted variant", "目标规格库存"),
    "payment.method": Text("the payment method", "付款方式"),
}
#: Words for values that are no closed list to the engine but that every shop has.
VALUE_WORDS: dict[str, dict[str, Text]] = {
    "request.evidence": {
        "photo": Text("a photo", "照片"),
        "video": Text("a video", "视频"),
        "receipt": Text("a receipt", "收据"),
        "original_packaging": Text("the original packaging", "原包装"),
    },
    "shopper.locale": {"en": Text("English", "英语"), "zh-hans": Text("Chinese", "中文")},
}
#: What a person calls a fact where the label of a trace would not say it alone.
FACT_LABELS: dict[str, Text] = {
    "request.reason": Text("reason given", "申请原因"),
    "request.evidence": Text("attachments", "凭证"),
    "request.photo": Text("photo", "照片凭证"),
    "request.confirmed": Text("confirmation by the shopper", "顾客确认"),
    "request.action_already_used": Text("asked for on this order before", "该订单是否办理过"),
    "request.hour": Text("hour of the day", "当前小时"),
    "lines.quantity": Text("number of pieces", "涉及件数"),
    "lines.any_final_sale": Text("final sale", "不退不换商品"),
    "lines.any_consumable": Text("consumables", "消耗品"),
    "lines.tags": Text("tags of the order's items", "商品行标签"),
    "order.items_modified": Text("items changed before", "商品是否修改过"),
    "request.amount_named": Text("amount", "是否指明金额"),
    "request.exceeds_refundable": Text("more than can be given back", "是否超过可退金额"),
    "request.address_given": Text("new address", "新地址"),
    "request.changes_country": Text("another country", "是否跨国家或地区"),
    "lines.named": Text("named by the shopper", "是否指明商品"),
    "lines.whole_order": Text("the whole order", "是否整单"),
    "lines.any_refunded": Text("refunded before", "是否退过款"),
    "order.shipped": Text("shipping", "是否发货"),
    "order.delivered": Text("delivery", "是否签收"),
    "shopper.orders_count": Text("orders so far", "历史订单数"),
    "shopper.refund_rate_percent": Text("refund rate", "退款率"),
    "shopper.lifetime_value_minor": Text("spent so far", "累计消费"),
    "shopper.tags": Text("tags of the shopper", "顾客标签"),
    "shopper.identified": Text("identified or anonymous", "身份是否已确认"),
    "shopper.flagged": Text("any risk flag", "是否有风险标记"),
    "wanted.same_product": Text("same product", "是否同一商品"),
    "wanted.differs": Text("different from the one ordered", "与原规格是否不同"),
    "wanted.in_stock": Text("enough in stock", "是否有货"),
    "wanted.stock": Text("stock", "库存"),
    "wanted.named": Text("named for every item", "是否都已指明"),
    "payment.named": Text("named by the shopper", "是否已指明"),
    "payment.method": Text("kind", "类型"),
    "payment.is_original": Text("original payment method", "是否原付款方式"),
    "payment.is_gift_card": Text("gift card", "是否礼品卡"),
    "payment.is_shoppers": Text("whose it is", "是否属于该顾客"),
    "payment.covers_difference": Text("covers the price difference", "是否足够支付差价"),
    "payment.covers_total": Text("covers the whole order", "是否足够支付整单"),
}
PLURAL = frozenset({"order.days_in_transit", "shopper.days_since_joined", "shopper.refunds_90_days"})

CLAUSES: dict[str, Text] = {
    "is": Text("{} is {}", "{}为{}"),
    "is_not": Text("{} is not {}", "{}不为{}"),
    "in": Text("{} is {}", "{}为{}"),
    "not_in": Text("{} is not {}", "{}不为{}"),
    "at_most": Text("{} is at most {}", "{}不超过 {}"),
    "more_than": Text("{} is more than {}", "{}超过 {}"),
    "at_least": Text("{} is at least {}", "{}不少于 {}"),
    "less_than": Text("{} is less than {}", "{}少于 {}"),
    "between": Text("{} is from {} to {}", "{}在 {} 至 {} 之间"),
    "outside": Text("{} is less than {} or more than {}", "{}少于 {} 或超过 {}"),
    "has_any": Text("{} include {}", "{}包含{}"),
    "has_none": Text("{} do not include {}", "{}不含{}"),
    "has_all": Text("{} include {}", "{}同时包含{}"),
    "lacks_any": Text("{} do not include all of {}", "{}未同时包含{}"),
}
DAYS_CLAUSES: dict[str, Text] = {
    "is": Text("the order was {} exactly {} ago", "{}恰好 {}"),
    "is_not": Text("the order was {} on another day than {} ago", "{}不是恰好 {}"),
    "at_most": Text("the order was {} at most {} ago", "{}不超过 {}"),
    "more_than": Text("the order was {} more than {} ago", "{}超过 {}"),
    "at_least": Text("the order was {} at least {} ago", "{}至少 {}"),
    "less_than": Text("the order was {} less than {} ago", "{}不到 {}"),
    "between": Text("the order was {} {} to {} ago", "{} {} 至 {}"),
    "outside": Text("the order was {} less than {} or more than {} ago", "{}不到 {}或超过 {}"),
}
UNITS = {"day": Text("day", " 天"), "hour": Text("hour", " 小时")}
JOINED_BY = {"in": OR, "not_in": OR, "has_any": OR, "has_none": OR, "has_all": AND, "lacks_any": AND}
