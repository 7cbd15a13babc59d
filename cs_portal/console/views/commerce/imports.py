"""Imports: upload, match, look, confirm, watch, read the report, take back; and exports."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.commerce.imports.columns import template_csv
from cs_portal.commerce.imports.matching import names_of
from cs_portal.commerce.listing import orders_matching, products_matching, shoppers_matching
from cs_portal.commerce.models import ImportKind, ImportRun, ImportState
from cs_portal.commerce.services.exports import export_rows
from cs_portal.commerce.services.imports import (
    confirm_import,
    discard_import,
    match_again,
    match_columns,
    read_as,
    samples_of,
    start_import,
)
from cs_portal.commerce.services.undoing_imports import undo_import
from cs_portal.console.feedback import done
from cs_portal.console.files import csv_file, csv_response
from cs_portal.console.forms.commerce import order_filter, product_filter, shopper_filter
from cs_portal.console.forms.imports import ReadAsForm, UploadForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.imports import column_groups, problem_rows, run_page, run_row
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.core.errors import Invalid, NotFound


@read_by_all
def imports(request: ConsoleRequest) -> HttpResponse:
    """The history, and the form for those who may import."""
    if request.method != "POST":
        return _list(request, UploadForm(initial={"kind": request.GET.get("kind", ImportKind.PRODUCTS)}))
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = start_import(
                kind=form.cleaned_data["kind"],
                file_name=upload.name or "",
                blocks=upload.chunks(),
                by=request.member,
                now=timezone.now(),
            )
        except Invalid as refusal:
            form.add_error("kind" if refusal.field == "kind" else "file", str(refusal))
        else:
            return redirect("console:import", merchant=request.merchant.slug, import_id=run.public_id)
    return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _list(request: ConsoleRequest, form: UploadForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    page = page_of(ImportRun.objects.select_related("member__user"), request=request, by=("-id",), size=20)
    context = {
        "section": "commerce",
        "tab": "imports",
        "form": form,
        "page": page,
        "rows": [run_row(run) for run in page.rows],
        "groups": column_groups(),
    }
    return render(request, "console/commerce/imports.html", context, status=status)


@require_safe
@member_view
def import_run(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """One run, in whatever state; the page asks for itself again while the run is busy."""
    return _page(request, _run(import_id))


def _page(request: ConsoleRequest, run: ImportRun, form: ReadAsForm | None = None, refusal: str = "") -> HttpResponse:
    view = run_page(run, now=timezone.now(), samples=samples_of(run))
    waits = run.state in {ImportState.MATCHING, ImportState.READY} and request.member.may_configure
    context = {
        "section": "commerce",
        "tab": "imports",
        "run": run,
        "view": view,
        "form": (form or ReadAsForm.of(run)) if waits else None,
        "refusal": refusal,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form or refusal else HTTPStatus.OK
    return render(request, "console/commerce/import.html", context, status=status)


@require_POST
@configurer
def import_read_as(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Read the file in another way than it was taken for."""
    run = _run(import_id)
    form = ReadAsForm(request.POST)
    if form.is_valid():
        try:
            read_as(run_id=import_id, by=request.member, now=timezone.now(), **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("console:import", merchant=request.merchant.slug, import_id=import_id)
    return _page(request, run, form)


@require_POST
@configurer
def import_columns(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Say which column is which, or go back to saying it."""
    if "again" in request.POST:
        match_again(run_id=import_id, by=request.member)
        return redirect("console:import", merchant=request.merchant.slug, import_id=import_id)
    run = _run(import_id)
    names = [request.POST.get(f"column-{number}", "") for number in range(len(run.columns))]
    try:
        match_columns(run_id=import_id, names=names, by=request.member, now=timezone.now())
    except Invalid as refusal:
        run.mapping = [name if name in names_of(run.kind) else "" for name in names]
        return _page(request, run, refusal=str(refusal))
    return redirect("console:import", merchant=request.merchant.slug, import_id=import_id)


@require_POST
@configurer
def import_undo(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    undo_import(run_id=import_id, by=request.member, now=timezone.now())
    return redirect("console:import", merchant=request.merchant.slug, import_id=import_id)


def _listed(kind: str, query: QueryDict) -> QuerySet[Any]:
    if kind == ImportKind.PRODUCTS:
        return products_matching(product_filter(query))
    if kind == ImportKind.SHOPPERS:
        return shoppers_matching(shopper_filter(query))
    if kind == ImportKind.ORDERS:
        return orders_matching(order_filter(query))
    raise Http404


@require_POST
@configurer
def export(request: ConsoleRequest, import_kind: str) -> HttpResponse:
    """What the list shows, as a file that can be imported again unchanged."""
    rows = _listed(import_kind, request.POST)
    form = request.POST.get("format", "csv")
    now = timezone.now()
    text = export_rows(kind=import_kind, rows=rows, format=form, by=request.member, now=now)
    name = f"{import_kind}-{timezone.localdate():%Y-%m-%d}"
    if form == "csv":
        return csv_response(name, text)
    response = HttpResponse(text, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.jsonl"'
    return response


@require_POST
@configurer
def import_confirm(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    confirm_import(run_id=import_id, by=request.member, now=timezone.now())
    return redirect("console:import", merchant=request.merchant.slug, import_id=import_id)


@require_POST
@configurer
def import_discard(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    discard_import(run_id=import_id, by=request.member, now=timezone.now())
    done(request, _("The upload was deleted. Nothing was imported."))
    return redirect("console:imports", merchant=request.merchant.slug)


@require_safe
@member_view
def import_problems(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """The refused rows as a CSV that no spreadsheet runs."""
    run = _run(import_id)
    rows = [[str(row.line), row.column, row.sentence] for row in problem_rows(run.problems)]
    return csv_file(f"problems-{run.public_id}", [[_("Line"), _("Column"), _("Problem")], *rows])


@require_safe
@member_view
def import_template(request: ConsoleRequest, import_kind: str) -> HttpResponse:
    if import_kind not in ImportKind.values:
        raise Http404
    return csv_response(import_kind, template_csv(import_kind))


def _run(import_id: UUID) -> ImportRun:
    run = ImportRun.objects.select_related("member__user").filter(public_id=import_id).first()
    if run is None:
        raise NotFound
    return run
