"""The closed lists of the canonical JSON, with the words that a person reads in each language."""

from __future__ import annotations

from .text import Text

ACTIONS: dict[str, Text] = {
    "refund": Text("refund", "退款"),
    "return": Text("return", "退货"),
    "exchange": Text("exchange", "换货"),
    "cancel": Text("cancel", "取消订单"),
    "change_address": Text("change of address", "修改地址"),
    "change_items": Text("change of items", "修改商品"),
    "change_payment": Text("change of payment", "修改付款方式"),
    "resend": Text("resend", "补发"),
    "place_order": Text("new order", "下单"),
}

#: Actions that give the shopper's money back.
MONEY_BACK_ACTIONS = frozenset({"refund", "return", "cancel"})

REASONS: dict[str, Text] = {
    "no_longer_needed": Text("no longer needed", "不想要了"),
    "ordered_by_mistake": Text("ordered by mistake", "拍错了"),
    "damaged": Text("damaged", "商品破损"),
    "wrong_item": Text("wrong item", "发错商品"),
    "missing_item": Text("missing item", "少件漏发"),
    "not_as_described": Text("not as described", "与描述不符"),
    "does_not_fit": Text("does not fit", "尺码不合适"),
    "arrived_late": Text("arrived late", "送达延误"),
    "never_arrived": Text("never arrived", "一直未收到"),
    "better_price": Text("better price elsewhere", "价格更优惠"),
    "other": Text("other", "其他原因"),
}

STATUSES: dict[str, Text] = {
    "pending": Text("pending", "待处理"),
    "processing": Text("processing", "处理中"),
    "shipped": Text("shipped", "已发货"),
    "delivered": Text("delivered", "已签收"),
    "return_requested": Text("return requested", "已申请退货"),
    "exchange_requested": Text("exchange requested", "已申请换货"),
    "returned": Text("returned", "已退货"),
    "cancelled": Text("cancelled", "已取消"),
    "closed": Text("closed", "已关闭"),
}

PAYMENT_METHODS: dict[str, Text] = {
    "credit_card": Text("credit card", "信用卡"),
    "debit_card": Text("debit card", "借记卡"),
    "paypal": Text("PayPal", "PayPal"),
    "gift_card": Text("gift card", "礼品卡"),
    "wechat_pay": Text("WeChat Pay", "微信支付"),
    "alipay": Text("Alipay", "支付宝"),
    "bank_transfer": Text("bank transfer", "银行转账"),
    "cash_on_delivery": Text("cash on delivery", "货到付款"),
    "other": Text("other", "其他"),
}

OUTCOMES = ("allow", "deny", "escalate", "ask")
#: From the least to the most.
APPROVERS = ("autopilot", "operator", "admin")
APPROVER_NAMES: dict[str, Text] = {
    "autopilot": Text("autopilot", "自动回复"),
    "operator": Text("an operator", "客服"),
    "admin": Text("an admin", "管理员"),
}
