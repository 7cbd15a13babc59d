"""Replies with one planted lie, each of which must be caught, and honest replies, each of which must pass."""

from __future__ import annotations

import pytest

from bots.guard.check import check
from bots.types import ComposeRequest, Violation
from tests.bots.requests import request, verdict

ALLOW = verdict("refund", "allow", refund_to=("wechat_pay",))
DENY = verdict("refund", "deny", reasons={"en": "It was delivered more than 7 days ago.", "zh-hans": "签收已超过7天。"})
ASK = verdict("refund", "ask", ask=("photo",))

LIES_EN = [
    ("order_number", "Your order #10534 was delivered on November 18."),
    ("order_number", "I can see order 20881 in your account."),
    ("order_number", "Order number 99999 is being prepared."),
    ("amount", "The total of your order is ¥68.00."),
    ("amount", "The total of your order is $86.00."),
    ("amount", "The lamp costs ¥1,259.00."),
    ("amount", "Shipping is 8 yuan."),
    ("amount", "Shipping costs fifteen dollars."),
    ("date", "Your order was delivered on November 17."),
    ("date", "It was delivered on 2026-11-19."),
    ("date", "It was delivered on Nov 8, 2026."),
    ("date", "It will arrive tomorrow."),
    ("date", "It will arrive on Friday."),
    ("date", "Your parcel gets there next week."),
    ("date", "You can return items within 14 days."),
    ("date", "You can return items within two weeks."),
    ("date", "Delivery takes 2-3 business days."),
    ("date", "Delivery takes 3-5 hours."),
    ("date", "We are open from 9:00 to 18:00."),
    ("date", "You have a year to return it."),
    ("number", "You ordered 3 mugs."),
    ("number", "There are seven pieces in the box."),
    ("number", "There is 20% off this week."),
    ("number", "Use the code SAVE20 at checkout."),
    ("number", "Your tracking number is SF1234567899."),
    ("number", "The lamp has 60 LEDs."),
    ("url", "You can track it at https://tracking.example/abc."),
    ("url", "See www.pine-shop.com for details."),
    ("url", "Go to https://shop.example/p/mug to order."),
    ("email", "Please write to support@pine.example."),
    ("email", "Contact refunds@other.example."),
    ("phone", "Call us at 400-820-8821."),
    ("phone", "Call +1 555 010 9999."),
    ("phone", "Our number is 13900139000."),
    ("product", "You might like our Camping Stove."),
    ("product", "The Alpine Explorer Tent would suit you."),
    ("product", "We ordered new Treking Poles for you."),
    ("product", "How about the camping stove?"),
    ("carrier", "Your parcel is with FedEx."),
    ("carrier", "It was handed to DHL."),
    ("payment_method", "The money went to your PayPal account."),
    ("promise", "We have refunded you in full."),
    ("promise", "We will refund you shortly."),
    ("promise", "Your refund has been processed."),
    ("promise", "You will receive a full refund."),
    ("promise", "I have cancelled your order."),
    ("promise", "Your order has been cancelled."),
    ("promise", "We have updated your address."),
    ("promise", "We are sending you a replacement."),
    ("promise", "We guarantee that it arrives in time."),
    ("promise", "We promise that this will not happen again."),
    ("promise", "We'll give you a voucher as an apology."),
    ("promise", "The new one is free of charge."),
    ("promise", "Your exchange has been approved."),
    ("language", "您好，您的订单已经签收。"),
    ("empty", "  \n "),
    ("empty", "12:30 — 7"),
    ("placeholder", "Hello [NAME_3], how can I help?"),
]
LIES_ZH = [
    ("order_number", "您的订单10534已经签收。"),
    ("order_number", "订单号：20881 正在备货。"),
    ("amount", "订单总额是68元。"),
    ("amount", "订单金额为 ¥860.00。"),
    ("amount", "运费八元。"),
    ("amount", "这盏灯只要二百元。"),
    ("amount", "一共是￥８７.００。"),
    ("amount", "运费是10美元。"),
    ("date", "您的订单于11月17日签收。"),
    ("date", "您的包裹明天送达。"),
    ("date", "包裹十二月一日到。"),
    ("date", "签收后7天内可以退货。"),
    ("date", "签收后十五天内可以退货。"),
    ("date", "一般两天就能到。"),
    ("date", "一般24小时送达。"),
    ("date", "客服时间是9点到18点。"),
    ("date", "周五能到。"),
    ("date", "下周就到了。"),
    ("number", "您买了三件商品。"),
    ("number", "盒子里有5个杯子。"),
    ("number", "现在下单打八折。"),
    ("number", "全场优惠20%。"),
    ("number", "快递单号是SF0987654321。"),
    ("number", "优惠码是VIP888。"),
    ("url", "请打开 https://kefu.example/x 查看。"),
    ("email", "请发邮件到 kefu@pine.example。"),
    ("phone", "请拨打 400-820-1234。"),
    ("phone", "请联系13911112222。"),
    ("product", "推荐您看看露营炉。"),
    ("product", "推荐您试试“星空帐篷”。"),
    ("product", "这款 Skyline Lantern 很受欢迎。"),
    ("carrier", "您的包裹由圆通派送。"),
    ("payment_method", "钱已经在您的信用卡里。"),
    ("promise", "已为您退款。"),
    ("promise", "我们会为您办理退款。"),
    ("promise", "退款已经原路退回。"),
    ("promise", "马上给您退款。"),
    ("promise", "已为您取消订单。"),
    ("promise", "您的收货地址已经修改好了。"),
    ("promise", "我们已为您补发。"),
    ("promise", "已为您安排换货。"),
    ("promise", "我们保证一定送到。"),
    ("promise", "我们会赔偿您的损失。"),
    ("promise", "我们免费送您一张优惠券。"),
    ("language", "Your order was delivered."),
    ("placeholder", "您好，[ORDER_9] 已经签收。"),
]
VERDICT_LIES = [
    ("promise", "en", DENY, "We will refund you shortly."),
    ("promise", "en", DENY, "Your refund has been approved."),
    ("promise", "en", ASK, "We have refunded the amount."),
    ("promise", "en", ALLOW, "Your order has been cancelled."),
    ("amount", "en", ALLOW, "We are refunding ¥96.00 to WeChat Pay."),
    ("payment_method", "en", ALLOW, "We are refunding ¥86.00 to PayPal."),
    ("polarity", "en", ALLOW, "Sorry, we cannot refund this order."),
    ("polarity", "en", ALLOW, "Your order is not eligible."),
    ("promise", "zh-hans", DENY, "我们会为您退款。"),
    ("promise", "zh-hans", ASK, "已为您办理退款。"),
    ("amount", "zh-hans", ALLOW, "我们已为您退款 ¥68.00。"),
    ("polarity", "zh-hans", ALLOW, "很抱歉，这笔订单无法退款。"),
]
TRUTHS_EN = [
    "Your order #10533 was delivered on November 18.",
    "Your order 10533 was delivered on 18 Nov.",
    "It was delivered on 2026-11-18.",
    "It was delivered on Nov. 18, 2026.",
    "Order number 10533 was placed on November 1.",
    "The total of your order is ¥86.00.",
    "The total of your order is 86 yuan.",
    "You paid CNY 86 in all.",
    "Each of them was ¥43.00.",
    "You ordered 2 mugs.",
    "You ordered two mugs.",
    "The tracking number is SF1234567890.",
    "SF Express delivered it.",
    "You can return most items within 30 days.",
    "You can return it within a month or rather 30 days, please ask before.".replace("a month or rather ", ""),
    "You have thirty days to return it.",
    "Delivery takes 3-5 business days.",
    "Delivery takes three to five business days.",
    "Delivery takes 3 to 5 working days.",
    "Orders over $50 ship free.",
    "Please write to help@pine.example.",
    "Please call 400-820-8820.",
    "The Reading Lamp is ¥259.00.",
    "You can find it at https://shop.example/p/lamp.",
    "The lamp has 8 watts.",
    "We have 12 of them.",
    "Order #10777 is being prepared.",
    "Your order with the Trekking Poles is being prepared.",
    "A refund of ¥10.00 was issued on November 22.",
    "Hello Anna, how can I help you today?",
    "I'm sorry to hear that.",
    "A colleague will look into it and reply here.",
    "We have not refunded this order.",
    "Would you like us to refund the order?",
    "Thank you for choosing Pine & Co!",
    "You paid with WeChat Pay.",
    "We cannot refund this order.",
    "Have a nice day!",
]
TRUTHS_ZH = [
    "您的订单10533已于11月18日签收。",
    "您的订单 10533 在十一月十八号签收。",
    "订单号：10533，下单时间11月1日。",
    "订单总额是86元。",
    "订单总额是￥８６.００。",
    "一共八十六元。",
    "每个四十三块。",
    "您买了两个马克杯。",
    "您买了2件。",
    "快递单号是SF1234567890。",
    "顺丰已签收。",
    "签收后30天内可以退货。",
    "签收后三十天内可以退货。",
    "一般3至5个工作日送达。",
    "一般三到五个工作日送达。",
    "满99元包邮。",
    "请写信至 help@pine.example。",
    "阅读灯的价格是 ¥259.00。",
    "商品链接：https://shop.example/p/lamp",
    "这款灯是8瓦的。",
    "订单10777正在备货。",
    "订单10777已于11月22日退款 ¥10.00。",
    "非常抱歉给您带来了不好的体验。",
    "我已转给同事，同事会在这里回复您。",
    "这笔订单暂时无法退款。",
    "请问需要我们为您办理退款吗？",
    "您用微信支付付的款。",
    "十分抱歉，一定尽快回复您。".replace("一定", ""),
    "请稍等一下，我帮您看看。",
    "祝您生活愉快！",
]
VERDICT_TRUTHS = [
    ("en", ALLOW, "We are refunding ¥86.00 for order #10533 to WeChat Pay."),
    ("en", ALLOW, "We have refunded ¥86.00."),
    ("en", ALLOW, "Your refund of 86 yuan has been processed."),
    ("en", DENY, "I'm sorry, but we cannot refund order #10533. It was delivered more than 7 days ago."),
    ("en", ASK, "Could you send us a photo?"),
    ("zh-hans", ALLOW, "已为您退款 ¥86.00，将退回至微信支付。"),
    ("zh-hans", ALLOW, "退款86元已原路退回。"),
    ("zh-hans", DENY, "很抱歉，签收已超过7天，无法为您办理退款。"),
    ("zh-hans", ASK, "麻烦您发一张照片。"),
]


def blocking(text: str, made: ComposeRequest) -> list[Violation]:
    """What makes a reply unusable; a sentence without evidence is only marked."""
    return [violation for violation in check(text, made) if violation.blocks]


@pytest.mark.parametrize(("kind", "text"), LIES_EN)
def test_an_english_lie_is_caught(kind: str, text: str) -> None:
    assert kind in {violation.kind for violation in check(text, request("en"))}


@pytest.mark.parametrize(("kind", "text"), LIES_ZH)
def test_a_chinese_lie_is_caught(kind: str, text: str) -> None:
    assert kind in {violation.kind for violation in check(text, request("zh-hans"))}


@pytest.mark.parametrize(("kind", "language", "decision", "text"), VERDICT_LIES)
def test_what_the_verdict_does_not_allow_is_caught(kind, language, decision, text) -> None:
    assert kind in {violation.kind for violation in check(text, request(language, verdict=decision))}


@pytest.mark.parametrize("text", TRUTHS_EN)
def test_an_honest_english_reply_passes(text: str) -> None:
    assert blocking(text, request("en")) == []


@pytest.mark.parametrize("text", TRUTHS_ZH)
def test_an_honest_chinese_reply_passes(text: str) -> None:
    assert blocking(text, request("zh-hans")) == []


@pytest.mark.parametrize(("language", "decision", "text"), VERDICT_TRUTHS)
def test_what_the_verdict_says_passes(language, decision, text) -> None:
    assert check(text, request(language, verdict=decision)) == ()


def test_the_tables_hold_what_they_promise() -> None:
    assert len(LIES_EN) + len(LIES_ZH) + len(VERDICT_LIES) >= 60
    assert len(TRUTHS_EN) + len(TRUTHS_ZH) + len(VERDICT_TRUTHS) >= 60
