"""A shopper's message in the reader's language."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cs_portal.console.presenters.translations import reader_locale, translation_view
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.conversations.models import Message
from cs_portal.core.errors import NotFound
from cs_portal.drafting.selectors import translations_of
from cs_portal.drafting.services.translating import ask_for_translation


@require_http_methods(["GET", "HEAD", "POST"])
@member_view
def translation(request: ConsoleRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """Ask for it by POST; GET tells how far it is, and whoever only reads conversations may read it."""
    locale = reader_locale()
    if request.method == "POST":
        ask_for_translation(
            conversation_id=conversation_id, message_id=message_id, locale=locale, by=request.member, now=timezone.now()
        )
    message = Message.objects.filter(public_id=message_id, conversation__public_id=conversation_id).first()
    if message is None:
        raise NotFound
    if request.method == "POST" and not request.htmx:
        return redirect("console:conversation", merchant=request.merchant.slug, conversation_id=conversation_id)
    view = translation_view(message, translations_of([message], locale=locale).get(message.pk))
    context = {"translation": view, "conversation_id": conversation_id}
    return render(request, "console/inbox/translation.html", context)
