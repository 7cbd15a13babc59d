"""The guard: which parts of a reply no evidence supports."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bots.expressions.dates import DateMention
from bots.expressions.folding import CJK, cjk_count, fold, sentences
from bots.guard.claims import Claim, read_claims
from bots.guard.evidence import Evidence, gather, own_orders
from bots.guard.promises import Promise, find_promises, find_refusals, find_status_claims
from bots.guard.proper_names import find_catalogue_titles, find_unknown_names
from bots.types import ComposeRequest, Violation, ViolationKind

PLACEHOLDER = re.compile(r"\[(?:NAME|ORDER|EMAIL|PHONE|ADDRESS|TRACKING|TEXT)_\d+\]")
_PLEASANTRY = re.compile(
    r"(?:help|assist)[^.!?\n]{0,20}\btoday\b|今天有什么可以|(?:day|week|weekend) ahead", re.IGNORECASE
)
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_ADDRESS = re.compile(r"[\w.+-]*(?:@|://|www\.)[\w./?=&%#~:@+-]*", re.ASCII)
#: Which verdict makes which commitment true.
_GRANTS = {"refund": {"refund", "return", "cancel"}, "return": {"return", "exchange"}, "cancel": {"cancel"}}
_AFTER_DELIVERY = {"delivered", "return_requested", "exchange_requested", "returned"}
_FACTS = {
    "cancel": {"cancelled"},
    "return": {"return_requested", "returned"},
    "exchange": {"exchange_requested"},
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks any number of replies to one request. Deterministic; takes about a millisecond a reply."""

    request: ComposeRequest
    evidence: Evidence

    @classmethod
    def of(cls, request: ComposeRequest) -> Guard:
        return cls(request, gather(request))

    def check(self, text: str) -> tuple[Violation, ...]:
        """Every unsupported part of ``text`` in order; an empty tuple means that nothing was found against it."""
        if not any(char.isalpha() for char in text):
            return (Violation("empty", text, 0, len(text)),)
        placeholders = [Violation("placeholder", m.group(), m.start(), m.end()) for m in PLACEHOLDER.finditer(text)]
        quoted = [*self._quoted(text), *((each.start, each.end) for each in placeholders)]
        claims = read_claims(text, self.evidence.today)
        found = [*self._facts(text, claims), *self._commitments(text), *self._names(text, claims)]
        found = [each for each in found if not any(start <= each.start and each.end <= end for start, end in quoted)]
        found += placeholders
        if not self._speaks_the_language(text):
            found.append(Violation("language", text, 0, len(text)))
        return tuple(sorted(set(found), key=lambda violation: (violation.start, violation.end, violation.kind)))

    def _quoted(self, text: str) -> list[tuple[int, int]]:
        """Spans that repeat a passage of the evidence word for word."""
        spans = []
        for passage in filter(None, self.evidence.passages):
            at = text.find(passage)
            while at >= 0:
                spans.append((at, at + len(passage)))
                at = text.find(passage, at + 1)
        return [(start, end) for start, end in spans if _whole(text, start, end)]

    def _facts(self, text: str, claims: list[Claim]) -> list[Violation]:
        found = []
        for claim in claims:
            if self.evidence.holds(claim, text) or self._is_pleasantry(claim.value, text, claim.start):
                continue
            found.append(self._violation(claim.kind, text, claim.start, claim.end))
        return found

    @staticmethod
    def _is_pleasantry(value: object, text: str, start: int) -> bool:
        if not isinstance(value, DateMention):
            return False
        return any(match.start() <= start < match.end() for match in _PLEASANTRY.finditer(text))

    def _commitments(self, text: str) -> list[Violation]:
        folded = fold(text)
        found = []
        for start, end in sentences(text):
            sentence = folded[start:end]
            for promise in find_promises(sentence):
                if not self._granted(promise, sentence):
                    found.append(self._violation("promise", text, start + promise.start, start + promise.end))
            for status, from_, to in find_status_claims(sentence):
                if not self._has_status(status):
                    found.append(self._violation("status", text, start + from_, start + to))
            if self.request.verdict is not None and self.request.verdict.outcome == "allow":
                for from_, to in find_refusals(sentence, self.request.language):
                    found.append(self._violation("polarity", text, start + from_, start + to))
        return found

    def _granted(self, promise: Promise, sentence: str) -> bool:
        verdict = self.request.verdict
        allowed = verdict is not None and verdict.outcome == "allow"
        if allowed and verdict is not None and verdict.action in _GRANTS.get(promise.action, {promise.action}):
            return True
        if not promise.future and self._recorded(promise.action, sentence):
            return True
        if verdict is not None and not allowed and promise.action in _GRANTS.get(verdict.action, {verdict.action}):
            return False
        return promise.conditional and self._faq_says(promise.action)

    def _recorded(self, action: str, sentence: str) -> bool:
        """Whether it happened to the order that the sentence names, or to the one in question."""
        orders = own_orders(self.request)
        named = tuple(order for order in orders if order.number in sentence)
        orders = named or ((self.request.order,) if self.request.order is not None else orders)
        if action == "refund":
            return any(order.refunds for order in orders)
        if action == "place_order":
            return bool(orders)
        return any(order.status in _FACTS.get(action, set()) for order in orders)

    def _faq_says(self, action: str) -> bool:
        folded = fold(self.evidence.prose)
        return any(
            promise.action == action for start, end in sentences(folded) for promise in find_promises(folded[start:end])
        )

    def _has_status(self, status: str) -> bool:
        orders = own_orders(self.request)
        if status == "delivered":
            return any(
                order.status in _AFTER_DELIVERY or order.delivered_at or any(s.delivered_at for s in order.shipments)
                for order in orders
            )
        return any(
            order.status in {"shipped", *_AFTER_DELIVERY} or order.shipped_at or order.shipments for order in orders
        )

    def _names(self, text: str, claims: list[Claim]) -> list[Violation]:
        rest = text
        for claim in claims:  # "Nov", "CNY" and carriers have been looked up already
            rest = rest[: claim.start] + "\x01" * (claim.end - claim.start) + rest[claim.end :]
        spans = [
            *find_catalogue_titles(text, self.evidence, self.request.catalogue),
            *find_unknown_names(rest, self.evidence, self.request.language),
        ]
        return [self._violation("product", text, start, end) for start, end in spans]

    def _speaks_the_language(self, text: str) -> bool:
        for name in sorted(self.evidence.titles, key=len, reverse=True):
            if len(name) > 1:
                text = text.replace(name, " ")
        text = _ADDRESS.sub(" ", text)
        chinese, latin = cjk_count(text), len(_LATIN_WORD.findall(text))
        if self.request.language == "en":
            return chinese <= latin // 5
        return chinese >= 2 * latin and CJK.search(text) is not None

    @staticmethod
    def _violation(kind: ViolationKind, text: str, start: int, end: int) -> Violation:
        return Violation(kind, text[start:end], start, end)


def check(text: str, request: ComposeRequest) -> tuple[Violation, ...]:
    """Violations of one text, such as an operator's edit, against the evidence of ``request``."""
    return Guard.of(request).check(text)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the span is not cut out of a longer number or word ("86" out of "186")."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_joins(before, text[start]) or _joins(text[end - 1], after))


def _joins(left: str, right: str) -> bool:
    if not left or not right or CJK.match(left) or CJK.match(right):
        return False
    return left.isalnum() and right.isalnum()
