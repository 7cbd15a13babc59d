"""What the widget tells besides messages: typing, looking, gone, and where to write to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cs_portal.conversations.reply_mail import call_off
from cs_portal.conversations.services import leave_email, mark_left, mark_seen, shopper_typing
from cs_portal.storefront import limits
from cs_portal.storefront.endpoint import endpoint, no_content, with_session
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.parsing import json_object, required_text


@endpoint("POST")
@with_session
def typing(request: HttpRequest, session: ChatSession) -> HttpResponse:
    now = timezone.now()
    json_object(request, allowed=())
    limits.quiet_call(kind="typing", session=session, now=now)
    shopper_typing(conversation_id=session.conversation_id, now=now)
    return no_content()


@endpoint("POST")
@with_session
def seen(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The shopper looks at the chat now."""
    now = timezone.now()
    json_object(request, allowed=())
    limits.quiet_call(kind="seen", session=session, now=now)
    mark_seen(conversation_id=session.conversation_id, now=now)
    call_off(conversation_id=session.conversation_id, now=now)
    return no_content()


@endpoint("POST")
@with_session
def leave(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The shopper closed the chat or left the page."""
    now = timezone.now()
    json_object(request, allowed=())
    limits.quiet_call(kind="leave", session=session, now=now)
    mark_left(conversation_id=session.conversation_id, now=now)
    return no_content()


@endpoint("POST")
@with_session
def email(request: HttpRequest, session: ChatSession) -> HttpResponse:
    now = timezone.now()
    data = json_object(request, allowed={"email"})
    address = required_text(data, "email", longest=254)
    limits.email(session=session, now=now)
    leave_email(conversation_id=session.conversation_id, email=address, now=now)
    return no_content()
