"""Entities of one message: what was named, normalised, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from rapidfuzz import fuzz

from bots.expressions.dates import find_dates
from bots.expressions.folding import CJK, fold
from bots.expressions.money import AmountMention, find_amounts, places
from bots.expressions.numerals import CJK_NUMERALS, DIGITS, ENGLISH_WORDS, parse_quantity
from bots.types import Entity, Language, ProductFacts
from bots.understanding.actions import REASONS
from bots.understanding.order_numbers import find_others, find_own

_TRACKING = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,4}\d{8,20}(?:[A-Z]{2})?(?![A-Za-z0-9])")
#: "一个月", "一个问题" count no goods.
_COUNTERS = (
    "个(?!多?月|星期|礼拜|小时|钟|工作日|人|问题|地址|订单)|件(?!事)"
    "|双|只|套|条|张|份|本|款|瓶|盒|台|把|顶|盏|包|箱|块(?!钱)"
)
_QUANTITY = re.compile(
    rf"(?P<zh>\d{{1,3}}|{CJK_NUMERALS})\s?(?:{_COUNTERS})|(?<![\d.#$¥€£])(?P<en>\d{{1,3}}"
    rf"|\b{ENGLISH_WORDS})\s?(?:x\b|pcs\b|pieces?\b|of\b|items?\b|pairs?\b|sets?\b"
    r"|(?!days?|weeks?|months?|hours?|minutes?|years?|yuan|dollars?|euros?|pounds?|bucks|business|working"
    r"|am\b|pm\b|cm|kg|mm|times?|st\b|nd\b|th\b)[a-z]{3,}s\b)",
    re.IGNORECASE | re.ASCII,
)
_ADDRESS = re.compile(
    r"(?:(?:new|correct|right) (?:delivery |shipping )?address(?: is)?\s*[:]?\s+"
    r"|\baddress\b[^.:?!\n]{0,30}?(?:\bto\b|\bis\b|:)\s*|\baddress\b[^?\n]{0,40}?\bshould (?:be|read)\s*"
    r"|\b(?:ship|send|deliver|redirect) (?:it|this|my order|my parcel|my package|the parcel|order \S+"
    r"|#?[A-Z]{0,5}-?\d{3,20}|them)? ?to\s*:?\s*)"
    r"(?P<en>[^?!\n]*\d[^?!\n]*|[^?!\n]*\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|square|court)\b[^?!\n]*)"
    r"|(?:地址|收货信息|收件信息)?(?:改(?:成|为|到)|换(?:成|到|为)|更新(?:为|成)|修改(?:为|成)|应该是"
    r"|新地址(?:是)?|地址(?:是)?[::]|改寄|寄到|送到)\s*[::]?\s*"
    r"(?P<zh>[^。!?\n]{2,30}?(?:省|市|区|县|镇|路|街|道|号|室|楼|栋|村|弄|座)[^。!?\n]{0,60})",
    re.IGNORECASE | re.ASCII,
)
_TRAILING = re.compile(
    r"\s*(?:,?\s*(?:please|pls|thanks|thank you|thx|instead)[.\s]*|[,，]?(?:谢谢|麻烦了|可以吗|行吗|好吗|吧))+$",
    re.IGNORECASE | re.ASCII,
)
_PRODUCT_SCORE = 82
_MIN_TITLE = 2


def find_entities(
    text: str,
    *,
    language: Language,
    products: Sequence[ProductFacts],
    today: date,
    currency: str | None = None,
    order_numbers: Sequence[str] = (),
) -> tuple[Entity, ...]:
    """Entities in order of appearance, with offsets into ``text``; ``currency`` decides what a bare ¥ or $ means.

    ``order_numbers`` are some of the shop's, the shopper's own among them.
    """
    folded = fold(text)
    found: list[Entity] = []
    addresses = list(_addresses(folded, text))
    taken = [(entity.start, entity.end) for entity in addresses]
    own = find_own(folded, order_numbers)
    readers = (
        own,
        _trackings(folded),
        _amounts(folded, language, currency),
        find_others(folded, order_numbers, beside_own=bool(own)),
        _dates(folded, today),
        _quantities(folded),
    )
    for reader in readers:
        for entity in reader:
            if all(entity.end <= start or end <= entity.start for start, end in taken):
                found.append(entity)
                taken.append((entity.start, entity.end))
    found += [*addresses, *_products(folded, products), *_reasons(folded)]
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.end)))


def _trackings(text: str) -> Iterator[Entity]:
    for match in _TRACKING.finditer(text):
        yield Entity("tracking", match.group(), match.start(), match.end())


def _amounts(text: str, language: Language, currency: str | None) -> Iterator[Entity]:
    for mention in find_amounts(text):
        code = _currency(mention, language, currency)
        value = mention.value.quantize(Decimal(1).scaleb(-places(code)))
        yield Entity("amount", f"{value} {code}", mention.start, mention.end)


def _currency(mention: AmountMention, language: Language, currency: str | None) -> str:
    if currency in mention.currencies:
        return currency or ""
    for usual in ("CNY", "USD") if language == "zh-hans" else ("USD", "CNY"):
        if usual in mention.currencies:
            return usual
    return sorted(mention.currencies)[0]


def _dates(text: str, today: date) -> Iterator[Entity]:
    for mention in find_dates(text, today):
        if not mention.days and mention.weekday is not None:
            latest = today - timedelta((today.weekday() - mention.weekday) % 7 or 7)
            yield Entity("date", latest.isoformat(), mention.start, mention.end)
        elif mention.days:
            nearest = min(mention.days, key=lambda day: (abs((day - today).days), day))
            yield Entity("date", nearest.isoformat(), mention.start, mention.end)


def _quantities(text: str) -> Iterator[Entity]:
    for match in _QUANTITY.finditer(text):
        group = "zh" if match["zh"] else "en"
        value = parse_quantity(match[group])
        if value is not None and value > 0:
            yield Entity("quantity", str(int(value)), match.start(group), match.end(group))


def _addresses(folded: str, text: str) -> Iterator[Entity]:
    match = _ADDRESS.search(folded)
    if match is None:
        return
    group = "en" if match["en"] else "zh"
    start, end = match.span(group)
    end = start + len(_TRAILING.sub("", text[start:end]).rstrip(" ,，.。"))
    if re.search(rf"{DIGITS}|[省市区县路街号]|street|road|lane|avenue", folded[start:end], re.IGNORECASE | re.ASCII):
        yield Entity("address", text[start:end], start, end)


def _reasons(text: str) -> Iterator[Entity]:
    for name, pattern in REASONS.items():
        match = pattern.search(text)
        if match is not None:
            yield Entity("reason", name, match.start(), match.end())


def _products(text: str, products: Sequence[ProductFacts]) -> Iterator[Entity]:
    """The best-named products, each once; a title counts when most of it, in any language, stands in the text."""
    lowered = text.lower()
    scored = []
    for product in products:
        spans = [
            span for title in product.title.values() if (span := _title_span(lowered, fold(title).lower().strip()))
        ]
        if spans:
            score, start, end = max(spans)
            scored.append((score, start, end, product.id))
    scored.sort(key=lambda row: (-row[0], row[1] - row[2]))
    taken: list[tuple[int, int]] = []
    for _, start, end, product_id in scored:
        if all(end <= other_start or other_end <= start for other_start, other_end in taken):
            taken.append((start, end))
            yield Entity("product", product_id, start, end)


def _title_span(text: str, title: str) -> tuple[float, int, int] | None:
    if len(title) < _MIN_TITLE:
        return None
    at = text.find(title)
    if at >= 0:
        return 100.0, at, at + len(title)
    if len(title) < 4 and not CJK.search(title):
        return None
    alignment = fuzz.partial_ratio_alignment(title, text, score_cutoff=_PRODUCT_SCORE)
    if alignment is None or len(text) < len(title) * 0.7:
        return None
    # A short text is aligned inside a long title; only a match that covers the title is a name.
    covered = (alignment.dest_end - alignment.dest_start) / len(title)
    return (alignment.score, alignment.dest_start, alignment.dest_end) if covered >= 0.8 else None
