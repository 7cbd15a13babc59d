"""The facts of a situation as slots of a wording, rightly filled and wrongly.

A slot has a kind; :func:`wrong` gives a value of the same kind that the situation does not hold in that place,
under the label of the error that it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bench.guard.situations import Situation
from bots.expressions.money import format_amount
from bots.guard.names import carrier_name

_UNITS = {"CNY": ("yuan", "元"), "USD": ("dollars", "美元"), "EUR": ("euros", "欧元"), "GBP": ("pounds", "英镑")}
_METHODS = {
    "en": {
        "wechat_pay": "WeChat Pay",
        "alipay": "Alipay",
        "paypal": "PayPal",
        "credit_card": "credit card",
        "apple_pay": "Apple Pay",
        "klarna": "Klarna",
        "gift_card": "gift card",
    },
    "zh-hans": {
        "wechat_pay": "微信支付",
        "alipay": "支付宝",
        "credit_card": "信用卡",
        "paypal": "贝宝",
        "bank_transfer": "银行卡",
        "store_credit": "余额",
    },
}
_CARRIERS = {
    "en": ["SF Express", "UPS", "FedEx", "DHL", "Royal Mail", "DPD", "USPS", "Yunda", "Evri"],
    "zh-hans": ["顺丰", "圆通", "中通", "申通", "韵达", "京东物流", "德邦", "极兔", "邮政"],
}
_OPTIONS = {
    "en": ["navy blue", "black", "pink", "burgundy", "silver", "extra large", "beige", "striped"],
    "zh-hans": ["藏青色", "黑色", "粉色", "酒红色", "银色", "加大码", "条纹款", "天蓝色"],
}
_STRANGERS = ["Robert", "Helen", "Ahmed", "Patricia", "Kevin", "Sofia", "Gareth", "Yuki"]
_LOOKALIKES = "大小上下人天水火山石木林日月白黑红青高低长短东西南北中外前后左右新旧多少开关明暗冷热"


@dataclass(frozen=True, slots=True)
class Slot:
    """``minor`` and ``day`` stand for an amount of ``currency`` or a calendar day, ``text`` for everything else."""

    kind: str
    text: str = ""
    minor: int = 0
    currency: str = ""
    day: date | None = None


def slots_of(situation: Situation) -> dict[str, Slot]:
    """The slots of ``situation`` by the names that wordings use for them."""
    raw, language = situation.raw, situation.language
    slots = {"store": Slot("store", raw["store"]), "first": Slot("first", raw["personal"]["names"][0].split()[0])}
    slots |= {name: Slot(kind, text) for name, (kind, text) in raw.get("slots", {}).items()}
    order = raw.get("order")
    if order:
        title, _, _, option = order["lines"][0]
        slots |= {"number": Slot("order_number", order["number"]), "title": Slot("title", title)}
        slots |= {
            "option": Slot("option", option),
            "total": Slot("money", minor=order["total"], currency=order["currency"]),
        }
        slots["method"] = Slot("method", _METHODS[language][order["methods"][0]])
        slots |= {
            n: Slot("day", day=date.fromisoformat(order[n])) for n in ("placed", "shipped", "delivered") if n in order
        }
        if "tracking" in order:
            slots["tracking"] = Slot("tracking", order["tracking"])
            slots["carrier"] = Slot("carrier", carrier_name(order["carrier"], language))
        for amount, day in order.get("refunds", ()):
            slots["repaid"] = Slot("money", minor=amount, currency=order["currency"])
            slots["refunded"] = Slot("day", day=date.fromisoformat(day))
    verdict = raw.get("verdict", {})
    if verdict.get("amount"):
        slots["refund"] = Slot("money", minor=verdict["amount"], currency=verdict["currency"])
    for _, title, price, currency, _, url, _ in raw.get("products", ())[:1]:
        slots |= {"product": Slot("title", title), "price": Slot("money", minor=price, currency=currency)}
        slots["url"] = Slot("url", url)
    return slots


def worded(slot: Slot, language: str, rng: random.Random) -> str:
    """One of the ways in which the value is written."""
    if slot.kind == "money" and not slot.text:
        return rng.choice(list(_amounts(slot.minor, slot.currency, language)))
    if slot.day is not None:
        return rng.choice(list(_days(slot.day, language)))
    return slot.text


def wrong(slot: Slot, situation: Situation, rng: random.Random) -> tuple[str, str] | None:
    """An error's label and the wrong value in words; ``None`` for a slot that cannot be wrong."""
    language, raw = situation.language, situation.raw
    match slot.kind:
        case "money" if slot.text:
            return "amount", _other_digits(slot.text, rng)
        case "money":
            return _wrong_amount(slot, situation, rng)
        case "day":
            return _wrong_day(slot, situation, rng)
        case "duration" | "time":
            return "date", _other_digits(slot.text, rng)
        case "title" if rng.random() < 0.5:
            return "misspelt", _misspelt(slot.text, rng)
        case "title":
            return "product", rng.choice(raw["catalogue"])
        case "option":
            others = [option for option in _OPTIONS[language] if option not in slot.text]
            return "variant", rng.choice(others)
        case "carrier":
            return "carrier", rng.choice([each for each in _CARRIERS[language] if each != slot.text])
        case "method":
            said = str(raw)
            return "payment_method", rng.choice(
                [each for each in _METHODS[language].values() if each not in said and each != slot.text]
            )
        case "first":
            return "stranger", rng.choice(_STRANGERS)
        case "email" | "url":
            return slot.kind, _other_letter(slot.text, rng)
        case "order_number" | "tracking" | "phone" | "number":
            return slot.kind, _other_digits(slot.text, rng)
    return None


def _amounts(minor: int, currency: str, language: str) -> Iterator[str]:
    yield format_amount(minor, currency)
    english, chinese = _UNITS.get(currency, ("", ""))
    value = format_amount(minor, "XXX").removeprefix("XXX ")
    short = value.removesuffix(".00")
    if language == "zh-hans" and chinese:
        yield from (f"{short}{chinese}", f"{value}{chinese}")
    elif english:
        yield from (f"{short} {english}", f"{currency} {value}")


def _days(day: date, language: str) -> Iterator[str]:
    if language == "zh-hans":
        yield from (f"{day.month}月{day.day}日", f"{day.month}月{day.day}号", f"{day.year}年{day.month}月{day.day}日")
    else:
        yield from (f"{day:%B} {day.day}", f"{day.day} {day:%B}", f"{day:%b} {day.day}, {day.year}", day.isoformat())


def _wrong_amount(slot: Slot, situation: Situation, rng: random.Random) -> tuple[str, str]:
    raw, language = situation.raw, situation.language
    order = raw.get("order", {})
    own = {order.get("total"), *(line[2] for line in order.get("lines", ())), *(p[2] for p in raw.get("products", ()))}
    own |= {amount for amount, _ in order.get("refunds", ())} | {raw.get("verdict", {}).get("amount")}
    others = sorted(amount for amount in own if amount and amount != slot.minor)
    if others and rng.random() < 0.5:
        return "amount_role", worded(Slot("money", minor=rng.choice(others), currency=slot.currency), language, rng)
    if rng.random() < 0.25:
        currency = rng.choice([each for each in ("EUR", "GBP", "USD") if each != slot.currency])
        return "amount", worded(Slot("money", minor=slot.minor, currency=currency), language, rng)
    minor = slot.minor + rng.choice([-1000, 100, 500, 1000, 2000, 10000, slot.minor * 9])
    while minor in own or minor <= 0:
        minor += 700
    return "amount", worded(Slot("money", minor=minor, currency=slot.currency), language, rng)


def _wrong_day(slot: Slot, situation: Situation, rng: random.Random) -> tuple[str, str]:
    assert slot.day is not None
    order = situation.raw["order"]
    own = {date.fromisoformat(order[name]) for name in ("placed", "shipped", "delivered") if name in order}
    own |= {date.fromisoformat(day) for _, day in order.get("refunds", ())}
    others = sorted(own - {slot.day})
    if others and rng.random() < 0.5:
        return "date_role", worded(Slot("day", day=rng.choice(others)), situation.language, rng)
    day = slot.day + timedelta(rng.choice([-9, -4, -2, -1, 1, 3, 10, 30]))
    while day in own:
        day += timedelta(17)
    return "date", worded(Slot("day", day=day), situation.language, rng)


def _other_digits(text: str, rng: random.Random) -> str:
    at = rng.choice([index for index, char in enumerate(text) if char.isdigit()])
    digit = rng.choice(
        [each for each in "23456789" if each not in text] or [each for each in "23456789" if each != text[at]]
    )
    return text[:at] + digit + text[at + 1 :]


def _other_letter(text: str, rng: random.Random) -> str:
    at = rng.choice([index for index, char in enumerate(text) if char.isalpha() and index > 8])
    letter = rng.choice([each for each in "bdkmrtvz" if each != text[at]])
    return text[:at] + letter + text[at + 1 :]


def _misspelt(title: str, rng: random.Random) -> str:
    if not title.isascii():
        at = rng.randrange(len(title))
        return title[:at] + rng.choice([char for char in _LOOKALIKES if char not in title]) + title[at + 1 :]
    words = title.split()
    number = rng.choice([index for index, word in enumerate(words) if len(word) > 3] or [0])
    word, wrongly = words[number], words[number]
    while wrongly == word:
        at = rng.randrange(1, len(word) - 1)
        wrongly = rng.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + rng.choice("aeioulnrt") + word[at + 1 :],
            ]
        )
    return " ".join([*words[:number], wrongly, *words[number + 1 :]])
