"""Shops that tell us of their orders and products: their addresses, what came last, and what could not be taken."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.commerce.inbound import inbound
from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import mark_errors
from cs_portal.console.forms.shop_connection import SenderForm
from cs_portal.console.presenters.incoming import delivery_row
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.merchants.selectors import storefronts

SHOWN_DELIVERIES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def shop_incoming(request: ConsoleRequest) -> HttpResponse:
    form = _form(request)
    if request.method != "POST":
        return _page(request, form)
    if form.is_valid():
        try:
            inbound().accept(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            done(request, _("Its webhooks are accepted. Enter the address in the shop now."))
            return redirect("console:shop_incoming", merchant=request.merchant.slug)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@configurer
def shop_incoming_stop(request: ConsoleRequest, sender_id: UUID) -> HttpResponse:
    inbound().stop(sender_id=sender_id, by=request.member, now=timezone.now())
    done(request, _("Nothing more is taken from this shop."))
    return redirect("console:shop_incoming", merchant=request.merchant.slug)


def _form(request: ConsoleRequest) -> SenderForm:
    sites = [(site.slug, site.name) for site in storefronts()]
    return SenderForm(request.POST if request.method == "POST" else None, storefronts=sites)


def _page(request: ConsoleRequest, form: SenderForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    mark_errors(form)
    senders = [
        (sender, [delivery_row(each) for each in inbound().deliveries(sender_id=sender.id, limit=SHOWN_DELIVERIES)])
        for sender in inbound().senders()
    ]
    context = {"section": "settings", "setting": "incoming", "form": form, "senders": senders}
    return render(request, "console/settings/incoming.html", context, status=status)
