"""Before answers go live the regression set is asked, where the merchant has one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.console.requests import ConsoleRequest
from cs_portal.knowledge.services.regression_runs import start_check
from cs_portal.knowledge.services.writing import needs_approval


def asked_first(request: ConsoleRequest, faq_ids: Iterable[UUID]) -> HttpResponseRedirect | None:
    """The page on which the set is being asked, from where one publishes; ``None``: publish at once, or ask to.

    What needs an approval is asked of the set when it is approved.
    """
    return None if needs_approval(request.member) else ask_set(request, faq_ids)


def ask_set(request: ConsoleRequest, faq_ids: Iterable[UUID]) -> HttpResponseRedirect | None:
    run, left = start_check(faq_ids=faq_ids, by=request.member, now=timezone.now())
    if run is None:
        return None
    for title, reason in left.refused[:3]:
        sentence = _("“%(title)s” was left as it is: %(reason)s")
        messages.error(request, sentence % {"title": title or "FAQ", "reason": reason})
    return redirect("console:regression_run", merchant=request.merchant.slug, asking_id=run.public_id)
