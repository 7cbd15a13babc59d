"""Opening a chat session."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cs_portal.core.client_address import client_address
from cs_portal.core.errors import NotFound
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Storefront
from cs_portal.storefront import limits
from cs_portal.storefront.authentication import session_of_token, storefront_of
from cs_portal.storefront.endpoint import endpoint
from cs_portal.storefront.errors import IdentityNotProven, OriginRefused, TokenRefused
from cs_portal.storefront.identity import LONGEST_TOKEN, Identity, IdentityRefused, verify_identity
from cs_portal.storefront.locales import chat_locale
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.origins import is_allowed
from cs_portal.storefront.parsing import json_object, required_text, text_field, uuid_value
from cs_portal.storefront.presenters import messages_json, state_json
from cs_portal.storefront.selectors import chat_state, conversation_snapshot
from cs_portal.storefront.services import OpenedSession, open_session

FIELDS = frozenset({"storefront", "identity", "locale", "origin", "token"})


@endpoint("POST")
def sessions(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    data = json_object(request, allowed=FIELDS)
    limits.new_session(address=client_address(request), now=now)
    storefront = storefront_of(uuid_value(data.get("storefront"), "storefront"))
    if storefront is None:
        raise NotFound(_("There is no such storefront."))
    if not is_allowed(storefront, required_text(data, "origin", longest=300)):
        raise OriginRefused
    locale = chat_locale(text_field(data, "locale", longest=35, optional=True) or "", default=storefront.locale)
    identity = _identity(text_field(data, "identity", longest=LONGEST_TOKEN, optional=True), storefront, now)
    token = text_field(data, "token", longest=200, optional=True) or ""
    presented = _presented(token, storefront, address=client_address(request), now=now)
    with scope(merchant=storefront.merchant), translation.override(locale):
        opened = open_session(
            storefront=storefront,
            presented=presented,
            presented_token=token,
            identity=identity,
            locale=locale,
            now=now,
        )
        return JsonResponse(_opened_json(opened, now=now))


def _identity(token: str | None, storefront: Storefront, now: datetime) -> Identity | None:
    if token is None:
        return None
    try:
        return verify_identity(token, storefront=storefront, now=now)
    except IdentityRefused as refused:
        raise IdentityNotProven(str(refused)) from None


def _presented(token: str, storefront: Storefront, *, address: str, now: datetime) -> ChatSession | None:
    """The session of a token that the browser kept; one that has expired is simply forgotten."""
    if not token:
        return None
    session = session_of_token(token, now=now)
    if session is None:
        limits.failed_token(address=address, now=now)
        return None
    if session.storefront_id != storefront.pk:
        raise TokenRefused
    return session


def _opened_json(opened: OpenedSession, *, now: datetime) -> dict[str, object]:
    session = opened.session
    conversation = session.conversation
    snapshot = conversation_snapshot(conversation=conversation)
    return {
        "token": opened.token,
        "conversation": str(conversation.public_id),
        "locale": conversation.locale,
        "identified": session.shopper.is_identified,
        "name": session.shopper.name,
        "messages": messages_json(snapshot.messages, conversation=conversation),
        "state": state_json(chat_state(conversation_id=conversation.pk, now=now)),
        "cursor": snapshot.cursor,
    }
