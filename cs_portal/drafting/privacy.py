"""What is held about a shopper, in numbers, and who asked to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q

from cs_portal.commerce.models import Order, Shopper
from cs_portal.conversations.models import Conversation, Message, Note
from cs_portal.core.audit_trail import trail
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Merchant

FOUND = 20
#: As many shoppers who asked are looked at.
LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    orders: int
    conversations: int
    messages: int
    notes: int
    drafts: int


def held_of(shopper: Shopper) -> Held:
    mine = Q(conversation__shopper=shopper)
    return Held(
        orders=Order.objects.filter(shopper=shopper).count(),
        conversations=Conversation.objects.filter(shopper=shopper).count(),
        messages=Message.objects.filter(mine).count(),
        notes=Note.objects.filter(mine).count(),
        drafts=Draft.objects.filter(mine).count(),
    )


def shoppers_like(query: str) -> list[Shopper]:
    """By e-mail, phone, the shop's own id or a part of the name; the newest first, at most twenty."""
    words = Q(email__iexact=query) | Q(phone=query) | Q(external_id=query) | Q(name__icontains=query)
    if public_id := as_uuid(query):
        words |= Q(public_id=public_id)
    written = Conversation.objects.filter(email__iexact=query).values("shopper_id") if "@" in query else None
    if written is not None:
        words |= Q(pk__in=written)
    rows = Shopper.objects.filter(words).annotate(orders_count=Count("orders"))
    return list(rows.order_by("-created_at", "-id")[:FOUND])


@dataclass(frozen=True, slots=True)
class Request:
    """A shopper who asked in the chat to be erased and has not been yet."""

    shopper: Shopper
    at: datetime


def open_requests(merchant: Merchant) -> list[Request]:
    """Those whom the shop knows first, then the oldest; further ones than :data:`LOOKED_AT` once these are answered.

    Shoppers whose row is gone, or was erased since, have been answered.
    """
    log = trail(merchant_id=merchant.pk)
    answered = log.filter(action="shopper.erased", target=OuterRef("target"), id__gt=OuterRef("id"))
    asked = log.filter(action="shopper.erasure_requested").exclude(Exists(answered))
    waiting = asked.values("target").annotate(first=Min("at")).order_by("first").values_list("target", "first")
    known: list[Request] = []
    strangers: list[Request] = []
    for chunk in _chunks(list(waiting[:LOOKED_AT])):
        at = {public_id: first for target, first in chunk if (public_id := as_uuid(target.partition(":")[2]))}
        for shopper in Shopper.objects.filter(public_id__in=at):
            (known if shopper.is_identified else strangers).append(Request(shopper, at[shopper.public_id]))
    return [*sorted(known, key=_first), *sorted(strangers, key=_first)]


def _first(request: Request) -> tuple[datetime, int]:
    return request.at, request.shopper.pk


def _chunks(rows: list[tuple[str, datetime]], size: int = 500) -> list[list[tuple[str, datetime]]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
