"""What a search over the whole console finds, by kind, a few of each. The lists' own searches do the finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.console.presenters.queue import shopper_name
from cs_portal.drafting.finding import (
    found_conversations,
    found_faqs,
    found_orders,
    found_products,
    found_shoppers,
)
from cs_portal.knowledge.models import Faq

#: Rows of each kind.
FEW = 5


@dataclass(frozen=True, slots=True)
class Find:
    icon: str
    text: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Finds:
    """Those of one kind; ``more`` leads to the list with the same search, where there may be others."""

    label: str
    rows: list[Find]
    more: str


def finds_for(query: str, *, merchant: str) -> list[Finds]:
    """At most :data:`FEW` of each kind. The number of queries is fixed."""
    kinds: list[tuple[str, Callable[[str, str], Iterator[Find]], str]] = [
        (_("Orders"), _orders, "orders"),
        (_("Conversations"), _conversations, "inbox"),
        (_("Shoppers"), _shoppers, "shoppers"),
        (_("FAQs"), _faqs, "knowledge"),
        (_("Products"), _products, "products"),
    ]
    found = []
    for label, find, everything in kinds:
        rows = list(find(query, merchant))
        searched = {"q": query, **({"state": "any"} if everything == "inbox" else {})}
        more = f"{reverse(f'console:{everything}', args=[merchant])}?{urlencode(searched)}"
        found.append(Finds(label, rows, more if len(rows) == FEW else ""))
    return [finds for finds in found if finds.rows]


def _orders(query: str, merchant: str) -> Iterator[Find]:
    for order in found_orders(query, limit=FEW):
        note = f"{order.get_status_display()} · {shopper_name(order.shopper)}"
        yield Find("receipt-2", f"#{order.number}", note, reverse("console:order", args=[merchant, order.public_id]))


def _conversations(query: str, merchant: str) -> Iterator[Find]:
    for row in found_conversations(query, limit=FEW):
        url = reverse("console:conversation", args=[merchant, row.public_id])
        yield Find("inbox", shopper_name(row.shopper), row.preview, url)


def _shoppers(query: str, merchant: str) -> Iterator[Find]:
    for shopper in found_shoppers(query, limit=FEW):
        url = reverse("console:shopper", args=[merchant, shopper.public_id])
        yield Find("user", shopper_name(shopper), shopper.email, url)


def _faqs(query: str, merchant: str) -> Iterator[Find]:
    for faq in found_faqs(query, limit=FEW):
        yield Find(
            "file-text", _question(faq), faq.get_state_display(), reverse("console:faq", args=[merchant, faq.public_id])
        )


def _question(faq: Faq) -> str:
    """In the reader's language, else in any; of one that was never published the title of its newest wording."""
    texts = {text.locale: text.question for text in faq.texts.all() if text.question}
    return texts.get(get_language() or "", "") or next(iter(texts.values()), faq.title or faq.key)


def _products(query: str, merchant: str) -> Iterator[Find]:
    for product in found_products(query, limit=FEW):
        title = product.title_zh if get_language() == "zh-hans" else product.title_en
        url = reverse("console:product", args=[merchant, product.public_id])
        yield Find("package", title or str(product), product.external_id, url)
