"""What a shopper wants of a recommendation besides words: what it may cost, and what or whom it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bots.expressions.folding import fold
from bots.expressions.money import places
from cs_portal.commerce.models import Product

_SIGN = r"(?:(?:[¥$€£]|rmb|cny|usd|eur|gbp)\s?)?"
_UNIT = r"\s?(?:元|块钱?|人民币|yuan|rmb|cny|dollars?|usd|bucks|euros?|eur|pounds?|gbp|[¥$€£])"
_NO_PRICE = (
    r"\s?(?:%|cm|mm|ml|kg|[gl]\b|people|persons?|(?:working |business )?days?|weeks?|hours?|人|天|周|毫升|厘米|克)"
)
_DIGITS = rf"(\d[\d,]{{0,9}}(?:\.\d{{1,2}})?)(?!\d|\.\d|{_NO_PRICE})"
_NUMBER = rf"{_SIGN}{_DIGITS}(?:{_UNIT})?"
_BETWEEN = re.compile(
    rf"\b(?:between|from)\s+{_NUMBER}\s+(?:and|to)\s+{_NUMBER}"
    rf"|{_NUMBER}\s?(?:-|~|–|到|至)\s?{_SIGN}{_DIGITS}{_UNIT}",
    re.IGNORECASE,
)
_MOST = re.compile(
    rf"(?:\b(?:under|below|less than|at most|up to|max(?:imum)?(?: of)?|within|(?:no|not) more than|cheaper than"
    rf"|(?:my |a )?budget(?: is| of|:)?(?: about| around)?)"
    rf"|预算(?:是|在|大概|大约|只有|为)?|不(?:要)?超过|低于|不到|最多|少于)\s*{_NUMBER}"
    rf"|{_NUMBER}\s*(?:以内|以下|之内|内|(?:的)?预算|or less|or under|max\b|budget\b)",
    re.IGNORECASE,
)
_LEAST = re.compile(
    rf"(?:\b(?:over|above|more than|at least)|高于|超过|不低于|至少)\s*{_NUMBER}|{_NUMBER}\s*(?:以上|起|or more)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    rf"(?:\b(?:around|about|roughly)|大约|大概|约)\s*{_NUMBER}|{_NUMBER}\s*(?:左右|上下)", re.IGNORECASE
)
#: "About 100" may cost so much more.
_ABOUT_SHARE = Decimal("1.2")
_CHEAPER = re.compile(
    r"\b(?:cheaper|less expensive|lower[- ]priced|more affordable|(?:too|so|a bit|bit) (?:expensive|pricey|dear))\b"
    r"|便宜(?:一?[点些]|的)|更便宜|再便宜|太贵|有点贵|贵了",
    re.IGNORECASE,
)
_COMPANION = re.compile(
    r"\b(?:goes?|fits?|matche?s?|pairs?|combines?) (?:\w+ )?(?:with|to|together)\b|\bto (?:go|match|pair) with\b"
    r"|搭配|配(?:什么|哪|个)|(?:怎么|如何)[搭配]",
    re.IGNORECASE,
)
#: Needs that a tag of the catalogue names, by the words of shoppers.
_NEEDS: Mapping[str, re.Pattern[str]] = {
    tag: re.compile(pattern, re.IGNORECASE)
    for tag, pattern in {
        "gift": (
            r"\b(?:gifts?|presents?|birthday|anniversary|wedding|for (?:my |a |an |his |her )?(?:mother|mum|mom|father"
            r"|dad|parents|wife|husband|girlfriend|boyfriend|friend|colleague|teacher|boss|sister|brother|grand\w+))\b"
            r"|礼物|礼品|送礼|送(?:给|妈|爸|老|朋友|同事|女|男|长辈|人)|生日|给(?:我)?(?:妈|爸|父|母|老婆|老公|女友|男友)"
        ),
        "bestseller": r"\b(?:best ?-?sell\w*|most popular|favou?rites?)\b|爆款|热销|畅销|卖得(?:最)?好|最受欢迎",
        "caffeine-free": r"\b(?:caffeine[- ]free|no caffeine|decaf\w*|without caffeine)\b|无咖啡因|不含咖啡因",
    }.items()
}


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Prices in minor units, both ends included."""

    least_minor: int = 0
    most_minor: int | None = None

    def holds(self, minor: int) -> bool:
        return self.least_minor <= minor and (self.most_minor is None or minor <= self.most_minor)

    def __bool__(self) -> bool:
        return self.least_minor > 0 or self.most_minor is not None


def price_range(text: str, *, currency: str) -> PriceRange:
    """What ``text`` says that it may cost, in ``currency``. A bare number counts where a word makes it a price."""
    folded = fold(text)
    if (found := _numbers(_BETWEEN, folded, currency)) and len(found) == 2:
        return PriceRange(min(found), max(found))
    least, most = _numbers(_LEAST, folded, currency), _numbers(_MOST, folded, currency)
    if not least and not most and (about := _numbers(_ABOUT, folded, currency)):
        most = [int(about[0] * _ABOUT_SHARE)]
    if least and most and least == most:  # "no more than 100" holds "more than 100"
        least = []
    return PriceRange(least[0] if least else 0, most[0] if most else None)


def wants_cheaper(text: str) -> bool:
    return bool(_CHEAPER.search(fold(text)))


def wants_companion(text: str) -> bool:
    """Whether ``text`` asks what goes with a product: that product is no answer."""
    return bool(_COMPANION.search(fold(text)))


def needs(text: str) -> list[str]:
    """The tags of the catalogue that what ``text`` asks for should carry."""
    folded = fold(text)
    return [tag for tag, pattern in _NEEDS.items() if pattern.search(folded)]


def price_minor(product: Product) -> int | None:
    """From which price on it can be bought now; ``None`` when it cannot."""
    prices = [variant.price_minor for variant in product.variants.all() if variant.stock > 0]
    return min(prices) if prices else None


def within(products: Sequence[Product], prices: PriceRange) -> list[Product]:
    return [product for product in products if (price := price_minor(product)) is not None and prices.holds(price)]


def tagged(products: Sequence[Product], tags: Sequence[str]) -> list[Product]:
    """Those that carry every tag which any of them carries: a shop that tags no gifts has no gifts to leave out."""
    for tag in tags:
        carrying = [product for product in products if tag in (product.tags or ())]
        products = carrying or products
    return list(products)


def _numbers(pattern: re.Pattern[str], text: str, currency: str) -> list[int]:
    match = pattern.search(text)
    if match is None:
        return []
    scale = places(currency)
    return [int(Decimal(number.replace(",", "")).scaleb(scale)) for number in match.groups() if number]
