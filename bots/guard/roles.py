"""The role of a date or an amount: "delivered on" wants a delivery date, "refund of" wants a refund.

The role is read from the nearest cue in the sentence with no other date or amount in between.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bots.expressions.dates import DateMention
from bots.expressions.folding import fold, sentences
from bots.expressions.money import AmountMention, major_units
from bots.guard.claims import Claim
from bots.guard.evidence import own_orders
from bots.types import ComposeRequest, OrderFacts, ProductFacts

_DATE_CUES = re.compile(
    r"(?P<placed>\b(?:placed|ordered|purchased|bought|order (?:of|from|date)|you ordered)\b|下的?单|下了?单"
    r"|订购|购买|订的)"
    r"|(?P<shipped>\b(?:shipped|dispatched|sent out|was sent|left (?:us|our|the)|handed (?:to|over)|on its way since"
    r"|has had it since)\b|发的?货|发出|发了|寄出|出库|发走)"
    r"|(?P<delivered>\b(?:delivered|delivery on|arrived|reached you|received (?:it|your (?:order|parcel))"
    r"|got (?:it|there))\b"
    r"|签收|送达|收到货|到货|妥投)"
    r"|(?P<refunded>\b(?:refunded|refund (?:was |of )|credited|repaid|money back)\b|(?<!申请)退款|已退|退了|办理退)"
    r"|(?P<cancelled>\bcancel\w+\b|取消)",
    re.IGNORECASE,
)
_AMOUNT_CUES = re.compile(
    r"(?P<refund>\b(?:refund\w*|reimburs\w+|money back|(?:get|give|giving|returning|returned|return|pay"
    r"|sending|send|going|goes|go|is|be)\b"
    r"[^.,;!?]{0,14}?\bback|credited|return(?:ed|ing)?|on (?:its|the) way|back (?:on|to|in|via|within))\b"
    r"|退款|退(?:还|回|到|至|给|您)?|返还|到账)"
    r"|(?P<total>\b(?:total\w*|in all|altogether|in total|sum|(?<!half of the )order (?:value|amount)|you paid"
    r"|paid for order)\b"
    r"|总(?:额|价|计|共)|合计|一共|共计|共支付|订单金额|实付)"
    r"|(?P<unit>\b(?:each|apiece|per item|itself|alone|unit price)\b|单价|每(?:个|件|只|双)|一(?:个|件|只|双|盏))"
    r"|(?P<price>\b(?:costs?|price[ds]?|priced at|sells for|available for)\b|售价|价格|只要|卖)",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:until|till|by|before|no later than)\s*$|(?:截止|截至|至|到)(?:了)?\s*$|^\s*(?:之前|前|为止|截止)",
    re.IGNORECASE,
)
_ITEM_ALONE = re.compile(r"\s*for (?:the|your)\b[^.,;!?]{0,40}\b(?:alone|itself|on its own)\b", re.IGNORECASE)
_FURTHEST = 60


def find_wrong_roles(text: str, claims: Sequence[Claim], request: ComposeRequest, known: Known) -> Iterator[Claim]:
    """Claims whose value is known, though not in the role that it is given here."""
    folded = fold(text)
    claims = [claim for claim in claims if not _is_relative(claim)]
    for start, end in sentences(text):
        inside = [claim for claim in claims if start <= claim.start and claim.end <= end]
        orders = [order for order in known.orders if _names(order.number, text[start:end])] or known.orders
        for kind, cues in ((DateMention, _DATE_CUES), (AmountMention, _AMOUNT_CUES)):
            mentions = [claim for claim in inside if isinstance(claim.value, kind)]
            for claim in mentions:
                others = [(other.start, other.end) for other in mentions if other is not claim]
                role = _role(folded, start, end, claim, cues, others)
                if role is None and kind is AmountMention and known.names_product(text[start : claim.start]):
                    role = "price"
                if role is not None and not known.holds(claim, role, orders, text):
                    yield claim


def _names(number: str, text: str) -> bool:
    """Whether an order's number stands there by itself: 1000 is not named by A1000."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(number)}(?![A-Za-z0-9])", text) is not None


def _is_relative(claim: Claim) -> bool:
    """ "30 days ago" may be more than that, "last week" no day at all; only "yesterday" and the like name one."""
    value = claim.value
    return (
        isinstance(value, DateMention) and value.relative and (value.weekday is not None or value.end - value.start > 9)
    )


def _role(
    text: str, start: int, end: int, claim: Claim, cues: re.Pattern[str], others: Collection[tuple[int, int]]
) -> str | None:
    """The role that the nearest cue gives; a cue before a date or amount counts as nearer than one behind it."""
    best: tuple[int, str] | None = None
    for match in cues.finditer(text, start, end):
        if match.end() <= claim.start:
            between, behind = (match.end(), claim.start), 0
        elif match.start() >= claim.end:
            between, behind = (claim.end, match.start()), 6
        else:
            continue
        if any(between[0] <= other[0] and other[1] <= between[1] for other in others):
            continue
        distance = between[1] - between[0] + behind
        if _ends_clause(text[slice(*between)]):
            distance += 25
        if distance <= _FURTHEST and (best is None or distance < best[0]):
            best = (distance, match.lastgroup or "")
    if best and best[1] == "total" and _ITEM_ALONE.match(text, claim.end):
        return "unit"
    return best[1] if best else None


def _ends_clause(text: str) -> bool:
    return re.search(r"[,;:]|\band\b|\bbut\b", text) is not None


class Known:
    """Dates and amounts of the shopper's orders, the verdict and the products by their role."""

    def __init__(
        self, request: ComposeRequest, prose_days: set[date], prose_amounts: set[tuple[str, Decimal]], spans: set[int]
    ) -> None:
        """``prose_*`` is what answers state, which may stand in any role; ``spans`` are their windows in days."""
        self.orders = own_orders(request)
        self._request = request
        self._zone = ZoneInfo(request.timezone)
        self._prose_days = prose_days
        self._prose_amounts = prose_amounts
        self._spans = spans

    def holds(self, claim: Claim, role: str, orders: Sequence[OrderFacts], text: str) -> bool:
        value = claim.value
        if isinstance(value, DateMention):
            return not value.days or bool(value.days & (self._days(role, orders) | self._prose_days))
        assert isinstance(value, AmountMention)
        amounts = self._amounts(role, text[: claim.start], text[claim.end :]) | self._prose_amounts
        return any((currency, value.value) in amounts for currency in value.currencies)

    def names_product(self, text: str) -> bool:
        return any(title in text for product in self._request.products for title in product.title.values() if title)

    def ends_a_window(self, claim: Claim, text: str) -> bool:
        """Whether a date is the last day of a window that an answer states, counted from an order's own date."""
        value = claim.value
        if not isinstance(value, DateMention):
            return False
        if not (_UNTIL.search(text[: claim.start]) or _UNTIL.search(text[claim.end :])):
            return False
        days = {day for role in ("placed", "shipped", "delivered") for day in self._days(role, self.orders)}
        return any(day + timedelta(span) in value.days for day in days for span in self._spans)

    def _days(self, role: str, orders: Sequence[OrderFacts]) -> set[date]:
        moments: list[datetime | None] = []
        for order in orders:
            parcels = order.shipments
            by_role: Mapping[str, list[datetime | None]] = {
                "placed": [order.placed_at, order.paid_at],
                "shipped": [order.shipped_at, *(parcel.shipped_at for parcel in parcels)],
                "delivered": [order.delivered_at, *(parcel.delivered_at for parcel in parcels)],
                "refunded": [refund.created_at for refund in order.refunds],
                "cancelled": [order.cancelled_at],
            }
            moments += by_role[role]
        return {moment.astimezone(self._zone).date() for moment in moments if moment is not None}

    def _amounts(self, role: str, before: str, behind: str) -> set[tuple[str, Decimal]]:
        verdict, found = self._request.verdict, []
        if role == "refund":
            found += [(order.currency, refund.amount_minor) for order in self.orders for refund in order.refunds]
            if verdict is not None and verdict.amount_minor is not None and verdict.currency:
                found.append((verdict.currency, verdict.amount_minor))
            elif verdict is not None and verdict.outcome == "allow":
                found += [(order.currency, order.refundable_minor) for order in self.orders]
        elif role == "total":
            found += [(order.currency, order.total_minor) for order in self.orders]
            if verdict is not None and verdict.action == "place_order" and verdict.amount_minor is not None:
                found.append((verdict.currency, verdict.amount_minor))
        else:
            found += [
                (order.currency, line.unit_price_minor * count)
                for order in self.orders
                for line in order.lines
                for count in {1, line.quantity}
            ]
            found += [(product.currency, product.price_minor) for product in self._meant(before, behind)]
        return {(currency.upper(), major_units(minor, currency)) for currency, minor in found}

    def _meant(self, before: str, behind: str) -> list[ProductFacts]:
        """The product named last before the amount, else first behind it, else all of them."""
        places = [
            (place if place >= 0 else -1, product)
            for product in self._request.products
            for place in [max((before.rfind(title) for title in product.title.values() if title), default=-1)]
        ]
        last = max((place for place, _ in places), default=-1)
        if last >= 0:
            return [product for place, product in places if place == last]
        return list(self._request.products)
