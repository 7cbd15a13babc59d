"""The shopper confirms what the chat's form told them: the request enters the conversation as their message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.services import Asked, receive_shopper_message
from cs_portal.core.errors import Conflict, NotAllowed
from cs_portal.drafting.asked import Preview, order_of, preview_request


class RequestMoved(Conflict):
    """What would happen is not what the shopper confirmed. ``preview`` is what would happen now."""

    def __init__(self, message: str, preview: Preview) -> None:
        super().__init__(message)
        self.preview = preview


def look_at_request(*, shopper: Shopper, order_number: str, data: object, photos: int, now: datetime) -> Preview:
    """:func:`~cs_portal.drafting.asked.preview_request` for who proved who they are. Raises :class:`NotAllowed`."""
    if not shopper.is_identified:
        raise NotAllowed(_("Sign in to the shop and we can look up your orders for you."))
    order = order_of(shopper=shopper, number=order_number) if order_number else None
    return preview_request(shopper=shopper, order=order, data=data, photos=photos, now=now)


def confirm_request(
    *,
    conversation: Conversation,
    order_number: str,
    data: object,
    photos: Sequence[UUID],
    seen: str,
    client_id: str,
    now: datetime,
) -> tuple[Message, bool]:
    """Accept the request as it was previewed under ``seen``. The same ``client_id``, or the same open request, is the
    same message. Raises :class:`RequestMoved`, and what :func:`receive_shopper_message` raises."""
    known = Message.objects.filter(conversation=conversation, client_id=client_id, request__isnull=False).first()
    if known is not None:
        return known, False
    shopper = conversation.shopper
    preview = look_at_request(shopper=shopper, order_number=order_number, data=data, photos=len(set(photos)), now=now)
    if preview.seen != seen or not preview.may_confirm:
        raise RequestMoved(_("This has changed meanwhile. Look at it again, please."), preview)
    return receive_shopper_message(
        conversation_id=conversation.pk,
        text=preview.text,
        client_id=client_id,
        photos=photos,
        asked=Asked(preview.request, order_number, preview.confirmation()),
        now=now,
    )
