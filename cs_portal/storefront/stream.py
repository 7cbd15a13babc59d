"""Who may follow a conversation live: the browser that holds its session token."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.events import conversation_topic
from cs_portal.core.secrets import token_hash
from cs_portal.core.stream.audience import Audience, Refused, StreamRequest
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.storefront.models import ChatSession


def chat_audience(request: StreamRequest) -> Audience:
    """``/stream/chat/`` with ``Authorization: Bearer``. No cookie counts here, so no other site can borrow it."""
    if request.name:
        raise Refused(404)
    if not request.bearer:
        raise Refused(401)
    # The token alone tells the merchant, so there is no scope yet.
    with scopes_disabled():
        session = (
            ChatSession.objects.filter(
                token_hash=token_hash(request.bearer), expires_at__gt=timezone.now(), storefront__is_active=True
            )
            .values_list("pk", "merchant_id", "conversation__public_id")
            .first()
        )
    if session is None:
        raise Refused(401)
    pk, merchant_id, conversation = session
    return Audience(merchant_id=merchant_id, topics=(conversation_topic(conversation),), holder=f"chat:{pk}")
