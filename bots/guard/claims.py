"""What a text states that can be looked up: one reader for replies and for their evidence alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bots.expressions.dates import DateMention, TimeMention, find_dates, find_times
from bots.expressions.durations import DurationMention, PercentMention, find_durations, find_percentages
from bots.expressions.folding import fold
from bots.expressions.money import AmountMention, find_amounts
from bots.expressions.numerals import DIGITS, parse_quantity
from bots.guard.names import find_carriers, find_payment_methods
from bots.types import ViolationKind

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'，。；！？、（）《》「」\u4e00-\u9fff]+"
    r"|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|shop|store|io|co|example|test|info|biz|top|xyz|me|app"
    r"|uk|de|fr|jp|hk)"
    r"(?![\w])(?:/[^\s<>\"'，。；！？、（）《》「」\u4e00-\u9fff]*)?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ORDER = re.compile(
    r"#\s?(?P<a>[A-Z]{0,5}-?\d[\dA-Z-]{1,19})"
    r"|\border(?:\s+(?:number|no\.?|id"
    r"|ref(?:erence)?))?\s*(?:is\s+)?[:#]?\s*(?P<b>(?:[A-Z]{1,5}-?)?\d[\dA-Z-]{3,19})\b"
    r"|订单(?:编号|号码|号)?\s*(?:是|为)?\s*[::#]?\s*(?P<c>(?:[A-Z]{1,5}-?)?\d[\dA-Z-]{3,19})",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d[\d\s()-]{6,18}\d|\(?\d{2,4}\)?[-\s]\d{3,4}[-\s]?\d{3,4}|1[3-9]\d{9})(?![\w])", re.ASCII
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{3,}(?![A-Za-z0-9])"
)
_NUMBER = re.compile(rf"(?<![\d.]){DIGITS}", re.ASCII)
_WORD_NUMBER = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
    r"|hundred|dozen)\b(?! (?:questions?|things?|options?|ways?|points?|reasons?|answers?|possibilities|choices))"
    r"|[两二三四五六七八九十]{1,3}(?=\s?(?:件|个|双|只|套|条|张|份|本|款|次|瓶|盒|台|位|名|单|笔|项|种|包|箱)(?!(?:答案|问题|疑问|方面|方法|办法|选择|选项|步骤|建议|原因|地方|人)))",
    re.IGNORECASE | re.ASCII,
)
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)、]\s*")

Value = str | Decimal | AmountMention | DateMention | TimeMention | DurationMention | PercentMention


@dataclass(frozen=True, slots=True)
class Claim:
    """``text[start:end]`` states ``value``; a code is a number with letters in it (tracking number, coupon)."""

    kind: ViolationKind
    value: Value
    start: int
    end: int


def read_claims(text: str, today: date) -> list[Claim]:
    """Every look-up-able statement in ``text``; what one reader has taken, no later one reads again."""
    reader = _Reader(text, today)
    for read in (
        reader.addresses,
        reader.orders,
        reader.phones,
        reader.money,
        reader.times,
        reader.codes,
        reader.names,
    ):
        read()
    return sorted(reader.claims, key=lambda claim: (claim.start, claim.end))


def canonical_url(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.rstrip(".,;:!?)/").lower())


def canonical_order_number(number: str) -> str:
    return fold(number).upper().strip("# -")


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


class _Reader:
    def __init__(self, text: str, today: date) -> None:
        self.text = fold(text)
        self.today = today
        self.claims: list[Claim] = []

    def _take(self, kind: ViolationKind, value: Value, start: int, end: int) -> None:
        self.claims.append(Claim(kind, value, start, end))

    def _erase(self, spans: list[tuple[int, int]]) -> None:
        chars = list(self.text)
        for start, end in spans:
            chars[start:end] = "\x01" * (end - start)
        self.text = "".join(chars)

    def addresses(self) -> None:
        for kind, pattern in (("email", _EMAIL), ("url", _URL)):
            matches = list(pattern.finditer(self.text))
            for match in matches:
                value = match.group().lower().rstrip(".") if kind == "email" else canonical_url(match.group())
                self._take("email" if kind == "email" else "url", value, match.start(), match.end())
            self._erase([match.span() for match in matches])

    def orders(self) -> None:
        spans = []
        for match in _ORDER.finditer(self.text):
            group = match.lastgroup or "a"
            self._take("order_number", canonical_order_number(match[group]), match.start(group), match.end(group))
            spans.append(match.span(group))
        self._erase(spans)

    def phones(self) -> None:
        spans = []
        for match in _PHONE.finditer(self.text):
            if not 7 <= len(digits_of(match.group())) <= 15 or find_dates(match.group(), self.today):
                continue
            self._take("phone", digits_of(match.group()), match.start(), match.end())
            spans.append(match.span())
        self._erase(spans)

    def money(self) -> None:
        amounts = find_amounts(self.text)
        for amount in amounts:
            self._take("amount", amount, amount.start, amount.end)
        self._erase([(amount.start, amount.end) for amount in amounts])
        percentages = find_percentages(self.text)
        for percent in percentages:
            self._take("number", percent, percent.start, percent.end)
        self._erase([(percent.start, percent.end) for percent in percentages])

    def times(self) -> None:
        readers = (lambda text: find_dates(text, self.today), find_times, find_durations)
        for read in readers:
            mentions = read(self.text)
            for mention in mentions:
                self._take("date", mention, mention.start, mention.end)
            self._erase([(mention.start, mention.end) for mention in mentions])

    def codes(self) -> None:
        matches = [match for match in _CODE.finditer(self.text) if not re.fullmatch(r"\d+-?[a-z]{1,6}", match.group())]
        for match in matches:
            self._take("number", match.group().upper(), match.start(), match.end())
        self._erase([match.span() for match in matches])
        self._erase([match.span() for match in _LIST_NUMBER.finditer(self.text)])
        for match in _NUMBER.finditer(self.text):
            self._take("number", parse_quantity(match.group()) or Decimal(0), match.start(), match.end())
        for match in _WORD_NUMBER.finditer(self.text):
            word = {"hundred": "a hundred", "dozen": "twelve"}.get(match.group().lower(), match.group())
            self._take("number", parse_quantity(word) or Decimal(0), match.start(), match.end())

    def names(self) -> None:
        for key, start, end in find_carriers(self.text):
            self._take("carrier", key, start, end)
        for key, start, end in find_payment_methods(self.text):
            self._take("payment_method", key, start, end)
