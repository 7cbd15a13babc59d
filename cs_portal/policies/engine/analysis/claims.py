"""What an FAQ says in figures about refunds, returns, exchanges and cancellations, read by patterns in both languages.

Only figures that a rule could contradict are taken: within how many days, what share goes back, what fee is kept, up to
which amount. How long a refund takes to arrive is no such figure and is left out, and so are business days. A claim
that is not read is not checked; none is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cs_portal.policies.engine.money import MINOR_DIGITS


class Figure(StrEnum):
    """``DAYS``: within so many. ``SHARE``: percent that goes back. ``FEE``: what is kept. ``CEILING``: at most."""

    DAYS = "days"
    SHARE = "share"
    FEE_PERCENT = "fee_percent"
    FEE = "fee"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class FaqText:
    """An FAQ in one language (``en`` or ``zh-hans``)."""

    id: str
    locale: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Claim:
    """`value` in days, percent, or minor units of `currency`; `words` is the sentence. No reasons: none was named."""

    faq: str
    figure: Figure
    value: int
    action: str
    reasons: frozenset[str]
    words: str
    currency: str = ""


_ACTIONS = {
    "return": r"\breturn(?:s|ed|ing|able)?\b|\bsend\s+(?:it|them|items?)\s+back\b|退货|退回|无理由|退换",
    "exchange": r"\bexchang\w*|\bswap\w*|换货|调换|更换|退换|可换|能换|换尺码|换颜色",
    "refund": r"\brefund\w*|\bmoney\s+back\b|退款|退钱|退全款|退还",
    "cancel": r"\bcancel\w*|取消",
}
_REASONS = {
    "damaged": r"\bdamag\w*|\bbroken\b|\bdefect\w*|\bfault\w*|破损|损坏|质量问题|瑕疵",
    "wrong_item": r"\bwrong\s+(?:item|product|size)\b|发错|错发",
    "not_as_described": r"\bnot\s+as\s+described\b|与描述不符|描述不符",
    "no_longer_needed": r"\bchang\w*\s+(?:your|my|their)\s+mind\b|\bno\s+longer\s+(?:need|want)\w*|无理由|不想要",
    "does_not_fit": r"\b(?:does|do)\s?n[o']t\s+fit\b|尺码不合|不合身",
    "never_arrived": r"\bnever\s+arriv\w*|没收到|未收到",
    "arrived_late": r"\barriv\w*\s+late\b|\blate\s+deliver\w*|送达延误|晚到",
}
#: Sentences about how long something takes, or about days that are not calendar days.
_PROCESSING = re.compile(
    r"business\s+day|working\s+day|工作日|到账|处理|审核|"
    r"\bprocess\w*|\breceive\s+(?:your|the)\s+(?:refund|money)|\bcredited\b|\bappears?\b|\btakes?\b|\bissued\b|"
    r"\barrives?\s+(?:in|within)\b|\bships?\b|\bshipped\s+within\b|\bdeliver(?:y|ed)\s+(?:in|within|takes)\b|送达需|发货",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
}  # fmt: skip
_COUNT = rf"\d{{1,4}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}"
_ZH_COUNT = r"\d{1,4}|[一二两三四五六七八九十百]{1,5}"
_UNIT = r"(?:calendar\s+)?(?P<unit>days?|weeks?)"
_DAYS = re.compile(
    rf"\b(?:within|up\s+to|for|in\s+the\s+first|no\s+later\s+than|have)\s+(?:the\s+first\s+)?(?P<a>{_COUNT})[\s-]{_UNIT}\b"
    rf"|\b(?P<b>{_COUNT})[\s-](?P<unit2>day|week)s?\s+(?:return|refund|exchange|money|window|policy)"
    rf"|\b(?P<c>{_COUNT})\s+(?P<unit3>days?|weeks?)\s+(?:after|from|of)\b",
    re.IGNORECASE,
)
_ZH_DAYS = re.compile(
    rf"(?P<a>{_ZH_COUNT})\s*(?P<unit>个?自然日|天|日|周|个?星期)\s*(?:之内|以内|内|无理由|可退|可换|退换|退货|换货)"
)
_PERCENT = re.compile(r"(?P<a>\d{1,3})\s*%|百分之(?P<b>[一二三四五六七八九十百]{1,4})")
_FEE = re.compile(r"\brestocking\b|\bhandling\s+fee\b|\bdeduct\w*|重新上架费|手续费|折旧费|扣除", re.IGNORECASE)
_GIVEN_BACK = re.compile(r"\brefund\w*|\bmoney\s+back\b|\bgive\s+back\b|退款|退还|退回|返还", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:(?P<sign>[¥$€£])|\b(?P<code>CNY|RMB|USD|EUR|GBP|HKD|JPY)\s?)(?P<a>\d[\d,]*(?:\.\d+)?)"
    r"|(?P<b>\d[\d,]*(?:\.\d+)?)\s*(?P<after>元|块|人民币|CNY|RMB|USD|EUR|GBP|美元|欧元)"
)
_CURRENCIES = {
    "¥": "CNY", "$": "USD", "€": "EUR", "£": "GBP", "RMB": "CNY", "元": "CNY", "块": "CNY", "人民币": "CNY",
    "美元": "USD", "欧元": "EUR",
}  # fmt: skip
_AT_MOST = re.compile(r"\bup\s+to\s*$|\bat\s+most\s*$|\bmaximum\s+of\s*$|\bno\s+more\s+than\s*$", re.IGNORECASE)
_ZH_AT_MOST = re.compile(r"^\s*(?:元|块|人民币)?\s*(?:以内|以下|为限|封顶)")
_ZH_AT_MOST_BEFORE = re.compile(r"(?:不超过|最多|最高)(?:可?退款?|退还)?\s*$")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９％￥＄．", "0123456789%¥$.")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[\n。！？；]+")
_CLAUSE = re.compile(r"[,，、：:]")


def claims(faq: FaqText) -> tuple[Claim, ...]:
    """In the order in which they stand in the answer."""
    question = faq.question.translate(_HALF_WIDTH)
    found: list[Claim] = []
    for sentence in _SENTENCE.split(faq.answer.translate(_HALF_WIDTH)):
        words = sentence.strip()
        for figure, value, currency, at in _figures(words):
            action = _nearest(words, at) or _nearest(question, 0)
            if action is not None:
                reasons = _reasons(words) or _reasons(question)
                found.append(Claim(faq.id, figure, value, action, reasons, words, currency))
    return tuple(dict.fromkeys(found))


def _figures(words: str) -> Iterator[tuple[Figure, int, str, int]]:
    """(figure, value, currency, where it stands)."""
    if not _PROCESSING.search(words):
        for match in (*_DAYS.finditer(words), *_ZH_DAYS.finditer(words)):
            groups = match.groupdict()
            count = _number(groups.get("a") or groups.get("b") or groups.get("c") or "")
            unit = groups.get("unit") or groups.get("unit2") or groups.get("unit3") or ""
            if count is not None:
                weeks = unit.lower().startswith("week") or unit.endswith(("周", "星期"))
                yield Figure.DAYS, count * (7 if weeks else 1), "", match.start()
    for match in _PERCENT.finditer(words):
        percent = _number(match["a"] or match["b"])
        if percent is None or not 0 < percent <= 100:
            continue
        clause = _clause(words, match.start())
        if _FEE.search(clause):
            yield Figure.FEE_PERCENT, percent, "", match.start()
        elif _GIVEN_BACK.search(clause):
            yield Figure.SHARE, percent, "", match.start()
    for match in _MONEY.finditer(words):
        yield from _amount(words, match)


def _amount(words: str, match: re.Match[str]) -> Iterator[tuple[Figure, int, str, int]]:
    named = match["sign"] or match["code"] or match["after"]
    currency = _CURRENCIES.get(named, named)
    exact = Decimal((match["a"] or match["b"]).replace(",", "")).scaleb(MINOR_DIGITS[currency])
    if exact != exact.to_integral_value():
        return
    clause = _clause(words, match.start())
    before, after = words[: match.start()], words[match.end() :]
    if _FEE.search(clause):
        yield Figure.FEE, int(exact), currency, match.start()
    elif _AT_MOST.search(before) or _ZH_AT_MOST_BEFORE.search(before) or _ZH_AT_MOST.match(after):
        yield Figure.CEILING, int(exact), currency, match.start()


def _clause(words: str, at: int) -> str:
    starts = [match.end() for match in _CLAUSE.finditer(words) if match.end() <= at]
    ends = [match.start() for match in _CLAUSE.finditer(words) if match.start() > at]
    return words[max(starts, default=0) : min(ends, default=len(words))]


def _nearest(words: str, at: int) -> str | None:
    """The action whose word stands nearest; one in the same clause before one in another."""
    best: tuple[int, int, int] | None = None
    action = None
    for order, (name, pattern) in enumerate(_ACTIONS.items()):
        for match in re.finditer(pattern, words, re.IGNORECASE):
            low, high = sorted((at, match.start()))
            distance = (len(_CLAUSE.findall(words[low:high])), high - low, order)
            if best is None or distance < best:
                best, action = distance, name
    return action


def _reasons(words: str) -> frozenset[str]:
    return frozenset(reason for reason, pattern in _REASONS.items() if re.search(pattern, words, re.IGNORECASE))


_ZH_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


def _number(text: str) -> int | None:
    """``30``, ``thirty`` or ``三十``, up to 999."""
    if text.isascii():
        return int(text) if text.isdigit() else _NUMBERS.get(text.lower())
    total, digit = 0, 0
    for sign in text:
        if sign in ("十", "百"):
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        elif sign in _ZH_DIGITS:
            digit = _ZH_DIGITS[sign]
        else:
            return None
    return total + digit
