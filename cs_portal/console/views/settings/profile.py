"""The merchant's profile, hours, targets and holidays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.hours import HoursForm
from cs_portal.console.forms.settings import HolidayForm, HolidayListForm, ProfileForm, TargetsForm, mark_errors
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Holiday, Merchant
from cs_portal.merchants.services.profile import (
    add_holidays,
    parse_holidays,
    remove_holiday,
    timezones,
    update_hours,
    update_profile,
)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def profile(request: ConsoleRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=Merchant.objects.get(pk=request.merchant.pk))
    status = HTTPStatus.OK
    if request.method == "POST":
        save = partial(update_profile, by=request.member, now=timezone.now())
        if form.is_valid() and _saved(form, lambda: save(change=form.change())):
            done(request, _("Saved."))
            return redirect("console:profile", merchant=request.merchant.slug)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    mark_errors(form)
    context = {"section": "settings", "setting": "profile", "form": form, "timezones": timezones()}
    return render(request, "console/settings/profile.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def hours(request: ConsoleRequest) -> HttpResponse:
    """Targets and opening hours in one form; holidays beside it have forms of their own."""
    fresh = Merchant.objects.get(pk=request.merchant.pk)
    if request.method != "POST":
        return _hours_page(request, TargetsForm(instance=fresh), HoursForm(stored=fresh.business_hours))
    targets, open_at = TargetsForm(request.POST, instance=fresh), HoursForm(request.POST)
    if targets.is_valid() & open_at.is_valid():
        change = targets.change(open_at.hours())
        if _saved(targets, lambda: update_hours(by=request.member, change=change, now=timezone.now())):
            done(request, _("Saved. Clocks that run already keep the promise they started with."))
            return redirect("console:hours", merchant=request.merchant.slug)
    return _hours_page(request, targets, open_at, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@configurer
def holidays_add(request: ConsoleRequest) -> HttpResponse:
    """One day, or a pasted list of them."""
    several = "lines" in request.POST
    form: Form = HolidayListForm(request.POST) if several else HolidayForm(request.POST)
    if form.is_valid():
        try:
            data = form.cleaned_data
            days = parse_holidays(data["lines"]) if several else [(data["date"], data["name"])]
            added = add_holidays(by=request.member, days=days, now=timezone.now())
        except Invalid as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            words = ngettext("%(count)s holiday added.", "%(count)s holidays added.", added)
            done(request, words % {"count": added} if added else _("These days were there already."))
            return redirect(_holidays(request))
    fresh = Merchant.objects.get(pk=request.merchant.pk)
    given = {"list_form" if several else "holiday_form": form}
    return _hours_page(
        request,
        TargetsForm(instance=fresh),
        HoursForm(stored=fresh.business_hours),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        **given,
    )


@require_POST
@configurer
def holiday_remove(request: ConsoleRequest, holiday_id: UUID) -> HttpResponse:
    gone = remove_holiday(holiday_id=holiday_id, by=request.member, now=timezone.now())
    query = urlencode({"date": gone.date.isoformat(), "name": gone.name})
    back = reverse("console:holiday_restore", args=[request.merchant.slug])
    done(request, _("Holiday removed."), undo=f"{back}?{query}")
    return redirect(_holidays(request))


@require_POST
@configurer
def holiday_restore(request: ConsoleRequest) -> HttpResponse:
    """Undo a removal: the day stands in the URL."""
    form = HolidayForm(request.GET)
    if not form.is_valid():
        raise Invalid(_("This cannot be undone any more."))
    days = [(form.cleaned_data["date"], form.cleaned_data["name"])]
    add_holidays(by=request.member, days=days, now=timezone.now())
    done(request, _("The holiday is back."))
    return redirect(_holidays(request))


def _hours_page(
    request: ConsoleRequest, targets: TargetsForm, open_at: HoursForm, *, status: int = HTTPStatus.OK, **forms: Form
) -> HttpResponse:
    mark_errors(targets)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "section": "settings",
        "setting": "hours",
        "form": targets,
        "hours": open_at,
        "coming": Holiday.objects.filter(date__gte=today),
        "past": Holiday.objects.filter(date__lt=today).order_by("-date")[:30],
        "holiday_form": HolidayForm(),
        "list_form": HolidayListForm(),
        **forms,
    }
    return render(request, "console/settings/hours.html", context, status=status)


def _saved(form: Form | ProfileForm | TargetsForm, save: Callable[[], object]) -> bool:
    """Run the service; a refusal becomes the form's error."""
    try:
        save()
    except Invalid as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _holidays(request: ConsoleRequest) -> str:
    return reverse("console:hours", args=[request.merchant.slug]) + "#holidays"
