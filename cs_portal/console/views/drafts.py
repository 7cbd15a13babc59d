"""What an operator does with a draft before deciding."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, trigger_client_event

from cs_portal.console import feedback
from cs_portal.console.forms.drafts import EditForm, RewordForm, SelectForm
from cs_portal.console.forms.inbox import SnoozeForm
from cs_portal.console.presenters.edits import edit_of
from cs_portal.console.presenters.queue_filters import filters_of
from cs_portal.console.presenters.ratings import rated
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.workspace import advance, keeps_text, show, workspace_of
from cs_portal.conversations.services import add_note, snooze
from cs_portal.core.errors import Invalid
from cs_portal.drafting.models import Draft
from cs_portal.drafting.selectors import drafts_awaiting_review, ratings_of
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.claims import claim_draft, release_draft, tell_typing
from cs_portal.drafting.services.rating import rate_evidence
from cs_portal.drafting.services.rechecking import renew_outdated
from cs_portal.drafting.services.review import select_candidate
from cs_portal.drafting.services.rewording import ask_for_rewording


@require_POST
@reviewer
@keeps_text
def regenerate(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    regenerate_draft(draft_id=draft_id, by=request.member, now=timezone.now())
    return show(request, draft_id, _("A new draft is being made on the current facts."))


@require_POST
@reviewer
def renew_outdated_drafts(request: ConsoleRequest) -> HttpResponse:
    """Those of the queue, as it is filtered, anew; what is at hand stays as it is until its fresh draft comes."""
    now = timezone.now()
    waiting = filters_of(request).narrow(drafts_awaiting_review(), member=request.member, now=now)
    number = renew_outdated(drafts=waiting, by=request.member, now=now)
    sentence = ngettext("%(number)s draft is being made anew.", "%(number)s drafts are being made anew.", number) % {
        "number": number
    }
    if not request.htmx:
        feedback.done(request, sentence)
        return redirect("console:review", merchant=request.merchant.slug)
    answer = reswap(render(request, "console/review/toast_response.html", {"sentence": sentence}), "none")
    return trigger_client_event(answer, "queue:changed", after="settle")


@require_POST
@reviewer
@keeps_text
def select(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    form = SelectForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose one of the candidates."), field="position")
    select_candidate(draft_id=draft_id, by=request.member, position=form.cleaned_data["position"], now=timezone.now())
    return show(request, draft_id)


@require_POST
@reviewer
@keeps_text
def note(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """An internal note on the draft's conversation."""
    conversation = Draft.by_public_id(draft_id).conversation
    text = request.POST.get("note", "")
    add_note(conversation_id=conversation.public_id, by=request.member, text=text, now=timezone.now())
    return show(request, draft_id, _("Noted. Only your colleagues see it."))


@require_POST
@reviewer
@keeps_text
def snooze_draft(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Put the conversation aside, and its draft with it, until a time or until the shopper writes."""
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a time."), field="until")
    conversation, until, batch = Draft.by_public_id(draft_id).conversation, form.cleaned_data["moment"], uuid4()
    snooze(
        conversation_id=conversation.public_id,
        by=request.member,
        until=until,
        now=timezone.now(),
        seen=form.cleaned_data["seen"],
        batch=str(batch),
    )
    when = date_format(timezone.localtime(until), "SHORT_DATETIME_FORMAT")
    sentence = _("Snoozed until %(time)s, or until the shopper writes.") % {"time": when}
    taken_back = reverse("console:inbox_undo", args=[request.merchant.slug, batch]) + f"?draft={draft_id}"
    return advance(request, draft_id, sentence, undo_url=taken_back)


@require_POST
@reviewer
def claim(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Say that one handles it; also sent again to keep the claim alive. ``take_over`` takes it from a colleague."""
    take_over = request.POST.get("take_over") == "1"
    claim_draft(draft_id=draft_id, by=request.member, now=timezone.now(), take_over=take_over)
    return _status(request, draft_id)


@require_POST
@reviewer
def release(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    release_draft(draft_id=draft_id, by=request.member, now=timezone.now())
    return _status(request, draft_id)


@require_POST
@reviewer
def typing(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    tell_typing(draft_id=draft_id, by=request.member, now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@require_POST
@reviewer
@keeps_text
def reword(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """The same reply said otherwise, as a further candidate; what is read or typed stays."""
    form = RewordForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose how the reply shall be said."), field="wish")
    row = ask_for_rewording(draft_id=draft_id, by=request.member, now=timezone.now(), **form.cleaned_data)
    sentence = _("Being written: %(wish)s. It comes as a further candidate.") % {"wish": row.get_wish_display()}
    return show(request, draft_id, sentence)


@require_POST
@reviewer
def rate(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Mark a piece of evidence, or take the mark off; only its buttons change."""
    reference = request.POST.get("reference", "")
    mark = request.POST.get("mark", "")
    rate_evidence(draft_id=draft_id, by=request.member, reference=reference, mark=mark, now=timezone.now())
    if not request.htmx:
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=draft_id)
    rating = rated(reference, ratings_of(Draft.by_public_id(draft_id)), member=request.member)
    return render(request, "console/review/rating.html", {"rating": rating, "draft_id": draft_id})


@require_POST
@reviewer
def difference_to_edit(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """What the text that is being typed changes of the wording that it began with. Nothing is kept."""
    form = EditForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    parts = edit_of(Draft.by_public_id(draft_id), **form.cleaned_data)
    return render(request, "console/review/edit_difference.html", {"parts": parts})


def _status(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    if not request.htmx:
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=draft_id)
    context = {"work": workspace_of(request, draft_id), "refused": request.POST.get("refused", "")}
    return render(request, "console/review/status.html", context)
