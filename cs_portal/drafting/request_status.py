"""What became of the requests that a shopper confirmed in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from cs_portal.commerce.models import ActionState, OrderAction
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.drafting.models import Draft, DraftState

SHOWN = 20


class RequestState(StrEnum):
    WAITING = "waiting"  #: somebody checks it
    APPROVED = "approved"  #: it will be carried out in a moment
    DONE = "done"
    REFUSED = "refused"  #: the rules, or a colleague, said no
    ASKED = "asked"  #: something is missing; the shopper was asked
    PERSON = "person"  #: a colleague decides
    ANSWERED = "answered"  #: a colleague answered in their own words


@dataclass(frozen=True, slots=True)
class RequestStatus:
    message: Message
    state: RequestState


def request_statuses(*, conversation: Conversation) -> list[RequestStatus]:
    """The latest requests of the conversation, oldest first; one query where there is none, five otherwise."""
    asking = Message.objects.filter(conversation=conversation, request__isnull=False).order_by("-id")[:SHOWN]
    requests = sorted(asking, key=lambda message: message.pk)
    if not requests:
        return []
    replies = list(
        Message.objects.filter(
            conversation=conversation, author__in=[Author.OPERATOR, Author.BOT], id__gt=requests[0].pk
        ).order_by("id")
    )
    drafts = {draft.public_id: draft for draft in Draft.objects.filter(conversation=conversation).order_by("id")}
    done = list(
        OrderAction.objects.select_related("order").filter(
            Q(shopper=conversation.shopper_id) | Q(order__shopper=conversation.shopper_id),
            state=ActionState.DONE,
            settled_at__gte=requests[0].created_at,
        )
    )
    return [RequestStatus(message, _state(message, replies, drafts, done)) for message in requests]


def _state(
    message: Message, replies: Sequence[Message], drafts: dict[object, Draft], done: Sequence[OrderAction]
) -> RequestState:
    if any(_carries_out(action, message) for action in done):
        return RequestState.DONE
    later = [reply for reply in replies if reply.pk > message.pk]
    if not later:
        on_its_way = any(draft.state == DraftState.APPROVED for draft in drafts.values())
        return RequestState.APPROVED if on_its_way else RequestState.WAITING
    draft = drafts.get(later[0].draft_key)
    if draft is None or (draft.request or {}).get("action") != (message.request or {}).get("action"):
        return RequestState.ANSWERED
    match draft.standing_verdict.get("outcome"):
        case "deny":
            return RequestState.REFUSED
        case "ask":
            return RequestState.ASKED
        case _:
            own_words = any(reply.author == Author.OPERATOR for reply in later)
            return RequestState.ANSWERED if own_words else RequestState.PERSON


def _carries_out(action: OrderAction, message: Message) -> bool:
    if action.kind != (message.request or {}).get("action") or action.settled_at is None:
        return False
    same_order = not message.request_order or (
        action.order is not None and action.order.number == message.request_order
    )
    return same_order and action.settled_at >= message.created_at and _covers(action, message)


def _covers(action: OrderAction, message: Message) -> bool:
    """Whether the action was on the items that the request names; on all where it names none."""
    done = {line["id"] for line in action.request.get("lines") or ()}
    return not done or {line["id"] for line in (message.request or {}).get("lines") or ()} <= done
