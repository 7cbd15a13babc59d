"""The job of recommendations: pairs made anew, which asks for itself again a day later."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of
from cs_portal.recommendations.services import refresh_pairs


@handler("refresh_pairs", queue=Queue.BULK, max_attempts=3)
def refresh(lease: Lease) -> None:
    with scope_of(lease):
        refresh_pairs(now=timezone.now(), lease=lease)
