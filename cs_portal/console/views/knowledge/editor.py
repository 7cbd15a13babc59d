"""Writing an FAQ. Those who only read see the same page without what changes it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.knowledge import FaqForm
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, read_by_all_written_by_reviewers, reviewer
from cs_portal.console.views.knowledge.editor_page import form_of, show, show_merge, show_moved
from cs_portal.console.views.knowledge.publishing import asked_first
from cs_portal.knowledge.content import MAX_ANSWER, tidy
from cs_portal.knowledge.merging import with_part
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.regression_runs import asks_first
from cs_portal.knowledge.services.writing import Change, FaqMoved, needs_approval


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def new_faq(request: ConsoleRequest) -> HttpResponse:
    publish = "publish" in request.POST
    if request.method != "POST":
        start = {f"question_{code}": request.GET.get(f"question_{code}", "")[:300] for code in LANGUAGE_NAMES}
        return show(request, None, FaqForm(initial=start))
    form = FaqForm(request.POST, publishing=publish)
    if form.step:
        return _stepped(request, None, form)
    if not form.is_valid():
        return show(request, None, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    content = form.content()
    asks = publish and not needs_approval(request.member) and asks_first(None, content)
    change = create_faq(
        by=request.member,
        content=content,
        publish=publish and not asks,
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    if asks and (page := asked_first(request, [change.faq.public_id])):
        return page
    if change.asked:
        done(request, _("Saved. A colleague has to approve it before the bot uses it."))
    else:
        done(request, _("Published. The bot uses it now.") if publish else _("Saved as a draft."))
    return to_faq(request, change.faq.public_id)


@read_by_all_written_by_reviewers
def faq(request: ConsoleRequest, faq_id: UUID) -> HttpResponse:
    row = faq_with_texts(faq_id)
    if request.method != "POST":
        return show(request, row, form_of(request, working_copy(row), seen=row.latest))
    publish = "publish" in request.POST
    form = FaqForm(request.POST, publishing=publish)
    if form.step:
        return _stepped(request, row, form)
    if not form.is_valid():
        return show(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    seen, content = form.cleaned_data["seen"] or 0, form.content()
    asks = publish and not needs_approval(request.member) and asks_first(row, content)
    try:
        change = edit_faq(
            faq_id=faq_id,
            by=request.member,
            seen=seen,
            content=content,
            publish=publish and not asks,
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
    except FaqMoved as error:
        note, row = form.cleaned_data["note"], faq_with_texts(faq_id)
        return show_merge(request, row, content, base=seen, note=note, sentence=str(error))
    if asks and (page := asked_first(request, [faq_id])):
        return page
    _say(request, change, publish=publish)
    return to_faq(request, faq_id)


@require_POST
@member_view
def preview(request: ConsoleRequest) -> HttpResponse:
    """One answer as shoppers get it: the value of the field that was sent."""
    name = next((name for name in request.POST if name.startswith("answer_")), "")
    text = tidy(request.POST.get(name, "")[:MAX_ANSWER])
    context = {"text": text, "lang": LANG.get(name.removeprefix("answer_"), "")}
    return render(request, "console/knowledge/preview.html", context)


def _stepped(request: ConsoleRequest, row: Faq | None, form: FaqForm) -> HttpResponse:
    """After a button that changes the page and saves nothing."""
    form.is_valid()
    base = form.cleaned_data.get("base")
    if row is None or base is None:
        return show(request, row, form)
    typed, (verb, _colon, key) = form.content(), form.step.partition(":")
    if verb == "theirs":
        typed = with_part(typed, working_copy(row), key)
    note = form.cleaned_data.get("note") or ""
    return show_merge(request, row, typed, base=base, note=note, sentence=str(FaqMoved()))


def conflict(request: ConsoleRequest, faq_id: UUID, seen: int, error: FaqMoved) -> HttpResponse:
    """The page as it is now with what changed since ``seen``."""
    return show_moved(request, faq_with_texts(faq_id), seen=seen, sentence=str(error))


def to_faq(request: ConsoleRequest, faq_id: UUID) -> HttpResponseRedirect:
    return redirect("console:faq", merchant=request.merchant.slug, faq_id=faq_id)


def undo_link(request: ConsoleRequest, change_id: UUID | None) -> str | None:
    return reverse("console:knowledge_undo", args=[request.merchant.slug, change_id]) if change_id else None


def _say(request: ConsoleRequest, change: Change, *, publish: bool) -> None:
    undo = undo_link(request, change.change_id)
    if change.asked:
        done(request, _("Saved. A colleague has to approve it before the bot uses it."), undo=undo)
    elif change.change_id is None:
        done(request, _("Nothing had changed."))
    elif publish:
        done(request, _("Published. The bot uses it now."), undo=undo)
    elif change.faq.state == FaqState.PUBLISHED:
        done(request, _("Saved. The bot uses the published text until you publish this one."), undo=undo)
    else:
        done(request, _("Saved."), undo=undo)
