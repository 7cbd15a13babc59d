"""Carriers and payment methods by the names that shops and customers use for them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bots.types import Language

CARRIERS: Mapping[str, tuple[str, ...]] = {
    "sf": ("SF Express", "SF", "ShunFeng", "顺丰"),
    "jd": ("JD Logistics", "JD Express", "京东物流", "京东快递"),
    "zto": ("ZTO Express", "ZTO", "中通"),
    "yto": ("YTO Express", "YTO", "圆通"),
    "sto": ("STO Express", "STO", "申通"),
    "yunda": ("Yunda", "韵达"),
    "best": ("Best Express", "百世"),
    "jt": ("J&T Express", "J&T", "极兔"),
    "deppon": ("Deppon", "德邦"),
    "cainiao": ("Cainiao", "菜鸟"),
    "ems": ("EMS",),
    "china_post": ("China Post", "中国邮政", "邮政"),
    "ups": ("UPS",),
    "fedex": ("FedEx", "联邦快递"),
    "dhl": ("DHL", "敦豪"),
    "usps": ("USPS",),
    "royal_mail": ("Royal Mail",),
    "dpd": ("DPD",),
    "gls": ("GLS",),
    "hermes": ("Hermes", "Evri"),
    "yamato": ("Yamato", "黑猫"),
    "sagawa": ("Sagawa", "佐川"),
}

PAYMENT_METHODS: Mapping[str, tuple[str, ...]] = {
    "credit_card": ("credit card", "信用卡"),
    "debit_card": ("debit card", "借记卡", "储蓄卡"),
    "paypal": ("PayPal", "贝宝"),
    "gift_card": ("gift card", "礼品卡"),
    "wechat_pay": ("WeChat Pay", "WeChat", "微信支付", "微信"),
    "alipay": ("Alipay", "支付宝"),
    "bank_transfer": ("bank transfer", "银行转账", "银行卡"),
    "cash_on_delivery": ("cash on delivery", "货到付款"),
    "apple_pay": ("Apple Pay",),
    "google_pay": ("Google Pay",),
    "store_credit": ("store credit", "余额", "钱包"),
    "klarna": ("Klarna",),
}


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    parts = [
        rf"(?<![A-Za-z]){re.escape(name)}(?:s(?=\W|$))?(?![A-Za-z])" if name.isascii() else re.escape(name)
        for name in sorted(names, key=len, reverse=True)
    ]
    # Short codes such as SF are names in capitals only ("best" and "sf" are words).
    flags = 0 if any(name.isupper() for name in names) else re.IGNORECASE
    return re.compile("|".join(parts), flags)


_CARRIERS = {key: _pattern(names) for key, names in CARRIERS.items()}
_METHODS = {key: _pattern(names) for key, names in PAYMENT_METHODS.items()}


def carrier_name(carrier: str, language: Language) -> str:
    """The carrier's usual name in ``language``; as it is when it is not a known one."""
    for names in CARRIERS.values():
        if carrier.strip().casefold() in {name.casefold() for name in names}:
            return next((name for name in names if name.isascii() == (language == "en")), carrier)
    return carrier


def find_carriers(text: str) -> list[tuple[str, int, int]]:
    """``(key, start, end)`` of every carrier that ``text`` names."""
    return [(key, m.start(), m.end()) for key, pattern in _CARRIERS.items() for m in pattern.finditer(text)]


def find_payment_methods(text: str) -> list[tuple[str, int, int]]:
    """``(key, start, end)`` of every payment method that ``text`` names; keys are canonical where those exist."""
    return [(key, m.start(), m.end()) for key, pattern in _METHODS.items() for m in pattern.finditer(text)]
