"""Orders in the chat, and what a shopper may ask for them: looked at first, then confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.core.client_address import client_address
from cs_portal.core.errors import NotAllowed
from cs_portal.drafting.asked import Preview, order_of
from cs_portal.drafting.services.asking import RequestMoved, confirm_request, look_at_request
from cs_portal.storefront import limits
from cs_portal.storefront.endpoint import endpoint, with_session
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.order_forms import order_form_json, orders_json, product_form_json
from cs_portal.storefront.parsing import json_object, key_field, photo_ids, text_field
from cs_portal.storefront.presenters import message_json, state_json
from cs_portal.storefront.selectors import chat_state

FIELDS = {"order", "request", "photos"}


@endpoint("GET")
@with_session
def orders(request: HttpRequest, session: ChatSession) -> HttpResponse:
    limits.quiet_call(kind="orders", session=session, now=timezone.now())
    return JsonResponse(orders_json(shopper=session.shopper, locale=get_language() or "en"))


@endpoint("GET")
@with_session
def order(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The choices of the form for one order, ``?number=``."""
    limits.quiet_call(kind="orders", session=session, now=timezone.now())
    if not session.shopper.is_identified:
        raise NotAllowed(_("Sign in to the shop and we can look up your orders for you."))
    found = order_of(shopper=session.shopper, number=request.GET.get("number", "")[:40])
    return JsonResponse(order_form_json(order=found, locale=get_language() or "en"))


@endpoint("GET")
@with_session
def product(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The choices of the form for a new order, ``?id=``."""
    limits.quiet_call(kind="orders", session=session, now=timezone.now())
    key = request.GET.get("id", "")[:64]
    return JsonResponse(product_form_json(shopper=session.shopper, product_id=key, locale=get_language() or "en"))


@endpoint("POST")
@with_session
def preview(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """What would happen now; nothing is written."""
    now = timezone.now()
    data = json_object(request, allowed=FIELDS)
    number, photos = _order(data), photo_ids(data)
    limits.look(session=session, now=now)
    found = look_at_request(
        shopper=session.shopper, order_number=number, data=data.get("request"), photos=len(photos), now=now
    )
    return JsonResponse(_preview_json(found))


@endpoint("POST")
@with_session
def requests(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """201 for a new request, 200 for one that is there already; 409 with a fresh preview where it has changed."""
    now = timezone.now()
    data = json_object(request, allowed=FIELDS | {"client_id", "seen"})
    client_id = key_field(data, "client_id", longest=64)
    seen = key_field(data, "seen", longest=64)
    number, photos = _order(data), photo_ids(data)
    limits.request(session=session, address=client_address(request), now=now)
    try:
        message, created = confirm_request(
            conversation=session.conversation,
            order_number=number,
            data=data.get("request"),
            photos=photos,
            seen=seen,
            client_id=client_id,
            now=now,
        )
    except RequestMoved as moved:
        error = {"code": "changed", "message": str(moved)}
        return JsonResponse({"error": error, "preview": _preview_json(moved.preview)}, status=409)
    answer = {
        "message": message_json(message, conversation=session.conversation),
        "state": state_json(chat_state(conversation_id=session.conversation_id, now=now)),
    }
    return JsonResponse(answer, status=201 if created else 200)


def _order(data: Mapping[str, Any]) -> str:
    """The number of an order; empty for a new one."""
    return text_field(data, "order", longest=40, optional=True) or ""


def _preview_json(found: Preview) -> dict[str, Any]:
    return {
        "outcome": found.outcome,
        "says": list(found.says),
        "ask": list(found.ask),
        "reason_choices": list(found.reason_choices),
        "text": found.text,
        "seen": found.seen,
        "may_confirm": found.may_confirm,
    }
