"""Messages of the session's conversation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.client_address import client_address
from cs_portal.storefront import limits
from cs_portal.storefront.endpoint import endpoint, with_session
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.parsing import LARGEST_BODY, json_object, key_field, photo_ids, required_text, uuid_value
from cs_portal.storefront.presenters import message_json, messages_json, state_json
from cs_portal.storefront.selectors import chat_state, messages_since


@endpoint("GET", "POST")
@with_session
def messages(request: HttpRequest, session: ChatSession) -> HttpResponse:
    return _post(request, session) if request.method == "POST" else _get(request, session)


def _post(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """201 for a new message, 200 when this client id already brought the same text."""
    now = timezone.now()
    data = json_object(request, allowed={"client_id", "text", "photos"})
    client_id = key_field(data, "client_id", longest=64)
    text = required_text(data, "text", longest=LARGEST_BODY)
    photos = photo_ids(data)
    if photos and not text.strip():
        text = _("I have added a photo.")
    limits.message(session=session, address=client_address(request), now=now)
    message, created = receive_shopper_message(
        conversation_id=session.conversation_id, text=text, client_id=client_id, photos=photos, now=now
    )
    answer = {
        "message": message_json(message, conversation=session.conversation),
        "state": state_json(chat_state(conversation_id=session.conversation_id, now=now)),
    }
    return JsonResponse(answer, status=201 if created else 200)


def _get(request: HttpRequest, session: ChatSession) -> HttpResponse:
    after = request.GET.get("after")
    rows = messages_since(conversation=session.conversation, after=uuid_value(after, "after") if after else None)
    answer = {
        "messages": messages_json(rows, conversation=session.conversation),
        "state": state_json(chat_state(conversation_id=session.conversation_id, now=timezone.now())),
    }
    return JsonResponse(answer)
