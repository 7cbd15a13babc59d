"""The shop system that carries out actions: which one, a try, its last calls."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.commerce.connectors.choice import connection
from cs_portal.commerce.models import ConnectorKind
from cs_portal.commerce.services.connection_trial import Tried, last_calls, try_connection
from cs_portal.commerce.services.connections import connect_shopify, connect_webhook, disconnect_shop
from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import mark_errors
from cs_portal.console.forms.shop_connection import ShopifyForm, WebhookForm
from cs_portal.console.presenters.refusals import refusal
from cs_portal.console.presenters.shop_connection import call_row
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Conflict, Invalid

SHOWN_CALLS = 20


@require_http_methods(["GET", "HEAD"])
@configurer
def shop_connection(request: ConsoleRequest) -> HttpResponse:
    return _page(request)


@require_POST
@configurer
def shop_connect_webhook(request: ConsoleRequest) -> HttpResponse:
    """Connect, or make a new secret for the same address. The secret is on this answer and nowhere else."""
    form = WebhookForm(request.POST)
    secret = ""

    def connect() -> None:
        nonlocal secret
        secret = connect_webhook(url=form.cleaned_data["url"], by=request.member, now=timezone.now())

    if form.is_valid() and _saved(form, connect):
        return _page(request, secret=secret)
    return _page(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, webhook_form=form)


@require_POST
@configurer
def shop_connect_shopify(request: ConsoleRequest) -> HttpResponse:
    form = ShopifyForm(request.POST)
    if form.is_valid() and _saved(
        form, lambda: connect_shopify(by=request.member, now=timezone.now(), **form.cleaned_data)
    ):
        done(request, _("Shopify is connected. Try the connection now."))
        return redirect("console:shop_connection", merchant=request.merchant.slug)
    return _page(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, shopify_form=form)


@require_POST
@configurer
def shop_disconnect(request: ConsoleRequest) -> HttpResponse:
    disconnect_shop(by=request.member, now=timezone.now())
    done(request, _("Disconnected. This portal is the shop."))
    return redirect("console:shop_connection", merchant=request.merchant.slug)


@require_POST
@configurer
def shop_try(request: ConsoleRequest) -> HttpResponse:
    return _page(request, tried=try_connection(by=request.member, now=timezone.now()))


def _saved(form: WebhookForm | ShopifyForm, save: Callable[[], object]) -> bool:
    try:
        save()
    except Invalid as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    except Conflict as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


def _page(
    request: ConsoleRequest, *, status: int = HTTPStatus.OK, secret: str = "", tried: Tried | None = None, **forms: Any
) -> HttpResponse:
    row = connection()
    webhook = row is not None and row.kind == ConnectorKind.WEBHOOK
    context = {
        "section": "settings",
        "setting": "connection",
        "row": row,
        "webhook_form": WebhookForm(initial={"url": row.address if row is not None and webhook else ""}),
        "shopify_form": ShopifyForm(initial={"shop": row.address if row is not None and not webhook else ""}),
        "calls": [call_row(each) for each in last_calls(SHOWN_CALLS)],
        "secret": secret,
        "tried": tried,
        "failure": refusal(tried.code) if tried is not None and tried.code else "",
        **forms,
    }
    mark_errors(context["webhook_form"])
    mark_errors(context["shopify_form"])
    return render(request, "console/settings/connection.html", context, status=status)
