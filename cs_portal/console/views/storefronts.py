"""Settings: the sites that carry the chat."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console.forms.storefronts import StorefrontForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view
from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.merchants.models import Storefront
from cs_portal.merchants.selectors import storefronts
from cs_portal.merchants.services import reveal_identity_secret, rotate_identity_secret, update_storefront


@require_safe
@member_view
def storefront_list(request: ConsoleRequest) -> HttpResponse:
    context = {"storefronts": storefronts(), "section": "settings"}
    return render(request, "console/storefronts/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view
def storefront(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    """The form for those who may configure, the same page to read for all others."""
    row = Storefront.by_public_id(storefront_id)
    if request.method != "POST":
        return _page(request, row, StorefrontForm(instance=row))
    if not request.member.may_configure:
        raise NotAllowed(_("Only an owner or an admin may change settings."))
    form = StorefrontForm(request.POST, instance=Storefront.by_public_id(storefront_id))
    if form.is_valid():
        try:
            update_storefront(storefront_id=storefront_id, by=request.member, change=form.change(), now=timezone.now())
        except Invalid as refusal:
            form.add_error("origins" if refusal.field == "allowed_origins" else refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("console:storefront", merchant=request.merchant.slug, storefront_id=storefront_id)
    return _page(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@configurer
def show_secret(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    """The page with the secret on it; asked for by POST, so that nothing prefetches or keeps it."""
    secret = reveal_identity_secret(storefront_id=storefront_id, by=request.member, now=timezone.now())
    row = Storefront.by_public_id(storefront_id)
    return _page(request, row, StorefrontForm(instance=row), secret=secret)


@require_POST
@configurer
def rotate_secret(request: ConsoleRequest, storefront_id: UUID) -> HttpResponse:
    rotate_identity_secret(storefront_id=storefront_id, by=request.member, now=timezone.now())
    messages.success(request, _("The secret was replaced. Give the new one to the shop's server now."))
    return redirect("console:storefront", merchant=request.merchant.slug, storefront_id=storefront_id)


def _page(
    request: ConsoleRequest, row: Storefront, form: StorefrontForm, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    context |= {"storefront": row, "form": form, "portal_url": settings.PORTAL_URL, "section": "settings"}
    return render(request, "console/storefronts/detail.html", context, status=status)
