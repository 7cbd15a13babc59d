"""The team: who works here, in which role, and who is invited."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import InviteForm, RoleForm, mark_errors
from cs_portal.console.presenters.settings import team_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.drafting.services.leaving import remove_and_release
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.invitations import invite, open_invitations, resend, revoke, stands
from cs_portal.merchants.services.team import change_role, restore_member


@require_safe
@member_view
def team(request: ConsoleRequest) -> HttpResponse:
    return _page(request, InviteForm(by=request.member))


@require_POST
@configurer
def member_invite(request: ConsoleRequest) -> HttpResponse:
    form = InviteForm(request.POST, by=request.member)
    if form.is_valid():
        try:
            invite(by=request.member, language=get_language() or "en", now=timezone.now(), **form.cleaned_data)
        except (Invalid, Conflict, NotAllowed) as refusal:
            form.add_error("email", str(refusal))
        else:
            done(request, _("The invitation is on its way."))
            return redirect("console:team", merchant=request.merchant.slug)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@configurer
def invitation_resend(request: ConsoleRequest, invitation_id: UUID) -> HttpResponse:
    resend(invitation_id=invitation_id, by=request.member, now=timezone.now())
    done(request, _("A fresh link is on its way. The old one is dead."))
    return redirect("console:team", merchant=request.merchant.slug)


@require_POST
@configurer
def invitation_revoke(request: ConsoleRequest, invitation_id: UUID) -> HttpResponse:
    revoke(invitation_id=invitation_id, by=request.member, now=timezone.now())
    done(request, _("The invitation is revoked."))
    return redirect("console:team", merchant=request.merchant.slug)


@require_POST
@configurer
def member_role(request: ConsoleRequest, member_id: UUID) -> HttpResponse:
    before = Member.by_public_id(member_id).role
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a role."))
    change_role(member_id=member_id, by=request.member, role=form.cleaned_data["role"], now=timezone.now())
    done(request, _("The role was changed.") if before != form.cleaned_data["role"] else _("Nothing changed."))
    return redirect("console:team", merchant=request.merchant.slug)


@require_POST
@configurer
def member_remove(request: ConsoleRequest, member_id: UUID) -> HttpResponse:
    gone = remove_and_release(member_id=member_id, by=request.member, now=timezone.now())
    if gone.pk == request.member.pk:
        return redirect("console:home")
    undo = reverse("console:member_restore", args=[request.merchant.slug, member_id])
    done(request, _("The member was removed. What they held is free again."), undo=undo)
    return redirect("console:team", merchant=request.merchant.slug)


@require_POST
@configurer
def member_restore(request: ConsoleRequest, member_id: UUID) -> HttpResponse:
    restore_member(member_id=member_id, by=request.member, now=timezone.now())
    done(request, _("The member is back."))
    return redirect("console:team", merchant=request.merchant.slug)


def _page(request: ConsoleRequest, form: InviteForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    mark_errors(form)
    now = timezone.now()
    invitations = list(open_invitations()) if request.member.may_configure else []
    context: dict[str, Any] = {
        "section": "settings",
        "setting": "team",
        "rows": team_rows(request.member),
        "invitations": [(each, not stands(each, now=now)) for each in invitations],
        "form": form,
    }
    return render(request, "console/settings/team.html", context, status=status)
