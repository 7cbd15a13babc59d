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
#: How the composer says it: ``plain`` is the house's way.
Tone = Literal["plain", "brief", "warm", "formal"]


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
    for something to be *done*, and ``None`` for a mere question. ``unread`` are parts of the message that ask something
    besides, of which nobody knows what.
    """

    language: Language
    intents: tuple[IntentGuess, ...]
    entities: tuple[Entity, ...] = ()
    requested_action: str | None = None
    reason: str | None = None
    wants_person: bool = False
    injection: bool = False
    unread: tuple[str, ...] = ()

    @property
    def intent(self) -> IntentGuess:
        return self.intents[0]

    def values(self, kind: EntityKind) -> tuple[str, ...]:
        return tuple(entity.value for entity in self.entities if entity.kind == kind)


# --- retrieval ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One published answer in one language, with the phrasings that lead to it.

    ``hand_over``: whoever asks this gets a person, after the answer if there is one. ``needs_order``: there is no
    answer until it is known which order is meant; ``for_order``: the answer was written for an order like this one.
    """

    id: str
    revision: int
    language: Language
    question: str
    answer: str
    variants: tuple[str, ...] = ()
    hand_over: bool = False
    needs_order: bool = False
    for_order: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """``words`` of the question that the nearest phrasing holds, as they are searched; its ``relevance`` in spreads of
    unrelated texts; ``learned`` is the probability by the head, ``None`` where nothing was learned."""

    words: tuple[str, ...]
    relevance: float
    learned: float | None


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
    why: Why | None = None


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
    ``lines`` are the items that it is about, where the request names them.
    """

    action: str
    outcome: Literal["allow", "deny", "escalate", "ask"]
    amount_minor: int | None = None
    currency: str = ""
    ask: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    order_number: str = ""
    refund_to: tuple[str, ...] = ()
    lines: tuple[LineFacts, ...] = ()


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
    names one of them names a product that nobody asked about. ``price_limit_minor`` of ``price_currency`` is what the
    shopper wants to spend at most on what is recommended.
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
    price_limit_minor: int | None = None
    price_currency: str = ""
    seed: int = 0
    tone: Tone = "plain"


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
    "role",
    "contradiction",
    "variant",
    "stranger",
    "insult",
    "advice",
    "leak",
    "placeholder",
    "language",
    "unanswered",
    "unsupported",
    "empty",
]


#: Kinds that an operator is told of and that stop autopilot, but that no reply is set aside for.
MARKS: frozenset[ViolationKind] = frozenset({"unanswered", "unsupported"})


@dataclass(frozen=True, slots=True)
class Violation:
    """``text`` is what stands at ``start`` to ``end`` of the reply; for ``unanswered``, the question, at its end."""

    kind: ViolationKind
    text: str
    start: int
    end: int

    @property
    def blocks(self) -> bool:
        return self.kind not in MARKS


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a candidate, each in [0, 1] and defined in :mod:`bots.composing.signals`; None is not known."""

    fluency: float | None = None
    fit: float | None = None
    retrieval: float | None = None
    guard: float | None = None
    coverage: float | None = None
    topic: float | None = None
    tone: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One alternative wording. ``score`` ranks it among its siblings; a candidate with violations is never the best.

    ``signals`` is None where nobody read them, and ``score`` stands then as it is. ``tokens`` and ``log_probability``
    are the language model's, ``seconds`` those of the call that made it.
    """

    text: str
    source: Literal["composer", "language_model"]
    model: str
    score: float
    links: tuple[EvidenceLink, ...] = ()
    violations: tuple[Violation, ...] = ()
    log_probability: float | None = None
    tokens: int = 0
    seconds: float = 0.0
    signals: Signals | None = None

    @property
    def supported(self) -> bool:
        return not any(violation.blocks for violation in self.violations)
