"""Cards that went out with messages, as colleagues read them in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import Card, ProductCard, Reference, reference_text, resolve_many
from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Message


@dataclass(frozen=True, slots=True)
class SentCard:
    """``row`` is the public id for the link, None for what is gone; ``lines`` are what an order holds."""

    kind: str
    title: str
    detail: str = ""
    image: str = ""
    row: UUID | None = None
    lines: tuple[str, ...] = ()


def sent_cards(messages: Iterable[Message], *, shopper: Shopper) -> dict[int, list[SentCard]]:
    """The cards of each message by its primary key, in the reader's language; as many queries for any number of them.

    What the shop no longer has, or what is no longer the shopper's, stands by its number alone: it was sent.
    """
    asked = {row.pk: [reference for reference in row.cards if isinstance(reference, dict)] for row in messages}
    every = [reference for references in asked.values() for reference in references]
    found = _resolved(every, shopper)
    return {
        pk: [_shown(reference, found.get(reference_text(reference))) for reference in references]
        for pk, references in asked.items()
        if references
    }


def _resolved(references: Sequence[Reference], shopper: Shopper) -> dict[str, Card]:
    if not references:
        return {}
    lists = resolve_many([[one] for one in references], locale=get_language() or "en", shopper=shopper)
    return {reference_text(one): cards[0] for one, cards in zip(references, lists, strict=True) if cards}


def _shown(reference: Reference, card: Card | None) -> SentCard:
    if card is None:
        number = reference.get("number") or reference.get("id") or ""
        kind = "order" if reference.get("kind") == "order" else "product"
        word = pgettext("card", "Order") if kind == "order" else pgettext("card", "Product")
        return SentCard(kind, f"{word} {number}", _("not to be found any more"))
    if isinstance(card, ProductCard):
        price = card.price if card.in_stock else " · ".join(filter(None, (card.price, _("Sold out or inactive"))))
        return SentCard("product", card.title, price, card.image, card.row)
    title = _("Order %(number)s") % {"number": card.number}
    lines = tuple(f"{line.quantity} × {line.title}" for line in card.lines)
    return SentCard("order", title, f"{card.status_text} · {card.total}", "", card.row, lines)
