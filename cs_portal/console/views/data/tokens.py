"""API tokens: made, shown once, revoked."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.settings import TokenForm, mark_errors
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.merchants.services import tokens as service


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def tokens(request: ConsoleRequest) -> HttpResponse:
    """A new token is on the answer to the POST itself and nowhere else: no session and no reload can bring it back."""
    if request.method != "POST":
        return _page(request, TokenForm())
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            _row, plain = service.create_token(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _page(request, TokenForm(), plain=plain)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@configurer
def token_revoke(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    service.revoke_token(token_id=token_id, by=request.member, now=timezone.now())
    done(request, _("The token is revoked."))
    return redirect("console:tokens", merchant=request.merchant.slug)


def _page(request: ConsoleRequest, form: TokenForm, *, plain: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    mark_errors(form)
    now = timezone.now()
    rows = [(row, bool(row.expires_at and row.expires_at <= now)) for row in service.tokens()[:200]]
    context = {"section": "settings", "setting": "tokens", "form": form, "rows": rows, "plain": plain}
    context["api_url"] = f"{settings.PORTAL_URL.rstrip('/')}/api/v1/"
    return render(request, "console/settings/tokens.html", context, status=status)
