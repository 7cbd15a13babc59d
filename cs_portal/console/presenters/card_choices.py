"""Cards that go out with a reply, as boxes to tick: those chosen, and those found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import Card, ProductCard, Reference, reference_text, resolve_cards
from cs_portal.commerce.models import Shopper


@dataclass(frozen=True, slots=True)
class CardChoice:
    """``value`` is what the form sends; ``warning`` says why one may not want to send it."""

    value: str
    kind: str
    title: str
    detail: str
    image: str
    row: UUID
    chosen: bool
    warning: str = ""


def card_choices(
    references: Iterable[Reference], *, shopper: Shopper, chosen: Sequence[str] | None = None
) -> list[CardChoice]:
    """In the reader's language. ``chosen`` are values; all are chosen when it is left out."""
    cards = resolve_cards(list(references), locale=get_language() or "en", shopper=shopper)
    return [choice_of(card, chosen=chosen is None or _value(card) in chosen) for card in cards]


def references_of(values: Iterable[str]) -> list[dict[str, str]]:
    """References from what a form sent, unchecked: only for showing it again."""
    found = []
    for value in dict.fromkeys(values):
        kind, _colon, key = value.partition(":")
        if kind in {"product", "order"} and key:
            found.append({"kind": kind, "id" if kind == "product" else "number": key[:64]})
    return found


def merged(own: Iterable[Reference], posted: Sequence[str]) -> list[Reference]:
    """The draft's own cards and those that the operator added."""
    known = {reference_text(card): card for card in own}
    return [*known.values(), *(card for card in references_of(posted) if reference_text(card) not in known)]


def choice_of(card: Card, *, chosen: bool) -> CardChoice:
    if isinstance(card, ProductCard):
        warning = "" if card.in_stock else _("Sold out or inactive")
        return CardChoice(
            _value(card), "product", card.title, card.price, card.image, card.row, chosen, warning=warning
        )
    title = _("Order %(number)s") % {"number": card.number}
    return CardChoice(_value(card), "order", title, f"{card.status_text} · {card.total}", "", card.row, chosen)


def _value(card: Card) -> str:
    return f"product:{card.id}" if isinstance(card, ProductCard) else f"order:{card.number}"
