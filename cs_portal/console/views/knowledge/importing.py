"""Files of FAQs: upload, match, look, confirm, watch, stop, read the report, take back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.files import csv_file
from cs_portal.console.forms.faq_imports import ConfirmForm, ReadAsForm, UploadForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.faq_imports import columns, faq_rows, run_page, run_row, shown_keys
from cs_portal.console.presenters.faq_notices import sentence
from cs_portal.console.presenters.regression import run_view
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, read_by_all_written_by_reviewers, reviewer
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.knowledge.formats.columns import NAMES
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.imported import asked_since, faqs_of_import, links_by_key
from cs_portal.knowledge.models import FaqImport, FaqImportState
from cs_portal.knowledge.regression_selectors import case_counts
from cs_portal.knowledge.services import importing
from cs_portal.knowledge.services.undoing_imports import undo_import
from cs_portal.knowledge.services.writing import needs_approval

_WAITING = {FaqImportState.MATCHING, FaqImportState.READY}
_ENDED = {FaqImportState.DONE, FaqImportState.STOPPED, FaqImportState.FAILED}


@read_by_all_written_by_reviewers
def imports(request: ConsoleRequest) -> HttpResponse:
    """The history, the form for those who may write, and the exports."""
    if request.method != "POST":
        return _list(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = importing.start_import(
                file_name=upload.name or "", blocks=upload.chunks(), by=request.member, now=timezone.now()
            )
        except Invalid as refusal:
            form.add_error("file", str(refusal))
        else:
            return _to(request, run.public_id)
    return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _list(request: ConsoleRequest, form: UploadForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    page = page_of(FaqImport.objects.select_related("member__user"), request=request, by=("-id",), size=20)
    context = {
        "section": "knowledge",
        "form": form,
        "page": page,
        "rows": [run_row(run) for run in page.rows],
        "columns": columns(),
        "formats": list(FORMATS.values()),
    }
    return render(request, "console/knowledge/imports.html", context, status=status)


@require_safe
@member_view
def import_run(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    """One run, in whatever state; the page asks for itself again while the run is busy."""
    return _page(request, _run(faq_import_id))


def _page(request: ConsoleRequest, run: FaqImport, form: ReadAsForm | None = None, refusal: str = "") -> HttpResponse:
    ended = run.state in _ENDED
    links = links_by_key(shown_keys(run)) if ended else {}
    view = run_page(run, samples=importing.samples_of(run), links=links)
    may_write = request.member.may_review
    faqs = page_of(faqs_of_import(run), request=request, by=("id",), size=50) if ended else None
    context = {
        "section": "knowledge",
        "run": run,
        "view": view,
        "form": (form or ReadAsForm.of(run)) if may_write and run.state in _WAITING else None,
        "refusal": refusal,
        "may_publish": not needs_approval(request.member),
        "cases": case_counts()["all"] if run.state == FaqImportState.READY else 0,
        "asked": run_view(asked) if ended and (asked := asked_since(run)) else None,
        "page": faqs,
        "faqs": faq_rows(faqs.rows) if faqs else [],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form or refusal else HTTPStatus.OK
    return render(request, "console/knowledge/import.html", context, status=status)


@require_POST
@reviewer
def read_as(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    """Read the file in another way than it was taken for."""
    run = _run(faq_import_id)
    form = ReadAsForm(request.POST).drop_for(run)
    if form.is_valid():
        try:
            importing.read_as(
                run_id=faq_import_id,
                language=form.cleaned_data["language"],
                headed=form.headed_for(run),
                encoding=form.encoding_for(run),
                by=request.member,
                now=timezone.now(),
            )
        except Invalid as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _to(request, faq_import_id)
    return _page(request, run, form)


@require_POST
@reviewer
def match_columns(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    """Say which column is which, or go back to saying it."""
    if "again" in request.POST:
        importing.match_again(run_id=faq_import_id, by=request.member)
        return _to(request, faq_import_id)
    run = _run(faq_import_id)
    names = [request.POST.get(f"column-{number}", "") for number in range(len(run.columns))]
    try:
        importing.match_columns(run_id=faq_import_id, names=names, by=request.member, now=timezone.now())
    except Invalid as refusal:
        run.mapping = [name if name in NAMES else "" for name in names]
        return _page(request, run, refusal=str(refusal))
    return _to(request, faq_import_id)


@require_POST
@reviewer
def confirm(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    publish = ConfirmForm(request.POST).goes_live
    importing.confirm_import(run_id=faq_import_id, publish=publish, by=request.member, now=timezone.now())
    return _to(request, faq_import_id)


@require_POST
@reviewer
def stop(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    importing.stop_import(run_id=faq_import_id, by=request.member, now=timezone.now())
    return _to(request, faq_import_id)


@require_POST
@reviewer
def undo(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    undo_import(run_id=faq_import_id, by=request.member, now=timezone.now())
    return _to(request, faq_import_id)


@require_POST
@reviewer
def discard(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    importing.discard_import(run_id=faq_import_id, by=request.member, now=timezone.now())
    done(request, _("The upload was deleted. Nothing was imported."))
    return redirect("console:knowledge_imports", merchant=request.merchant.slug)


@require_safe
@member_view
def report(request: ConsoleRequest, faq_import_id: UUID) -> HttpResponse:
    """Everything that was refused, is open or stays behind, as a CSV that no spreadsheet runs."""
    run = _run(faq_import_id)
    kinds = {"refused": _("Refused"), "open": _("To be finished"), "lost": _("Not carried over")}
    rows = [
        [kinds[each["kind"]], each["where"], each["item"], each["column"], sentence(each["code"], each["params"])]
        for each in run.notices
    ]
    header = [_("What"), _("Line or file"), _("FAQ"), _("Part"), _("Why")]
    return csv_file(f"faq-import-{run.public_id}", [header, *rows])


def _to(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    return redirect("console:knowledge_import", merchant=request.merchant.slug, faq_import_id=run_id)


def _run(run_id: UUID) -> FaqImport:
    run = FaqImport.objects.select_related("member__user").filter(public_id=run_id).first()
    if run is None:
        raise NotFound
    return run
