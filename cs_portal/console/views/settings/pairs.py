"""The amounts above which two people must agree."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.commerce.money import format_minor
from cs_portal.console.feedback import done
from cs_portal.console.forms.pairs import PairLimitForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.errors import Invalid
from cs_portal.drafting.models import PairLimit
from cs_portal.drafting.services.pair_limits import reviewers, set_pair_limit


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def pairs(request: ConsoleRequest) -> HttpResponse:
    """The limits, and the form that sets the one of a currency."""
    form = PairLimitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            currency, above = form.cleaned_data["currency"], form.above_minor()
            changed = set_pair_limit(by=request.member, currency=currency, above_minor=above, now=timezone.now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            done(request, _("Saved.") if changed else _("Nothing changed."))
            return redirect("console:pairs", merchant=request.merchant.slug)
    limits = [(row.currency, format_minor(row.above_minor, row.currency)) for row in PairLimit.objects.all()]
    context = {"section": "settings", "setting": "pairs", "form": form, "limits": limits, "reviewers": reviewers()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "console/settings/pairs.html", context, status=status)


@require_POST
@configurer
def pair_lift(request: ConsoleRequest) -> HttpResponse:
    """One approval is enough again in a currency."""
    currency = request.POST.get("currency", "")
    changed = set_pair_limit(by=request.member, currency=currency, above_minor=None, now=timezone.now())
    sentence = _("One approval is enough again in %(currency)s.") % {"currency": currency}
    done(request, sentence if changed else _("Nothing changed."))
    return redirect("console:pairs", merchant=request.merchant.slug)
