"""Settings: the sites that carry the chat."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import mark_errors
from cs_portal.console.forms.storefronts import NewStorefrontForm, StorefrontForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.core.errors import Invalid
from cs_portal.merchants.colours import accent
from cs_portal.merchants.models import Storefront
from cs_portal.merchants.selectors import storefronts
from cs_portal.merchants.services.storefronts import (
    create_storefront,
    reveal_identity_secret,
    rotate_identity_secret,
    switch_storefront,
    update_storefront,
)


@require_safe
@member_view
def storefront_list(request: ConsoleRequest) -> HttpResponse:
    context = {"storefronts": storefronts(), "section": "settings", "setting": "storefronts"}
    return render(request, "console/storefronts/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def storefront_new(request: ConsoleRequest) -> HttpResponse:
    form = NewStorefrontForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid() and (made := _created(request, form)):
            done(request, _("The storefront is there. Put the chat on your site next."))
            return redirect("console:storefront_install", merchant=request.merchant.slug, storefront_id=made.public_id)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    mark_errors(form)
    context = {"form": form, "section": "settings", "setting": "storefronts"}
    return render(request, "console/storefronts/new.html", context, status=status)


def _created(request: ConsoleRequest, form: NewStorefrontForm) -> Storefront | None:
    data = form.cleaned_data
    try:
        return create_storefront(
            by=request.member,
            name=data["name"],
            locale=data["locale"],
            currency=data["currency"],
            allowed_origins=data["origins"],
            now=timezone.now(),
        )
    except Invalid as refusal:
        _show(refusal, form)
        return None


@read_by_all
def storefront(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    """The form for those who may configure, the same page to read for all others."""
    row = _row(storefront_id)
    if request.method != "POST":
        return _page(request, row, StorefrontForm(instance=row))
    form = StorefrontForm(request.POST, instance=_row(storefront_id))
    if form.is_valid():
        try:
            update_storefront(storefront_id=storefront_id, by=request.member, change=form.change(), now=timezone.now())
        except Invalid as refusal:
            _show(refusal, form)
        else:
            done(request, _("Saved."))
            return redirect("console:storefront", merchant=request.merchant.slug, storefront_id=storefront_id)
    return _page(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@member_view
def storefront_install(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    return _install_page(request, _row(storefront_id))


@require_POST
@configurer
def storefront_switch(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    """``?on=1`` shows the chat, ``?on=0`` hides it; the other one is the undo."""
    on = request.GET.get("on") == "1"
    switch_storefront(storefront_id=storefront_id, by=request.member, on=on, now=timezone.now())
    undo = f"{request.path}?on={0 if on else 1}"
    done(request, _("The chat is on.") if on else _("The chat is off on these sites."), undo=undo)
    return redirect("console:storefront", merchant=request.merchant.slug, storefront_id=storefront_id)


@require_POST
@configurer
def show_secret(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    """The page with the secret on it; asked for by POST, so that nothing prefetches or keeps it."""
    secret = reveal_identity_secret(storefront_id=storefront_id, by=request.member, now=timezone.now())
    return _install_page(request, _row(storefront_id), secret=secret)


@require_POST
@configurer
def rotate_secret(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    rotate_identity_secret(storefront_id=storefront_id, by=request.member, now=timezone.now())
    done(request, _("The secret was replaced. Give the new one to the shop's server now."))
    return redirect("console:storefront_install", merchant=request.merchant.slug, storefront_id=storefront_id)


def _row(storefront_id: UUID) -> Storefront:
    return Storefront.by_public_id(storefront_id)


def _show(refusal: Invalid, form: StorefrontForm | NewStorefrontForm) -> None:
    field = "origins" if refusal.field == "allowed_origins" else refusal.field
    form.add_error(field if field in form.fields else None, str(refusal))


def _page(
    request: ConsoleRequest, row: Storefront, form: StorefrontForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "storefront": row,
        "form": form,
        "colours": accent(row.accent),
        "section": "settings",
        "setting": "storefronts",
        "tab": "settings",
    }
    return render(request, "console/storefronts/detail.html", context, status=status)


def _install_page(request: ConsoleRequest, row: Storefront, **context: Any) -> HttpResponse:
    context |= {"storefront": row, "portal_url": settings.PORTAL_URL, "section": "settings"}
    context |= {"setting": "storefronts", "tab": "install"}
    return render(request, "console/storefronts/install.html", context)
