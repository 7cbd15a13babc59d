"""What the widget is told, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cs_portal.commerce.cards import Card, ProductCard, card_json, resolve_many
from cs_portal.conversations.models import Author, Conversation, Message, Photo
from cs_portal.conversations.selectors import photos_of
from cs_portal.drafting.asked_words import state_words
from cs_portal.drafting.request_status import RequestStatus
from cs_portal.merchants.models import Locale, Storefront
from cs_portal.storefront.order_forms import actions_of, places_orders
from cs_portal.storefront.selectors import ChatState

MessageJson = dict[str, Any]


def messages_json(messages: Sequence[Message], *, conversation: Conversation) -> list[MessageJson]:
    """Messages with their cards as these are now, in a constant number of queries (none without cards)."""
    cards: list[list[Card]] = [[] for _message in messages]
    orders = False
    if any(message.cards for message in messages):
        lists = [message.cards for message in messages]
        cards = resolve_many(lists, locale=conversation.locale, shopper=conversation.shopper)
        identified = conversation.shopper.is_identified
        orders = (
            identified and any(isinstance(card, ProductCard) for shown in cards for card in shown) and places_orders()
        )
    photos = photos_of(messages)
    return [
        _message(message, shown, photos.get(message.pk, []), orders=orders)
        for message, shown in zip(messages, cards, strict=True)
    ]


def message_json(message: Message, *, conversation: Conversation) -> MessageJson:
    return messages_json([message], conversation=conversation)[0]


def photo_json(photo: Photo) -> dict[str, Any]:
    return {"id": str(photo.public_id), "width": photo.width, "height": photo.height}


def _message(message: Message, cards: Sequence[Card], photos: Sequence[Photo], *, orders: bool) -> MessageJson:
    """A message for the shopper's eyes: ids, words, who and when; nothing internal."""
    user = message.member.user if message.member and message.author == Author.OPERATOR else None
    more: MessageJson = {}
    if photos:
        more["photos"] = [photo_json(photo) for photo in photos]
    if message.request:
        more["request"] = {"action": message.request["action"], "order": message.request_order}
        more["request"]["says"] = (message.confirmation or {}).get("says", [])
    return {
        "id": str(message.public_id),
        "author": message.author,
        "name": user.name if user else None,
        "text": message.text,
        "cards": [_card(card, orders=orders) for card in cards],
        "at": message.created_at.isoformat(),
        "client_id": message.client_id if message.author == Author.SHOPPER else None,
        **more,
    }


def _card(card: Card, *, orders: bool) -> dict[str, Any]:
    """With what can be asked for it here."""
    shown = card_json(card)
    if isinstance(card, ProductCard):
        return {**shown, "order_here": True} if orders and card.in_stock else shown
    return {**shown, "actions": actions_of(card)}


def state_json(state: ChatState) -> dict[str, Any]:
    return {
        "status": state.status,
        "person": {"name": state.person, "asked": state.asked_for_person, "awaited": state.awaits_person},
        "desk": {"open": state.is_open, "opens_at": state.opens_at.isoformat() if state.opens_at else None},
        "has_email": state.has_email,
        "resolved": state.is_resolved,
        "rating": {"asked": state.asks_rating, "score": state.score},
        "mail_to": state.mail_to,
        **({"requests": [_request(status) for status in state.requests]} if state.requests else {}),
    }


def _request(status: RequestStatus) -> dict[str, str]:
    return {"message": str(status.message.public_id), "state": status.state, "text": state_words(status.state)}


def look_json(storefront: Storefront) -> dict[str, Any]:
    """The launcher's look, which is public as the shop's page is."""
    return {
        "accent": storefront.accent,
        "position": storefront.position,
        "locale": storefront.locale,
        "launcher": {Locale.EN.value: storefront.launcher_text_en, Locale.ZH_HANS.value: storefront.launcher_text_zh},
    }


def quick_replies(storefront: Storefront, locale: str, *, most: int = 6) -> list[str]:
    """The storefront's proposed questions in ``locale``; one that lacks it is left out."""
    key = "zh" if locale == Locale.ZH_HANS else "en"
    texts = [str(reply.get(key) or "").strip() for reply in storefront.quick_replies if isinstance(reply, dict)]
    return [text for text in texts if text][:most]
