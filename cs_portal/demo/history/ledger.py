"""Everything the history wrote, in memory, until it is saved in a few bulk inserts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from cs_portal.commerce.models import Product, Shopper
from cs_portal.conversations.models import Activity, Conversation, ConversationTag, Message, Note, OutgoingReply, Tag
from cs_portal.core.models import AuditEntry
from cs_portal.drafting.models import Draft, DraftCandidate, Review
from cs_portal.knowledge.models import FaqText
from cs_portal.merchants.hours import Schedule
from cs_portal.merchants.models import Member, Merchant, Storefront
from cs_portal.policies.models import RulesetVersion


@dataclass(slots=True)
class Ledger:
    """Unsaved rows that refer to each other. ``orders`` pairs drafts with the number of their order."""

    visitors: list[Shopper] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    candidates: list[DraftCandidate] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    outgoing: list[OutgoingReply] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    tagged: list[ConversationTag] = field(default_factory=list)
    audits: list[AuditEntry] = field(default_factory=list)
    orders: list[tuple[Draft, str]] = field(default_factory=list)

    def take(self, other: Ledger) -> None:
        for each in fields(self):
            getattr(self, each.name).extend(getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what takes part in the history of a merchant."""

    merchant: Merchant
    now: datetime
    schedule: Schedule
    storefronts: dict[str, Storefront]
    operators: dict[str, Sequence[Member]]
    admin: Member
    ruleset: RulesetVersion
    shoppers: dict[str, Shopper]
    products: dict[str, Product]
    product_documents: dict[str, dict[str, Any]]
    faqs: dict[tuple[str, str], FaqText]
    tags: dict[str, Tag]
