"""The guard: which parts of a reply no evidence supports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bots.expressions.dates import DateMention
from bots.expressions.folding import CJK, fold, sentences
from bots.guard.answering import Asked, find_unsupported, first_passed_over, questions_of
from bots.guard.claims import Claim, read_claims
from bots.guard.contradictions import find_contradictions
from bots.guard.decisions import find_wrong_decisions, follows
from bots.guard.evidence import Evidence, gather, own_orders, usable_answers
from bots.guard.languages import find_foreign
from bots.guard.lexicon import find_forbidden
from bots.guard.promises import Promise, find_promises
from bots.guard.proper_names import find_catalogue_titles, find_unknown_names
from bots.guard.roles import Known, find_wrong_roles
from bots.guard.spellings import find_misspelt, find_unknown_variants
from bots.guard.statements import Statement, statements, terms_of
from bots.guard.statuses import find_wrong_statuses
from bots.guard.strangers import find_strangers
from bots.guard.windows import Window, find_wrong_windows, windows_of
from bots.types import ComposeRequest, Violation, ViolationKind

_PLEASANTRY = re.compile(
    r"(?:help|assist|touch|reaching out|contact\w*|writing|message|shopping)\b[^.!?\n]{0,20}\btoday\b"
    r"|\btoday is\b|\bas of today\b|今天有什么可以|(?:day|week|weekend) ahead",
    re.IGNORECASE,
)
#: Which verdict makes which commitment true.
_GRANTS = {"refund": {"refund", "return", "cancel"}, "return": {"return", "exchange"}, "cancel": {"cancel"}}
_FACTS = {
    "cancel": {"cancelled"},
    "return": {"return_requested", "returned"},
    "exchange": {"exchange_requested"},
}
#: Said whatever the evidence, and never a quotation of it.
_NEVER = {"placeholder", "leak"}


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks any number of replies to one request. Deterministic; takes about a millisecond a reply."""

    request: ComposeRequest
    evidence: Evidence
    known: Known
    statements: tuple[Statement, ...]
    windows: tuple[Window, ...]
    terms: frozenset[str]
    title_terms: frozenset[str]
    questions: tuple[Asked, ...]

    @classmethod
    def of(cls, request: ComposeRequest) -> Guard:
        evidence = gather(request)
        stated = tuple(statement for prose in _prose(request) for statement in statements(prose))
        days = {claim for claim in evidence.durations if claim[0] == "hour"}
        known = Known(request, evidence.stated_days, evidence.stated_amounts, {int(hours) // 24 for _, hours in days})
        terms = terms_of(" . ".join([evidence.prose, *evidence.titles]))
        windows = tuple(window for prose in _prose(request) for window in windows_of(prose))
        titles = terms_of(" . ".join(_titles(request)))
        return cls(request, evidence, known, stated, windows, terms, titles, questions_of(request))

    def check(self, text: str) -> tuple[Violation, ...]:
        """Every unsupported part of ``text`` in order; an empty tuple means that nothing was found against it."""
        if not any(char.isalpha() for char in text):
            return (Violation("empty", text, 0, len(text)),)
        forbidden = [
            self._violation(kind, text, start, end)
            for kind, start, end in find_forbidden(text)
            if kind in _NEVER or text[start:end].lower() not in self.evidence.prose.lower()
        ]
        claims = read_claims(text, self.evidence.today)
        found = [
            *self._facts(text, claims),
            *self._commitments(text),
            *self._names(text, claims),
            *(self._violation(kind, text, start, end) for kind, start, end in self._meanings(text)),
        ]
        quoted = self._quoted(text) + [(each.start, each.end) for each in forbidden]
        found = [each for each in found if not any(_excuses(span, each) for span in quoted)]
        found += forbidden
        found += [
            self._violation("language", text, start, end)
            for start, end in find_foreign(text, self.request.language, self.evidence.titles)
        ]
        passed_over = first_passed_over(text, self.questions)
        if passed_over is not None and not any(each.kind == "language" for each in found):
            found.append(Violation("unanswered", passed_over.question, len(text), len(text)))
        found += self._marks(text, claims, found)
        return tuple(sorted(set(found), key=lambda violation: (violation.start, violation.end, violation.kind)))

    def _meanings(self, text: str) -> Iterator[tuple[ViolationKind, int, int]]:
        """What the words say against the verdict, the answers and the orders."""
        request = self.request
        verdict = request.verdict
        for start, end in find_wrong_decisions(text, verdict):
            # "It is cancelled already" tells how the order stands, whatever was decided.
            if verdict is None or verdict.outcome == "allow" or not self._recorded(verdict.action, text[start:end]):
                yield "polarity", start, end
        # What is said of an order by its number is held against its record, not against what holds in general.
        numbers = [order.number for order in own_orders(request)]
        of_orders = [(start, end) for start, end in sentences(text) if any(n in text[start:end] for n in numbers)]
        for said, shared in find_contradictions(text, self.statements, self.title_terms, shipped=self._is_shipped()):
            if any(start <= said.start < end for start, end in of_orders):
                continue
            if said.cost or not follows(shared, said.positive, verdict):
                yield "contradiction", said.start, said.end
        for start, end in find_wrong_windows(text, self.windows, self.title_terms):
            yield "role", start, end
        carried_out = frozenset({verdict.action}) if verdict is not None and verdict.outcome == "allow" else frozenset()
        for start, end in find_wrong_statuses(text, request, carried_out):
            yield "status", start, end

    def _is_shipped(self) -> bool:
        order = self.request.order
        return order is not None and (order.shipped_at is not None or bool(order.shipments))

    def _marks(self, text: str, claims: list[Claim], found: list[Violation]) -> list[Violation]:
        """Sentences that rest on nothing, where nothing worse is said of them."""
        spoken = [(claim.start, claim.end) for claim in claims] + [
            (each.start, each.end) for each in found if each.kind != "unanswered"
        ]
        spoken += self._quoted(text)
        folded = fold(text)
        spoken += [
            (start, end) for start, end in sentences(text) if next(find_promises(folded[start:end]), None) is not None
        ]
        return [
            self._violation("unsupported", text, start, end)
            for start, end in find_unsupported(text, self.terms, spoken)
        ]

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
            held = self.evidence.holds(claim, text) or self.known.ends_a_window(claim, text)
            if not held and not self._is_pleasantry(claim.value, text, claim.start):
                found.append(self._violation(claim.kind, text, claim.start, claim.end))
        unknown = {violation.start for violation in found}
        roles = find_wrong_roles(text, claims, self.request, self.known)
        found += [self._violation("role", text, each.start, each.end) for each in roles if each.start not in unknown]
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
        return found

    def _granted(self, promise: Promise, sentence: str) -> bool:
        verdict = self.request.verdict
        allowed = verdict is not None and verdict.outcome == "allow"
        if allowed and verdict is not None and verdict.action in _GRANTS.get(promise.action, {promise.action}):
            return True
        if not promise.future and self._recorded(promise.action, sentence):
            return True
        if verdict is not None and verdict.outcome in {"escalate", "ask"} and promise.on_approval:
            return True
        if verdict is not None and not allowed and promise.action in _GRANTS.get(verdict.action, {verdict.action}):
            return False
        return (promise.conditional or promise.action == "free") and self._faq_says(promise.action)

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

    def _names(self, text: str, claims: list[Claim]) -> list[Violation]:
        rest = text
        for claim in claims:  # "Nov", "CNY" and carriers have been looked up already
            rest = rest[: claim.start] + "\x01" * (claim.end - claim.start) + rest[claim.end :]
        strangers = list(find_strangers(text, self.evidence, self.request))
        asked = " ".join(turn.text for turn in self.request.turns if turn.author == "shopper")
        spans: list[tuple[ViolationKind, int, int]] = [
            *(("product", *span) for span in find_catalogue_titles(text, self.evidence, self.request.catalogue)),
            *(("product", *span) for span in find_unknown_names(rest, self.evidence, self.request.language)),
            *(("product", *span) for span in find_misspelt(text, _titles(self.request))),
            *(("variant", *span) for span in find_unknown_variants(text, self.evidence.prose, asked)),
        ]
        kept = [each for each in spans if not any(start < each[2] and each[1] < end for start, end in strangers)]
        kept += [("stranger", *span) for span in strangers]
        return [self._violation(kind, text, start, end) for kind, start, end in kept]

    @staticmethod
    def _violation(kind: ViolationKind, text: str, start: int, end: int) -> Violation:
        return Violation(kind, text[start:end], start, end)


def check(text: str, request: ComposeRequest) -> tuple[Violation, ...]:
    """Violations of one text, such as an operator's edit, against the evidence of ``request``."""
    return Guard.of(request).check(text)


def _titles(request: ComposeRequest) -> set[str]:
    lines = (line.title for order in own_orders(request) for line in order.lines)
    products = (title for product in request.products for title in product.title.values())
    return {*lines, *products}


def _prose(request: ComposeRequest) -> Iterator[str]:
    """What answers, verdict and descriptions state in the reply's language."""
    for hit in usable_answers(request):
        yield hit.entry.answer
    if request.verdict is not None:
        yield request.verdict.reasons.get(request.language, "")
    for product in request.products:
        yield product.description.get(request.language, "")


def _excuses(span: tuple[int, int], violation: Violation) -> bool:
    """Whether a quotation holds the whole of what was found; an amount alone says nothing of its role."""
    start, end = span
    if violation.kind == "role" and (start, end) == (violation.start, violation.end):
        return False
    return start <= violation.start and violation.end <= end


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the span is not cut out of a longer number or word ("86" out of "186")."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_joins(before, text[start]) or _joins(text[end - 1], after))


def _joins(left: str, right: str) -> bool:
    if not left or not right or CJK.match(left) or CJK.match(right):
        return False
    return left.isalnum() and right.isalnum()
