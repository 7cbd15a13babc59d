"""Check what autopilot sent: sampled replies, judged after the fact."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.presenters.autopilot_checks import checks
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.drafting.models import RejectReason
from cs_portal.drafting.services.autopilot_sampling import judge_send, sends_to_check, unjudge_send


@require_safe
@member_view
def autopilot_checks(request: ConsoleRequest) -> HttpResponse:
    waiting = sends_to_check()
    context = {
        "section": "review",
        "checks": checks(waiting),
        "waiting": waiting.count(),
        "reasons": RejectReason.choices,
    }
    return render(request, "console/review/autopilot_checks.html", context)


@require_POST
@reviewer
def autopilot_judge(request: ConsoleRequest, send_id: UUID) -> HttpResponse:
    braked = judge_send(
        send_id=send_id,
        by=request.member,
        judgement=request.POST.get("judgement", ""),
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    undo = reverse("console:autopilot_unjudge", args=[request.merchant.slug, send_id])
    sentence = _("Judged. That was the second wrong one: its rule is held back.") if braked else _("Judged.")
    done(request, sentence, undo=undo)
    return redirect("console:autopilot_checks", merchant=request.merchant.slug)


@require_POST
@reviewer
def autopilot_unjudge(request: ConsoleRequest, send_id: UUID) -> HttpResponse:
    unjudge_send(send_id=send_id, by=request.member, now=timezone.now())
    done(request, _("Taken back. The reply waits to be checked."))
    return redirect("console:autopilot_checks", merchant=request.merchant.slug)
