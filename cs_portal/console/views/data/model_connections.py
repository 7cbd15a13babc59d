"""The language models that a merchant drafts with: connected, put in order for each language, tried, budgeted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.models import ConnectionForm
from cs_portal.console.forms.settings import mark_errors
from cs_portal.console.presenters.models import connection_row, grouped, money_text, orders
from cs_portal.console.presenters.wording import MODEL_FAILURES, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.drafting.model_choice import chosen_models, remote_models, usage_of_day
from cs_portal.drafting.services import model_connections as service
from cs_portal.drafting.services.model_meter import today_of_merchant


@require_safe
@configurer
def model_connections(request: ConsoleRequest) -> HttpResponse:
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def model_connection_new(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, ConnectionForm())
    form = ConnectionForm(request.POST)
    if _saved(form, lambda: service.connect_model(change=form.change(), by=request.member, now=timezone.now())):
        done(request, _("The model is connected. Test it, then use it for a language."))
        return redirect("console:model_connections", merchant=request.merchant.slug)
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def model_connection(request: ConsoleRequest, connection_id: UUID) -> HttpResponse:
    row = service.remote_connection(connection_id)
    if request.method != "POST":
        return _form_page(request, ConnectionForm.of(row), row=row)
    form = ConnectionForm(request.POST)

    def change() -> None:
        service.change_model(connection_id=row.public_id, change=form.change(), by=request.member, now=timezone.now())

    if _saved(form, change):
        done(request, _("Saved."))
        return redirect("console:model_connections", merchant=request.merchant.slug)
    return _form_page(request, form, row=row)


@require_POST
@configurer
def model_connection_delete(request: ConsoleRequest, connection_id: UUID) -> HttpResponse:
    service.disconnect_model(connection_id=connection_id, by=request.member, now=timezone.now())
    done(request, _("Deleted, with its key and its figures."))
    return redirect("console:model_connections", merchant=request.merchant.slug)


@require_POST
@configurer
def model_connection_try(request: ConsoleRequest, connection_id: UUID) -> HttpResponse:
    row = service.remote_connection(connection_id)
    tried = service.try_model(connection_id=connection_id, by=request.member, now=timezone.now())
    told = {
        "name": row.name,
        "text": tried.text,
        "failure": word(MODEL_FAILURES, tried.failure) if tried.failure else "",
        "milliseconds": tried.milliseconds,
        "tokens": grouped(tried.tokens_in + tried.tokens_out),
        "cost": money_text(tried.cost_micros, row.currency) if row.price_in_micros or row.price_out_micros else "",
    }
    return _page(request, tried=told)


@require_POST
@configurer
def model_order(request: ConsoleRequest, connection_id: UUID) -> HttpResponse:
    locale = request.POST.get("locale", "")
    move = cast(service.Move, request.POST.get("move", ""))
    service.arrange_model(connection_id=connection_id, locale=locale, move=move, by=request.member, now=timezone.now())
    return redirect("console:model_connections", merchant=request.merchant.slug)


def _saved(form: ConnectionForm, save: Callable[[], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        save()
    except Invalid as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _form_page(request: ConsoleRequest, form: ConnectionForm, **more: Any) -> HttpResponse:
    mark_errors(form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"section": "settings", "setting": "model", "form": form, **more}
    return render(request, "console/settings/model_connection.html", context, status=status)


def _page(request: ConsoleRequest, **more: Any) -> HttpResponse:
    now = timezone.now()
    every, chosen = chosen_models()
    usage = usage_of_day(today_of_merchant(now))
    context = {
        "section": "settings",
        "setting": "model",
        "rows": [connection_row(row, usage.get(row.pk), now=now) for row in remote_models(every)],
        "orders": orders(every, chosen),
        **more,
    }
    return render(request, "console/settings/model_connections.html", context)
