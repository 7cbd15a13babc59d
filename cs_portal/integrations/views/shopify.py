"""The address that Shopify sends its webhooks to."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cs_portal.core import ratelimit
from cs_portal.core.client_address import client_address
from cs_portal.core.errors import Conflict, TooMany
from cs_portal.integrations.services.webhooks import WrongSignature, receive

FAILED, FAILED_SECONDS = 60, 600


@csrf_exempt
@require_POST
def shopify_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """The signature over the raw body is all that counts. The answer tells what became of it, for the shop's log."""
    now = timezone.now()
    try:
        limit = settings.WEBHOOKS_PER_MINUTE
        ratelimit.hit(scope="webhook", subject=str(webhook_id), limit=limit, seconds=60, now=now)
        outcome = receive(webhook_id=webhook_id, headers=request.headers, body=request.body, now=now)
    except RequestDataTooBig:
        return _said("too large", 413)
    except WrongSignature:
        return _unsigned(request)
    except TooMany as limit_reached:
        answer = _said("too many", 429)
        answer["Retry-After"] = str(limit_reached.retry_after_seconds)
        return answer
    except Conflict:
        return _said("busy", 503)  # somebody wrote the same row; Shopify sends it again
    return _said(outcome, 200)


def _unsigned(request: HttpRequest) -> HttpResponse:
    try:
        address = client_address(request)
        now = timezone.now()
        ratelimit.hit(scope="webhook-unsigned", subject=address, limit=FAILED, seconds=FAILED_SECONDS, now=now)
    except TooMany:
        return _said("too many", 429)
    return _said("wrong signature", 401)


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
