"""What goes into the engine and what comes out of it: frozen dataclasses, nothing else.

Money is an integer of the currency's minor units; datetimes are aware; languages are ``en`` and ``zh-hans``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["en", "zh-hans"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-hans")


def as_language(name: str) -> Language:
    """The language of that name; ``ValueError`` for any other."""
    for language in LANGUAGES:
        if language == name:
            return language
    raise ValueError(f"{name!r} is not one of {', '.join(LANGUAGES)}")


#: One per question; the names of ``canonical.md``. ``other`` is the honest "I do not know".
INTENTS: tuple[str, ...] = (
    "order_status",
    "delivery",
    "cancel",
    "change_address",
    "refund",
    "refund_status",
    "return_exchange",
    "damaged_or_wrong_item",
    "invoice",
    "payment",
    "discount_coupon",
    "product_question",
    "size_advice",
    "recommendation",
    "stock",
    "place_order",
    "account",
    "complaint",
    "wants_a_person",
    "greeting_thanks",
    "other",
)

EntityKind = Literal["order_number", "product", "amount", "date", "reason", "quantity", "address", "tracking"]


# --- understanding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, oldest first in every sequence of turns."""

    author: Literal["shopper", "operator", "bot", "system"]
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the last shopper turn; ``value`` is normalised (an amount "86.00 CNY", a date "2026-11-24")."""

    kind: EntityKind
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """``question`` is the part of the shopper's message that it was read from."""

    name: str
    probability: float
    question: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the shopper wants. ``intents`` is ranked: the first is the one most needed to be answered.

    ``requested_action`` is an action of the canonical vocabulary (``refund``, ``cancel``, ...) when the shopper asks
    for something to be *done*, and ``None`` for a mere question.
    """

    language: Language
    intents: tuple[IntentGuess, ...]
    entities: tuple[Entity, ...] = ()
    requested_action: str | None = None
    reason: str | None = None
    wants_person: bool = False
    injection: bool = False

    @property
    def intent(self) -> IntentGuess:
        return self.intents[0]

    def values(self, kind: EntityKind) -> tuple[str, ...]:
        return tuple(entity.value for entity in self.entities if entity.kind == kind)


# --- retrieval ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One published answer in one language, with the phrasings that lead to it."""

    id: str
    revision: int
    language: Language
    question: str
    answer: str
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaqHit:
    """``score`` in [0, 1]: one threshold means the same for every merchant. The parts say why.

    ``query`` is the question that was searched for, when a message held several.
    """

    entry: FaqEntry
    score: float
    phrasing: str
    lexical: float
    dense: float
    query: str = ""


# --- facts that a reply may rest on --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineFacts:
    title: str
    quantity: int
    unit_price_minor: int
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    carrier: str
    tracking: str
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    amount_minor: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """``status`` is one of the canonical order states. All amounts share ``currency``."""

    number: str
    status: str
    currency: str
    total_minor: int
    placed_at: datetime
    refundable_minor: int = 0
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    lines: tuple[LineFacts, ...] = ()
    shipments: tuple[ShipmentFacts, ...] = ()
    refunds: tuple[RefundFacts, ...] = ()
    payment_methods: tuple[str, ...] = ()
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    id: str
    title: Mapping[str, str]
    price_minor: int
    currency: str
    stock: int
    url: str = ""
    category: str = ""
    description: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """The merchant's decision as data (canonical ``verdict``). The engine words it and never makes one.

    ``refund_to`` names the payment methods that money goes back to; left empty, the order's own method is meant.
    """

    action: str
    outcome: Literal["allow", "deny", "escalate", "ask"]
    amount_minor: int | None = None
    currency: str = ""
    ask: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    order_number: str = ""
    refund_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalValues:
    """Values that the records hold about this shopper; masked exactly in prompts, restored in the final reply."""

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    order_numbers: tuple[str, ...] = ()
    trackings: tuple[str, ...] = ()


# --- composing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    """All that a reply may be made of. ``orders`` and ``personal`` belong to the identified shopper and to nobody else.

    ``products`` are evidence. ``catalogue`` holds titles of the shop's other products, in any language: a reply that
    names one of them names a product that nobody asked about.
    """

    language: Language
    turns: tuple[Turn, ...]
    understanding: Understanding
    store_name: str
    now: datetime
    timezone: str = "Asia/Shanghai"
    answers: tuple[FaqHit, ...] = ()
    orders: tuple[OrderFacts, ...] = ()
    order: OrderFacts | None = None
    verdict: VerdictFacts | None = None
    products: tuple[ProductFacts, ...] = ()
    catalogue: tuple[str, ...] = ()
    personal: PersonalValues = PersonalValues()
    identified: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """The statement ``text[start:end]`` of a candidate rests on ``evidence``.

    References: ``faq:<id>:<revision>``, ``order:<number>``, ``verdict:<action>``, ``product:<id>``.
    An empty reference marks a statement without evidence that states no fact (a greeting, an apology).
    """

    start: int
    end: int
    evidence: str


ViolationKind = Literal[
    "order_number",
    "amount",
    "date",
    "number",
    "url",
    "email",
    "phone",
    "product",
    "carrier",
    "payment_method",
    "status",
    "promise",
    "polarity",
    "placeholder",
    "language",
    "empty",
]


@dataclass(frozen=True, slots=True)
class Violation:
    kind: ViolationKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One alternative wording. ``score`` ranks it among its siblings; a candidate with violations is never the best."""

    text: str
    source: Literal["composer", "language_model"]
    model: str
    score: float
    links: tuple[EvidenceLink, ...] = ()
    violations: tuple[Violation, ...] = ()
    log_probability: float | None = None
    seconds: float = 0.0

    @property
    def supported(self) -> bool:
        return not self.violations
