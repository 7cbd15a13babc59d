"""One conversation: the page, the parts that live updates fetch, and its transcript. Reading changes nothing."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.presenters.inbox_transcript import transcript_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.inbox.rendering import desk_of, list_query, render_desk
from cs_portal.console.views.inbox.writing import canned_text
from cs_portal.conversations.selectors import conversation as find
from cs_portal.conversations.selectors import detail, timeline
from cs_portal.conversations.services import claim_conversation, operator_typing, release_conversation


@require_safe
@member_view
def conversation(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """``?canned=`` puts a canned reply into the composer, for who has no JavaScript."""
    desk = desk_of(request, conversation_id)
    typed = canned_text(request, desk.conversation, request.GET.get("canned", ""))
    return render_desk(request, desk, typed={"reply": typed} if typed else {})


@require_safe
@member_view
def thread(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    return _part(request, conversation_id, "console/inbox/thread.html")


@require_safe
@member_view
def status(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Where it stands, who looks at it and what is being sent."""
    return _part(request, conversation_id, "console/inbox/head.html")


def _part(request: ConsoleRequest, conversation_id: UUID, template: str) -> HttpResponse:
    desk = desk_of(request, conversation_id)
    return render(request, template, {"desk": desk, "query_string": list_query(request)})


@require_safe
@member_view
def transcript(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """What both sides said, to print or to save; internal notes on wish (``?notes=1``)."""
    found = detail(public_id=conversation_id)
    with_notes = request.GET.get("notes") == "1"
    window = timeline(conversation_id=found.conversation.pk, limit=None)
    context = transcript_of(found, window, with_notes=with_notes, now=timezone.now())
    return render(request, "console/inbox/transcript.html", {"section": "inbox", "transcript": context})


@require_POST
@reviewer
def claim(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Say that one looks at it; also sent again to keep the claim alive."""
    claim_conversation(conversation_id=conversation_id, by=request.member, now=timezone.now())
    return _part(request, conversation_id, "console/inbox/head.html")


@require_POST
@reviewer
def release(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    release_conversation(conversation_id=conversation_id, by=request.member, now=timezone.now())
    return _part(request, conversation_id, "console/inbox/head.html")


@require_POST
@reviewer
def typing(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """The shopper sees that a person writes, colleagues see who."""
    found = find(public_id=conversation_id)
    operator_typing(conversation_id=found.pk, now=timezone.now(), by=request.member)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
