"""Privacy: how long conversations are kept, and what a shopper may ask for: a copy, or to be forgotten."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.commerce.models import Shopper
from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import RetentionForm, mark_errors
from cs_portal.console.paging import capped_count, page_of_list
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.drafting.privacy import held_of, open_requests, shoppers_like
from cs_portal.drafting.services.erasure import (
    erase_shopper,
    expired_conversations,
    next_sweep_at,
    set_retention,
    typed_name,
)
from cs_portal.drafting.services.shopper_export import ask_for_export, download
from cs_portal.merchants.models import Merchant, ShopperExport


@require_safe
@configurer
def privacy(request: ConsoleRequest) -> HttpResponse:
    """``?days=`` previews what a retention would erase; ``?q=`` looks for a shopper."""
    fresh = Merchant.objects.get(pk=request.merchant.pk)
    form = RetentionForm(request.GET if request.GET.get("days") else None, initial={"days": fresh.retention_days})
    days = form.cleaned_data["days"] if form.is_bound and form.is_valid() else fresh.retention_days
    return _page(request, fresh, form, days)


@require_POST
@configurer
def retention(request: ConsoleRequest) -> HttpResponse:
    form = RetentionForm(request.POST)
    if form.is_valid():
        set_retention(by=request.member, days=form.cleaned_data["days"], now=timezone.now())
        forgets = form.cleaned_data["days"] is not None
        done(request, _("Saved. Old conversations are erased from now on.") if forgets else _("Saved."))
        return redirect("console:privacy", merchant=request.merchant.slug)
    return _page(request, request.merchant, form, None, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@configurer
def privacy_shopper(request: ConsoleRequest, shopper_id: UUID) -> HttpResponse:
    """What is held about one shopper, with the ways to copy and to erase it."""
    return _shopper_page(request, Shopper.by_public_id(shopper_id))


@require_POST
@configurer
def export_make(request: ConsoleRequest, shopper_id: UUID) -> HttpResponse:
    ask_for_export(shopper_id=shopper_id, by=request.member, now=timezone.now())
    done(request, _("The file is being made. It is kept for three days."))
    return redirect("console:privacy_shopper", merchant=request.merchant.slug, shopper_id=shopper_id)


@require_POST
@configurer
def export_download(request: ConsoleRequest, export_id: UUID) -> HttpResponse:
    """By POST: a download is a deed, and is logged."""
    export = download(export_id=export_id, by=request.member, now=timezone.now())
    response = HttpResponse(export.document, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="shopper-{export.shopper}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def shopper_erase(request: ConsoleRequest, shopper_id: UUID) -> HttpResponse:
    """The confirmation page; erasing needs the shopper's address or name typed."""
    shopper = Shopper.by_public_id(shopper_id)
    context = {"section": "settings", "setting": "privacy", "shopper": shopper, "held": held_of(shopper)}
    context |= {"expected": typed_name(shopper)}
    if request.method != "POST":
        return render(request, "console/settings/erase.html", context)
    typed = request.POST.get("confirmation", "")
    try:
        erase_shopper(shopper_id=shopper_id, by=request.member, confirmation=typed, now=timezone.now())
    except Invalid as refusal:
        context |= {"error": str(refusal), "typed": typed[:254]}
        return render(request, "console/settings/erase.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done(request, _("The shopper was erased."))
    return redirect("console:privacy", merchant=request.merchant.slug)


def _shopper_page(request: ConsoleRequest, shopper: Shopper) -> HttpResponse:
    now = timezone.now()
    exports = ShopperExport.objects.filter(shopper=shopper.public_id, expires_at__gt=now).defer("document")
    context = {
        "section": "settings",
        "setting": "privacy",
        "shopper": shopper,
        "held": held_of(shopper),
        "exports": exports.select_related("requested_by__user")[:10],
    }
    return render(request, "console/settings/privacy_shopper.html", context)


def _page(
    request: ConsoleRequest, merchant: Merchant, form: RetentionForm, days: int | None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    mark_errors(form)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    expired = capped_count(expired_conversations(days=days, now=timezone.now()), limit=10_000) if days else None
    context = {
        "section": "settings",
        "setting": "privacy",
        "form": form,
        "kept_days": merchant.retention_days,
        "days": days,
        "expired": expired,
        "next_sweep_at": next_sweep_at(),
        "q": query,
        "found": shoppers_like(query) if query else None,
        "requests": page_of_list(open_requests(request.merchant), request=request, name="asked"),
        "here_url": reverse("console:privacy", args=[request.merchant.slug]),
    }
    return render(request, "console/settings/privacy.html", context, status=status)
