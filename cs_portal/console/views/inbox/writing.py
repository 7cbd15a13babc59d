"""Writing: replies in one's own words, internal notes, canned replies and macros."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.forms.inbox import MacroForm, NoteForm, ReplyForm
from cs_portal.console.presenters.card_choices import card_choices
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.beside import draft_beside
from cs_portal.console.views.inbox.acts import first_error
from cs_portal.console.views.inbox.rendering import keeps_text, show, with_list
from cs_portal.conversations.models import CannedReply, Conversation, OutgoingReply
from cs_portal.conversations.selectors import conversation as find
from cs_portal.conversations.services import add_note, undo
from cs_portal.conversations.services.macros import apply_macro
from cs_portal.conversations.variables import Filled, fill, order_of
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.drafting.services.own_words import send_own_reply, undo_own_reply, wrote_meanwhile

#: As many canned replies are listed at once; a search finds the others.
LISTED = 30


@require_POST
@reviewer
@keeps_text
def reply(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Send one's own words after the undo window; also when the shopper wrote meanwhile, which is said."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise Invalid(first_error(form))
    data = form.cleaned_data
    before = find(public_id=conversation_id)
    sent = send_own_reply(
        conversation_id=conversation_id,
        by=request.member,
        text=data["text"],
        cards=data["cards"],
        macro=data["macro"],
        batch=data["macro_batch"],
        now=timezone.now(),
    )
    sentence = _("Your reply is being sent.")
    if wrote_meanwhile(before, seen=data["seen"]):
        sentence += " " + _("The shopper wrote meanwhile: read it, and take the reply back if it no longer fits.")
    return show(request, conversation_id, sentence, undo=_undo(request, sent))


@require_POST
@reviewer
@keeps_text
def undo_reply(request: ConsoleRequest, conversation_id: UUID, reply_id: UUID) -> HttpResponse:
    """Take a reply back while it waits: text and cards come back into the composer, what its macro did is undone."""
    taken = undo_own_reply(reply_id=reply_id, by=request.member, now=timezone.now(), conversation_id=conversation_id)
    typed: dict[str, Any] = {"reply": taken.text, "macro": taken.macro or ""}
    if taken.cards:
        typed["cards"] = card_choices(taken.cards, shopper=taken.conversation.shopper)
    return show(request, conversation_id, _("Taken back. Nothing was sent."), typed=typed)


@require_POST
@reviewer
@keeps_text
def note(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    add_note(conversation_id=conversation_id, by=request.member, text=text, now=timezone.now())
    return show(request, conversation_id, _("Note added. Only colleagues see it."))


@require_safe
@member_view
def canned(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Canned replies that fit ``?words=``, filled in for this conversation.

    Not ``?q=``: the links here carry the inbox's filters along, what was searched among conversations too.
    """
    conversation, search = find(public_id=conversation_id), request.GET.get("words", "")
    order = order_of(conversation)
    found = _canned(search)[:LISTED]
    rows = [(one, fill(one, conversation=conversation, member=request.member, order=order)) for one in found]
    context = {"rows": rows, "conversation": conversation, "words": search, "section": "inbox"}
    context["draft"] = draft_beside(request, conversation_id)
    template = "console/inbox/canned.html" if request.htmx else "console/inbox/canned_page.html"
    return render(request, template, context)


@require_POST
@reviewer
@keeps_text
def macro(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Tag, assign and change the state at once; a text goes into the composer and is sent by the operator."""
    form = MacroForm(request.POST)
    if not form.is_valid():
        raise Invalid(first_error(form))
    macro_id = form.cleaned_data["macro"]
    done = apply_macro(conversation_id=conversation_id, macro_id=macro_id, by=request.member, now=timezone.now())
    names = [request.merchant.slug, conversation_id, done.batch]
    back = with_list(request, reverse("console:conversation_undo_macro", args=names))
    if done.reply is None:
        return show(request, conversation_id, _("Macro applied."), undo=back if done.changed else None)
    typed = {"reply": done.reply.text, "macro": str(macro_id), "macro_batch": done.batch, "inserted": "1"}
    sentence = _("Macro applied. Check the text, then send it.")
    if done.waits_for_reply and draft_beside(request, conversation_id):
        sentence = _("Macro applied. Check the text, then send it. Its change of state is yours to make afterwards.")
    return show(request, conversation_id, sentence, undo=back, typed=typed)


@require_POST
@reviewer
@keeps_text
def undo_macro(request: ConsoleRequest, conversation_id: UUID, batch: UUID) -> HttpResponse:
    """Take back what a macro did, its text in the composer included; one that only brought a text did nothing else."""
    find(public_id=conversation_id)
    with suppress(NotFound):
        undo(batch=batch, by=request.member, now=timezone.now())
    return show(request, conversation_id, _("Taken back."), forgets=True)


def canned_text(request: ConsoleRequest, conversation: Conversation, wanted: str) -> str:
    """The canned reply that the URL asks for, filled in; empty for none."""
    try:
        row = CannedReply.objects.filter(public_id=UUID(wanted)).first()
    except ValueError:
        return ""
    filled: Filled | None = row and fill(row, conversation=conversation, member=request.member)
    return filled.text if filled else ""


def _canned(search: str) -> QuerySet[CannedReply]:
    rows = CannedReply.objects.order_by("shortcut")
    for part in search.replace("\x00", "")[:80].split():
        word = part.lstrip("/")
        fits = Q(shortcut__icontains=word) | Q(title__icontains=word)
        rows = rows.filter(fits | Q(text_en__icontains=word) | Q(text_zh__icontains=word))
    return rows


def _undo(request: ConsoleRequest, sent: OutgoingReply) -> str:
    names = [request.merchant.slug, sent.conversation.public_id, sent.public_id]
    return with_list(request, reverse("console:conversation_undo_reply", args=names))
