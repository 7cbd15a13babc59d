"""One gap: its questions, who cares for it, an FAQ for it, and what that FAQ would have changed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from cs_portal.console.feedback import done
from cs_portal.console.forms.gaps import DismissForm, GapsForm, QuestionsForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.gaps import dismissal_of, gap_rows, question_rows, replay_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.knowledge.gaps import undo_of
from cs_portal.conversations.selectors import colleagues
from cs_portal.core.errors import Conflict, DomainError, Invalid
from cs_portal.core.workers import has_worker
from cs_portal.knowledge import gaps
from cs_portal.knowledge.models import GapRun, KnowledgeGap, WorkKind, WorkState
from cs_portal.knowledge.services import gap_runs
from cs_portal.knowledge.services import gaps as service

PAGE = 25


@require_safe
@member_view
def gap(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    return _page(request, gaps.gap(gap_id))


@require_POST
@reviewer
def assign(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    gaps.gap(gap_id)
    form = GapsForm(request.POST)
    form.is_valid()
    service.assign_gaps(gap_ids=[gap_id], to=form.cleaned_data.get("member"), by=request.member, now=timezone.now())
    done(request, _("Assigned.") if form.cleaned_data.get("member") else _("Nobody cares for it now."))
    return _to(request, gap_id)


@require_POST
@reviewer
def dismiss(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    row, form = gaps.gap(gap_id), DismissForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, dismiss_form=form)
    try:
        service.dismiss_gaps(
            gap_ids=[gap_id],
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            by=request.member,
            now=timezone.now(),
        )
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        done(request, _("Dismissed."), undo=undo_of(request, "console:gaps_reopen", [gap_id]))
    return _to(request, gap_id)


@require_POST
@reviewer
def merge(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    """Take the questions of other gaps in."""
    gaps.gap(gap_id)
    form = GapsForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["gap"]:
        messages.error(request, _("Choose at least one gap."))
        return _to(request, gap_id)
    try:
        merged = service.merge_gaps(
            into=gap_id, gap_ids=form.cleaned_data["gap"], by=request.member, now=timezone.now()
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        ids = [each.public_id for each in merged]
        done(request, _("Merged."), undo=undo_of(request, "console:gaps_unmerge", ids))
    return _to(request, gap_id)


@require_POST
@reviewer
def split(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    """What was ticked becomes a gap of its own."""
    gaps.gap(gap_id)
    form = QuestionsForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Reload the page and try again."), field="question")
    try:
        made = service.split_questions(
            gap_id=gap_id, question_ids=form.cleaned_data["question"], by=request.member, now=timezone.now()
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _to(request, gap_id)
    undo = reverse("console:gap_unsplit", args=[request.merchant.slug, made.public_id])
    done(request, _("Split off: this is the new gap."), undo=undo)
    return _to(request, made.public_id)


@require_POST
@reviewer
def unsplit(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    source = service.unsplit_gap(gap_id=gap_id, by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return _to(request, source.public_id)


@require_POST
@reviewer
def draft(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    """Have an FAQ drafted; the page waits for it and opens it."""
    gaps.gap(gap_id)
    run = gap_runs.ask_for_draft(gap_id=gap_id, by=request.member, now=timezone.now())
    return redirect("console:gap_run", merchant=request.merchant.slug, looking_id=run.public_id)


@require_POST
@reviewer
def replay(request: ConsoleRequest, gap_id: UUID) -> HttpResponse:
    """Ask past questions again with the gap's FAQ as it is written now."""
    row = gaps.gap(gap_id)
    if row.faq is None:
        raise Conflict(_("There is no FAQ for this gap yet."))
    run = gap_runs.ask_for_replay(faq_id=row.faq.public_id, gap_id=gap_id, by=request.member, now=timezone.now())
    return redirect("console:gap_run", merchant=request.merchant.slug, looking_id=run.public_id)


@require_safe
@member_view
def run(request: ConsoleRequest, looking_id: UUID) -> HttpResponse:
    """The page that waits for a run, or for htmx the part of it that does; at its end it goes on by itself."""
    row = gaps.run(looking_id)
    over = row.state in {WorkState.DONE, WorkState.FAILED}
    if over and (url := _after(request, row)):
        if request.htmx:
            mine = row.kind == WorkKind.MINE
            return HttpResponseClientRefresh() if mine else HttpResponseClientRedirect(url)
        return redirect(url)
    if request.htmx:
        return render(request, "console/knowledge/gaps/run.html", _waiting(row))
    if row.gap is None:
        return redirect("console:gaps", merchant=request.merchant.slug)
    return _page(request, row.gap, **_waiting(row))


def _waiting(row: GapRun) -> dict[str, Any]:
    now = timezone.now()
    open_still = row.state in {WorkState.WAITING, WorkState.RUNNING}
    return {"run": row, "no_worker": open_still and not has_worker(gap_runs.JOB_OF[WorkKind(row.kind)], now=now)}


def _after(request: ConsoleRequest, row: GapRun) -> str:
    """Where a finished run leads to; a failed one stays where it is and says so."""
    slug = request.merchant.slug
    if row.kind == WorkKind.MINE:
        return reverse("console:gaps", args=[slug])
    if row.state == WorkState.FAILED:
        return ""
    if row.kind == WorkKind.DRAFT and row.faq is not None:
        return reverse("console:faq", args=[slug, row.faq.public_id])
    return reverse("console:gap", args=[slug, row.gap.public_id]) + "#replay" if row.gap else ""


def _to(request: ConsoleRequest, gap_id: UUID) -> HttpResponseRedirect:
    return redirect("console:gap", merchant=request.merchant.slug, gap_id=gap_id)


def _page(request: ConsoleRequest, row: KnowledgeGap, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    now = timezone.now()
    page = page_of(gaps.questions_of(row), by=("-asked_at", "-id"), request=request, size=PAGE)
    replayed = gaps.last_run(WorkKind.REPLAY, of=row, faq=row.faq) if row.faq else None
    context = {
        "section": "knowledge",
        "gap": row,
        "row": gap_rows([row], now=now)[0],
        "dismissal": dismissal_of(row),
        "page": page,
        "questions": question_rows(page.rows),
        "colleagues": colleagues(),
        "like": gaps.like(row) if row.state == "open" else [],
        "replay": replay_of(replayed),
        "replayed_at": replayed.finished_at if replayed else None,
        "dismiss_form": DismissForm(),
        "may_edit": request.member.may_review,
        **context,
    }
    return render(request, "console/knowledge/gaps/gap.html", context, status=status)
