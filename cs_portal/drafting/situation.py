"""What a reply is prepared for: a conversation as it is, or one that is imagined to see what would be said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bots.retrieval.index import FaqIndex
from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.selectors import messages_after, unanswered_turns
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.selectors import ServedFaq, served_faqs
from cs_portal.merchants.models import Storefront


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Where answers are looked for, and what they say: what is live, unless somebody tries more."""

    among: FaqIndex | None = None
    served: Callable[[Iterable[str]], Mapping[str, ServedFaq]] = served_faqs


@dataclass(frozen=True, slots=True)
class Situation:
    """``conversation`` and ``message`` may be unsaved. ``asked`` is a request of the chat's form that waits.

    ``order`` and ``products`` are what the message is about where that is said beforehand, whatever its words mean.
    """

    conversation: Conversation
    message: Message
    history: Sequence[Message]
    waiting: Sequence[Message] = ()
    asked: Message | None = None
    order: Order | None = None
    products: Sequence[Product] = ()
    knowledge: Knowledge = field(default_factory=Knowledge)


def situation_of(message: Message) -> Situation:
    """The conversation of a message, as it is now."""
    conversation = Conversation.objects.select_related("shopper", "storefront", "merchant").get(
        pk=message.conversation_id
    )
    waiting = unanswered_turns(conversation_id=conversation.pk)
    return Situation(
        conversation=conversation,
        message=message,
        history=messages_after(conversation_id=conversation.pk),
        waiting=waiting,
        asked=next((turn for turn in reversed(waiting) if turn.request), None),
    )


def imagined(
    text: str,
    *,
    storefront: Storefront,
    locale: str,
    shopper: Shopper | None,
    order: Order | None,
    products: Sequence[Product],
    knowledge: Knowledge,
    now: datetime,
) -> Situation:
    """The first message of a conversation that nobody had; nothing of it is saved. Without a shopper, a stranger's."""
    merchant = current_merchant()
    conversation = Conversation(
        merchant=merchant,
        storefront=storefront,
        shopper=shopper or Shopper(merchant=merchant, created_at=now),
        locale=locale,
    )
    message = Message(merchant=merchant, conversation=conversation, author=Author.SHOPPER, text=text, created_at=now)
    return Situation(
        conversation=conversation,
        message=message,
        history=[message],
        waiting=[message],
        order=order,
        products=products,
        knowledge=knowledge,
    )
