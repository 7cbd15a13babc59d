"""Full-text search over conversations: messages, notes, the shopper's name and address, order numbers.

There is one document per conversation, so that words of different messages meet, and a word that came before costs
nothing (measured against one document per message at 100,000 conversations: smaller, quicker, see ``bench``). Services
index what they write within their own transaction. Both databases keep their index by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Author, Conversation, Message, Note, SearchDocument
from cs_portal.core.fulltext import FullTextIndex, merchant_token
from cs_portal.core.tenancy import current_merchant
from cs_portal.core.tokens import MAX_LENGTH, Term, terms_of, tokens_of

#: At most so many conversations match, the newest ones.
LIMIT = 1000
MAX_QUERY = 200
BATCH = 500
#: Pages of the index that one step of :func:`purge` writes; others may write in between.
PURGE_PAGES = 500
_INDEX = FullTextIndex("conversations_searchdocument", "conversation_id", "conversations_search")


def index_message(message: Message) -> None:
    """Make the message findable, within the caller's transaction. The portal's own lines are not."""
    if message.author != Author.SYSTEM:
        _add(message.conversation_id, _texts_of_message(message.text, message.cards))


def index_note(note: Note) -> None:
    """Make the note findable, within the caller's transaction; only the console searches."""
    _add(note.conversation_id, [note.text])


def index_email(*, conversation_id: int, email: str) -> None:
    """The address that an anonymous shopper left."""
    _add(conversation_id, [email])


def index_shoppers(ids: Sequence[int]) -> None:
    """These shoppers have new names or addresses: their conversations are found by them from now on.

    So are those that were moved to them. Within the caller's transaction; no conversation is read one by one.
    """
    reindex(Conversation.objects.filter(shopper__in=ids).order_by("pk").values_list("pk", flat=True))


def reindex(conversation_ids: Iterable[int]) -> None:
    """Make the documents of these conversations anew from their rows, after bulk writes, corrections and erasures."""
    ids = list(conversation_ids)
    for start in range(0, len(ids), BATCH):
        _reindex(ids[start : start + BATCH])


def reindex_all() -> int:
    """Every conversation of the merchant, a batch a transaction; how many there were."""
    done, last = 0, 0
    while ids := list(Conversation.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _reindex(ids)
        done, last = done + len(ids), ids[-1]
    return done


def purge() -> None:
    """Drop what the index still holds of documents that are gone. Outside of a transaction, in short steps.

    SQLite's index only marks a deleted document's words until the pieces that hold them are merged. On PostgreSQL the
    words lie in the row itself, and go with it.
    """
    if connection.vendor != "sqlite":
        return
    pages = -PURGE_PAGES  # negative once: merge everything into one piece, however small the pieces are
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT total_changes()")
            (before,) = cursor.fetchone()
            cursor.execute("INSERT INTO conversations_search(conversations_search, rank) VALUES ('merge', %s)", [pages])
            cursor.execute("SELECT total_changes()")
            if cursor.fetchone()[0] - before < 2:  # the documented sign that nothing was left to merge
                return
            pages = PURGE_PAGES


def warm_up() -> None:
    """Load the Chinese dictionary, so that no message waits for it."""
    tokens_of(["中文分词"])


def matching(query: str) -> list[int]:
    """The newest conversations of the merchant that have every word of ``query``, at most ``LIMIT``, newest first.

    A Latin word of three letters or more also finds longer ones that begin with it. The number of an order finds the
    conversations of who placed it, too. Whatever is typed is data, never an operator. Three queries at most.
    """
    query = query[:MAX_QUERY]
    terms = terms_of(query)
    found = set(_matching(terms)) if terms else set()
    found.update(_of_order(query.strip().lstrip("#")))
    return sorted(found, reverse=True)[:LIMIT]


def _matching(terms: Sequence[Term]) -> list[int]:
    newest = f"ORDER BY conversation_id DESC LIMIT {LIMIT}"
    sql, params = _INDEX.matching(terms, merchant_id=current_merchant().pk, suffix=newest)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _of_order(number: str) -> Iterable[int]:
    if not number or len(number) > MAX_LENGTH or not any(letter.isdigit() for letter in number):
        return []
    shoppers = list(Order.objects.filter(number__in={number, number.upper()}).values_list("shopper_id", flat=True))
    if not shoppers:
        return []
    rows = Conversation.objects.filter(shopper_id__in=shoppers)
    return rows.order_by("-pk").values_list("pk", flat=True)[:LIMIT]


def _texts_of_message(text: str, cards: Sequence[dict[str, str]]) -> list[str]:
    return [text, *(str(card.get("number", "")) for card in cards)]


def _add(conversation_id: int, texts: Iterable[str]) -> None:
    """Append what is new. Appending is one statement, so that of two writers at the same time neither is lost."""
    known = SearchDocument.objects.filter(conversation_id=conversation_id).values_list("tokens", flat=True).first()
    merchant = current_merchant()
    found = tokens_of(texts)
    if known is None:
        shopper = Conversation.objects.values_list("shopper__name", "shopper__email", "email").get(pk=conversation_id)
        found |= tokens_of(shopper) | {merchant_token(merchant.pk)}
    else:
        found.difference_update(known.split(" "))
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_searchdocument (conversation_id, merchant_id, tokens) VALUES (%s, %s, %s) "
            "ON CONFLICT (conversation_id) DO UPDATE "
            "SET tokens = conversations_searchdocument.tokens || ' ' || excluded.tokens",
            [conversation_id, merchant.pk, " ".join(sorted(found))],
        )


def _reindex(ids: Sequence[int]) -> None:
    merchant = current_merchant()
    texts: dict[int, list[str]] = defaultdict(list)
    rows = Conversation.objects.filter(pk__in=ids).values_list("pk", "shopper__name", "shopper__email", "email")
    for pk, *who in rows:
        texts[pk] += who
    messages = Message.objects.filter(conversation_id__in=ids).exclude(author=Author.SYSTEM)
    for pk, text, cards in messages.values_list("conversation_id", "text", "cards").iterator():
        texts[pk] += _texts_of_message(text, cards)
    for pk, text in Note.objects.filter(conversation_id__in=ids).values_list("conversation_id", "text"):
        texts[pk].append(text)
    documents = [
        SearchDocument(
            merchant=merchant,
            conversation_id=pk,
            tokens=" ".join(sorted(tokens_of(texts[pk]) | {merchant_token(merchant.pk)})),
        )
        for pk in sorted(texts)
    ]
    SearchDocument.objects.bulk_create(
        documents, update_conflicts=True, unique_fields=["conversation"], update_fields=["tokens"]
    )
