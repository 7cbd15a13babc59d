"""What a shopper may ask for besides a reply: a person, the end, a rating, a copy, the deletion of their data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.conversations.services import ask_for_person, rate_conversation, resolve_by_shopper
from cs_portal.core.client_address import client_address
from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.storefront import limits
from cs_portal.storefront.endpoint import endpoint, no_content, with_session
from cs_portal.storefront.erasure import request_erasure
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.parsing import json_object, number_field, text_field
from cs_portal.storefront.presenters import state_json
from cs_portal.storefront.selectors import chat_state
from cs_portal.storefront.transcript import mail_transcript, render_transcript


@endpoint("POST")
@with_session
def person(request: HttpRequest, session: ChatSession) -> HttpResponse:
    now = timezone.now()
    json_object(request, allowed=())
    limits.call_for_people(kind="person", session=session, address=client_address(request), now=now)
    if not session.storefront.offers_person:
        raise NotAllowed(_("This shop does not offer that here."))
    ask_for_person(conversation_id=session.conversation_id, now=now)
    return _state(session)


@endpoint("POST")
@with_session
def resolve(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The shopper says that the question is settled."""
    now = timezone.now()
    json_object(request, allowed=())
    limits.wish(kind="resolve", session=session, now=now)
    resolve_by_shopper(conversation_id=session.conversation_id, now=now)
    return _state(session)


@endpoint("POST")
@with_session
def rating(request: HttpRequest, session: ChatSession) -> HttpResponse:
    now = timezone.now()
    data = json_object(request, allowed={"score", "comment"})
    score = number_field(data, "score")
    comment = text_field(data, "comment", longest=2000, optional=True) or ""
    limits.wish(kind="rating", session=session, now=now)
    rate_conversation(conversation_id=session.conversation_id, score=score, comment=comment, now=now)
    return _state(session)


@endpoint("GET")
@with_session
def transcript(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The conversation as a file, ``?format=html`` or ``txt``."""
    now = timezone.now()
    limits.wish(kind="transcript", session=session, now=now)
    if (kind := request.GET.get("format", "html")) not in {"html", "txt"}:
        raise Invalid(_("This must be html or txt."), field="format")
    html = kind == "html"
    text = render_transcript(conversation=session.conversation, kind="html" if html else "txt", now=now)
    response = HttpResponse(text, content_type=f"text/{'html' if html else 'plain'}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="chat-{now:%Y-%m-%d}.{kind}"'
    return response


@endpoint("POST")
@with_session
def transcript_mail(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """Send it to the address that the shop vouches for."""
    now = timezone.now()
    json_object(request, allowed=())
    limits.letter(session=session, address=client_address(request), now=now)
    return JsonResponse({"email": mail_transcript(session=session, now=now)})


@endpoint("POST")
@with_session
def erasure(request: HttpRequest, session: ChatSession) -> HttpResponse:
    now = timezone.now()
    json_object(request, allowed=())
    limits.call_for_people(kind="erasure", session=session, address=client_address(request), now=now)
    request_erasure(session=session, now=now)
    return no_content()


def _state(session: ChatSession) -> HttpResponse:
    state = chat_state(conversation_id=session.conversation_id, now=timezone.now())
    return JsonResponse({"state": state_json(state)})
