"""The page that an invitation's link opens. It belongs to no merchant yet: whoever holds the link may see it."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import JoinForm, mark_errors
from cs_portal.core import ratelimit
from cs_portal.core.errors import Conflict, Invalid, NotFound, TooMany
from cs_portal.merchants.models import Invitation, Member, User
from cs_portal.merchants.services.invitations import NewAccount, accept, invitation_by_token

TRIES_PER_MINUTE = 30
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept as the signed-in user, or make an account. A dead link is one page whatever killed it."""
    try:
        _count(request)
    except TooMany as busy:
        return _closed(request, HTTPStatus.TOO_MANY_REQUESTS, str(busy))
    invitation = invitation_by_token(token, now=timezone.now())
    if invitation is None:
        return _closed(request, HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        return _page(request, token, invitation, JoinForm())
    user = request.user if isinstance(request.user, User) else None
    form = JoinForm(request.POST)
    if user is None and not form.is_valid():
        return _page(request, token, invitation, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    account = None if user else NewAccount(form.cleaned_data["name"], form.cleaned_data["password"])
    try:
        member = accept(token=token, user=user, account=account, now=timezone.now())
    except NotFound:
        return _closed(request, HTTPStatus.NOT_FOUND)
    except (Invalid, Conflict) as refusal:
        field = refusal.field if isinstance(refusal, Invalid) else None
        form.add_error(field or None, str(refusal))
        return _page(request, token, invitation, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _welcome(request, member, fresh=user is None)


def _welcome(request: HttpRequest, member: Member, *, fresh: bool) -> HttpResponse:
    if fresh:
        login(request, member.user, backend=BACKEND)
    done(request, _("Welcome to %(shop)s.") % {"shop": member.merchant.name})
    return redirect("console:review", merchant=member.merchant.slug)


def _count(request: HttpRequest) -> None:
    address = get_adapter(request).get_client_ip(request)
    ratelimit.hit(scope="join", subject=str(address), limit=TRIES_PER_MINUTE, seconds=60, now=timezone.now())


def _page(
    request: HttpRequest, token: str, invitation: Invitation, form: JoinForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    mark_errors(form)
    here = reverse("invitation", kwargs={"token": token})
    user = request.user if isinstance(request.user, User) else None
    context = {
        "invitation": invitation,
        "shop": invitation.merchant,
        "inviter": invitation.invited_by.user.name if invitation.invited_by else "",
        "form": form,
        "here_url": here,
        "same_person": user is not None and user.email.lower() == invitation.email,
        "somebody_else": user is not None and user.email.lower() != invitation.email,
    }
    return _unkept(render(request, "console/settings/join.html", context, status=status))


def _closed(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    return _unkept(render(request, "console/settings/join_closed.html", {"sentence": sentence}, status=status))


def _unkept(response: HttpResponse) -> HttpResponse:
    """The link is a key: no cache keeps the page. The portal's referrer policy tells its address to no other site.

    (A policy of "no-referrer" would make browsers send ``Origin: null`` with the form, which the CSRF check refuses.)
    """
    patch_cache_control(response, private=True, no_store=True)
    return response
