"""Deciding: pins and exclusions. Each goes back to where it was asked for, with an undo."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.recommendations import ExcludeForm, PinForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.console.views.recommendations.pages import overview
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.recommendations.models import Pin
from cs_portal.recommendations.services import (
    ask_for_refresh,
    exclude,
    move_pin,
    pin_product,
    remove_exclusion,
    remove_pin,
    restore_exclusion,
    restore_pin,
)


@require_POST
@configurer
def pin_add(request: ConsoleRequest) -> HttpResponse:
    form = PinForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a product."), field="recommended")
    pin = pin_product(by=request.member, now=timezone.now(), **form.cleaned_data)
    done(request, _("Pinned."), undo=_url(request, "pin_remove", pin.public_id))
    return _back(request, pin)


@require_POST
@configurer
def pin_remove(request: ConsoleRequest, pin_id: UUID) -> HttpResponse:
    pin = remove_pin(pin_id=pin_id, by=request.member, now=timezone.now())
    done(request, _("The pin was taken off."), undo=_url(request, "pin_restore", pin_id))
    return _back(request, pin)


@require_POST
@configurer
def pin_restore(request: ConsoleRequest, pin_id: UUID) -> HttpResponse:
    pin = restore_pin(pin_id=pin_id, by=request.member, now=timezone.now())
    done(request, _("Pinned again."))
    return _back(request, pin)


@require_POST
@configurer
def pin_move(request: ConsoleRequest, pin_id: UUID) -> HttpResponse:
    pin = move_pin(pin_id=pin_id, up=request.POST.get("direction") == "up", by=request.member, now=timezone.now())
    return _back(request, pin)


@require_POST
@configurer
def exclusion_add(request: ConsoleRequest) -> HttpResponse:
    form = ExcludeForm(request.POST)
    if form.is_valid():
        try:
            row = exclude(by=request.member, now=timezone.now(), **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            form.add_error(getattr(refusal, "field", "") or "value", str(refusal))
        else:
            done(request, _("It is not recommended any more."), undo=_url(request, "exclusion_remove", row.public_id))
            return redirect("console:recommendations", merchant=request.merchant.slug)
    return overview(request, form, status=422)


@require_POST
@configurer
def exclusion_remove(request: ConsoleRequest, exclusion_id: UUID) -> HttpResponse:
    remove_exclusion(exclusion_id=exclusion_id, by=request.member, now=timezone.now())
    done(request, _("It may be recommended again."), undo=_url(request, "exclusion_restore", exclusion_id))
    return redirect("console:recommendations", merchant=request.merchant.slug)


@require_POST
@configurer
def exclusion_restore(request: ConsoleRequest, exclusion_id: UUID) -> HttpResponse:
    restore_exclusion(exclusion_id=exclusion_id, by=request.member, now=timezone.now())
    done(request, _("It is not recommended any more."))
    return redirect("console:recommendations", merchant=request.merchant.slug)


@require_POST
@configurer
def pairs_refresh(request: ConsoleRequest) -> HttpResponse:
    ask_for_refresh(now=timezone.now(), at_once=True)
    done(request, _("The pairs are being made anew. Reload the page in a moment."))
    return redirect("console:recommendations", merchant=request.merchant.slug)


def _url(request: ConsoleRequest, name: str, public_id: UUID) -> str:
    return reverse(f"console:{name}", args=[request.merchant.slug, public_id])


def _back(request: ConsoleRequest, pin: Pin) -> HttpResponse:
    """To the product that the pin belongs to, or to the overview."""
    if pin.product is not None:
        return redirect("console:product", merchant=request.merchant.slug, product_id=pin.product.public_id)
    return redirect("console:recommendations", merchant=request.merchant.slug)
