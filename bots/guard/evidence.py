"""The facts a reply to one request may state, gathered once from everything the request holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bots.expressions.dates import DateMention, TimeMention
from bots.expressions.durations import DurationMention, PercentMention
from bots.expressions.folding import fold, normalised, sentences
from bots.expressions.money import AmountMention, format_amount, major_units
from bots.guard.claims import Claim, canonical_order_number, canonical_url, digits_of, read_claims
from bots.guard.names import find_carriers
from bots.retrieval.index import ANSWER_THRESHOLD
from bots.types import ComposeRequest, FaqHit, OrderFacts

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'&-]*")


_MEASURED = re.compile(
    r"\s?(?:watts?|w|litres?|liters?|l|ml|cm|mm|inch(?:es)?|g|kg|grams?|degrees?|°c?|volts?|v|mah|gb|km)\b"
    r"|\s?(?:瓦|升|毫升|厘米|毫米|英寸|克|千克|公斤|度|伏|毫安|寸)",
    re.IGNORECASE,
)


def usable_answers(request: ComposeRequest) -> tuple[FaqHit, ...]:
    """The hits that a reply may rest on: in the reply's language and above the product's threshold, best first."""
    usable = [
        hit for hit in request.answers if hit.score >= ANSWER_THRESHOLD and hit.entry.language == request.language
    ]
    return tuple(sorted(usable, key=lambda hit: -hit.score))


def own_orders(request: ComposeRequest) -> tuple[OrderFacts, ...]:
    """The shopper's orders, the one in question first, each once."""
    orders = (request.order,) if request.order is not None else ()
    return orders + tuple(
        order for order in request.orders if request.order is None or order.number != request.order.number
    )


def shown_number(order: OrderFacts) -> str:
    """The number as a reply shows it: shops that write "#1001" into the number would otherwise get "##1001"."""
    return order.number.lstrip("#")


@dataclass(slots=True)
class Evidence:
    """All facts of one request, ready to be looked up. ``passages`` may be repeated word for word."""

    today: date
    passages: set[str] = field(default_factory=set)
    prose: str = ""
    words: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    order_numbers: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    amounts: set[tuple[str, Decimal]] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    relative_words: set[str] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    durations: set[tuple[str, Decimal]] = field(default_factory=set)
    percentages: set[Decimal] = field(default_factory=set)
    numbers: set[Decimal] = field(default_factory=set)
    urls: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    carriers: set[str] = field(default_factory=set)
    payment_methods: set[str] = field(default_factory=set)
    #: Those that a text states, which may stand in any role; other numbers are counts and measure nothing.
    stated_days: set[date] = field(default_factory=set)
    stated_numbers: set[Decimal] = field(default_factory=set)
    stated_amounts: set[tuple[str, Decimal]] = field(default_factory=set)

    def holds(self, claim: Claim, text: str) -> bool:
        """Whether the claim, read from ``text``, is one of these facts."""
        value = claim.value
        if isinstance(value, AmountMention):
            return any((currency, value.value) in self.amounts for currency in value.currencies)
        if isinstance(value, DateMention):
            return self._holds_day(value, normalised(text[value.start : value.end]))
        if isinstance(value, TimeMention):
            return value.minutes in self.minutes
        if isinstance(value, DurationMention):
            return (value.unit, value.value) in self.durations
        if isinstance(value, PercentMention):
            return value.value in self.percentages
        if isinstance(value, Decimal):
            if _MEASURED.match(text, claim.end):
                return value in self.stated_numbers
            return value in self.numbers or text[claim.start : claim.end] in self.order_numbers | self.codes
        if claim.kind == "number":
            return value in self.codes | self.order_numbers
        if claim.kind == "phone":
            return value in self.phones | self.codes | self.order_numbers
        if claim.kind == "url":
            return value in self.urls
        known = {
            "email": self.emails,
            "order_number": self.order_numbers,
            "carrier": self.carriers,
            "payment_method": self.payment_methods,
        }
        return value in known[claim.kind]

    def _holds_day(self, mention: DateMention, wording: str) -> bool:
        if wording in self.relative_words or mention.days & self.days:
            return True
        return mention.weekday is not None and mention.weekday in self.weekdays

    def add_prose(self, text: str) -> None:
        """Everything that ``text`` states becomes a fact; its sentences may be repeated word for word."""
        if not text.strip():
            return
        self.prose += "\n" + text
        self.passages.add(text.strip())
        self.passages.update(text[start:end] for start, end in sentences(text))
        self.words.update(word.lower() for word in _WORD.findall(fold(text)))
        for claim in read_claims(text, self.today):
            self._add(claim, text)

    def _add(self, claim: Claim, text: str) -> None:
        value = claim.value
        if isinstance(value, AmountMention):
            self.stated_amounts.update((currency, value.value) for currency in value.currencies)
            self.amounts |= self.stated_amounts
        elif isinstance(value, DateMention):
            self.stated_days.update(() if value.relative else value.days)
            self.days |= self.stated_days
            if value.weekday is not None:
                self.weekdays.add(value.weekday)
            self.relative_words.add(normalised(text[value.start : value.end]))
        elif isinstance(value, TimeMention):
            self.minutes.add(value.minutes)
        elif isinstance(value, DurationMention):
            self.durations.add((value.unit, value.value))
        elif isinstance(value, PercentMention):
            self.percentages.add(value.value)
        elif isinstance(value, Decimal):
            self.stated_numbers.add(value)
            self.numbers.add(value)
        else:
            self._add_name(claim.kind, value)

    def _add_name(self, kind: str, value: str) -> None:
        names = {
            "url": self.urls,
            "email": self.emails,
            "phone": self.phones,
            "number": self.codes,
            "order_number": self.codes,  # a "#1234" in an FAQ is an example, never the shopper's order
            "carrier": self.carriers,
            "payment_method": self.payment_methods,
        }
        names[kind].add(value)

    def add_amount(self, minor: int, currency: str) -> None:
        self.amounts.add((currency.upper(), major_units(minor, currency)))
        self.passages.add(format_amount(minor, currency))

    def add_moment(self, moment: datetime | None, zone: ZoneInfo) -> None:
        if moment is not None:
            local = moment.astimezone(zone)
            self.days.add(local.date())
            self.minutes.add(local.hour * 60 + local.minute)


def gather(request: ComposeRequest) -> Evidence:
    """The evidence of ``request``: answers, own orders, verdict, products, store name; never what anyone said."""
    zone = ZoneInfo(request.timezone)
    evidence = Evidence(today=request.now.astimezone(zone).date())
    evidence.add_prose(request.store_name)
    evidence.titles.add(request.store_name)
    for hit in usable_answers(request):
        evidence.add_prose(hit.entry.question)
        evidence.add_prose(hit.entry.answer)
    for order in own_orders(request):
        _add_order(evidence, order, zone)
    evidence.numbers.add(Decimal(len(own_orders(request))))
    _add_verdict(evidence, request)
    for product in request.products:
        for title in product.title.values():
            evidence.add_prose(title)
            evidence.titles.add(title)
        for text in product.description.values():
            evidence.add_prose(text)
        evidence.add_amount(product.price_minor, product.currency)
        evidence.numbers.add(Decimal(product.stock))
        if product.url:
            evidence.urls.add(canonical_url(product.url))
            evidence.passages.add(product.url)
    _add_shopper(evidence, request)
    return evidence


def _add_order(evidence: Evidence, order: OrderFacts, zone: ZoneInfo) -> None:
    evidence.order_numbers.add(canonical_order_number(order.number))
    evidence.passages.add(shown_number(order))
    for minor in (order.total_minor, order.refundable_minor, *(refund.amount_minor for refund in order.refunds)):
        evidence.add_amount(minor, order.currency)
    moments = [order.placed_at, order.paid_at, order.shipped_at, order.delivered_at, order.cancelled_at]
    moments += [moment for shipment in order.shipments for moment in (shipment.shipped_at, shipment.delivered_at)]
    moments += [refund.created_at for refund in order.refunds]
    for moment in moments:
        evidence.add_moment(moment, zone)
    for line in order.lines:
        evidence.add_prose(line.title)
        evidence.titles.add(line.title)
        for option in line.options.values():
            evidence.add_prose(option)
        evidence.numbers.add(Decimal(line.quantity))
        evidence.add_amount(line.unit_price_minor, order.currency)
        evidence.add_amount(line.unit_price_minor * line.quantity, order.currency)
    evidence.numbers.update({Decimal(len(order.lines)), Decimal(sum(line.quantity for line in order.lines))})
    for shipment in order.shipments:
        evidence.add_prose(shipment.carrier)
        evidence.titles.add(shipment.carrier)
        evidence.carriers.update(key for key, _, _ in find_carriers(shipment.carrier))
        evidence.codes.add(shipment.tracking.upper())
        evidence.passages.add(shipment.tracking)
    evidence.payment_methods.update(order.payment_methods)
    for part in order.address.values():
        evidence.add_prose(part)
        evidence.titles.add(part)


def _add_verdict(evidence: Evidence, request: ComposeRequest) -> None:
    verdict = request.verdict
    if verdict is None:
        return
    if verdict.amount_minor is not None and verdict.currency:
        evidence.add_amount(verdict.amount_minor, verdict.currency)
    if verdict.order_number and verdict.order_number in {order.number for order in own_orders(request)}:
        evidence.order_numbers.add(canonical_order_number(verdict.order_number))
    evidence.payment_methods.update(verdict.refund_to)
    for reason in verdict.reasons.values():
        evidence.add_prose(reason)


def _add_shopper(evidence: Evidence, request: ComposeRequest) -> None:
    """Names, e-mails and phones of the records; order numbers of the records count as orders; what they would spend."""
    if request.price_limit_minor is not None and request.price_currency:
        evidence.add_amount(request.price_limit_minor, request.price_currency)
    if not request.identified:
        return
    personal = request.personal
    evidence.emails.update(email.lower() for email in personal.emails)
    evidence.phones.update(digits_of(phone) for phone in personal.phones)
    evidence.order_numbers.update(canonical_order_number(number) for number in personal.order_numbers)
    evidence.codes.update(tracking.upper() for tracking in personal.trackings)
    for text in (*personal.names, *personal.addresses):
        evidence.add_prose(text)
        evidence.titles.add(text)
