"""Liveness and readiness, for the supervisor and for load balancers."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cs_portal.core.models import RateWindow
from cs_portal.core.workers import alive_queues, ready_queues


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database can be written; workers are told, since the portal accepts messages without them."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {RateWindow._meta.db_table} WHERE id = -1")  # noqa: S608
        now = timezone.now()
        workers = {"alive": sorted(alive_queues(now=now)), "warm": sorted(ready_queues(now=now))}
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "cannot be written"}, status=503)
    return JsonResponse({"status": "ok", "workers": workers})
