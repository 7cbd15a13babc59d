"""What every member sets for themselves: notifications and two-step sign-in."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import NoticesForm, mark_errors
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view
from cs_portal.merchants.selectors import members
from cs_portal.merchants.services.notices import KINDS, choose_notices, wants
from cs_portal.merchants.services.team import has_second_factor, require_second_factor, with_second_factor


@require_safe
@member_view
def notifications(request: ConsoleRequest) -> HttpResponse:
    member = request.member
    chosen = [kind for kind in KINDS if wants(member, kind)]
    language = member.notifications.get("language") or get_language() or "en"
    return _notices_page(request, NoticesForm(initial={"kinds": chosen, "language": language}))


@require_POST
@member_view
def notifications_save(request: ConsoleRequest) -> HttpResponse:
    """Everybody's own choice, analysts' included."""
    form = NoticesForm(request.POST)
    if not form.is_valid():
        return _notices_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    choose_notices(by=request.member, now=timezone.now(), **form.cleaned_data)
    done(request, _("Saved."))
    return redirect("console:notifications", merchant=request.merchant.slug)


def _notices_page(request: ConsoleRequest, form: NoticesForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    mark_errors(form)
    context = {"section": "settings", "setting": "notifications", "form": form}
    return render(request, "console/settings/notifications.html", context, status=status)


@require_safe
@member_view
def two_step(request: ConsoleRequest) -> HttpResponse:
    team = list(members())
    protected = with_second_factor([member.user_id for member in team])
    context = {
        "section": "settings",
        "setting": "two_step",
        "mine": has_second_factor(request.user),
        "team_size": len(team),
        "protected": len(protected),
        "without": [member for member in team if member.user_id not in protected],
    }
    return render(request, "console/settings/two_step.html", context)


@require_POST
@configurer
def two_step_require(request: ConsoleRequest) -> HttpResponse:
    """``required`` in the form asks it of everybody; without it, of nobody."""
    required = request.POST.get("required") == "1"
    require_second_factor(by=request.member, required=required, now=timezone.now())
    done(request, _("Everybody needs two-step sign-in now.") if required else _("Two-step sign-in is optional again."))
    return redirect("console:two_step", merchant=request.merchant.slug)
