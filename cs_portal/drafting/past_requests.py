"""What shoppers asked for, as the rules' simulations need it: handed down to ``policies``, which lies below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from cs_portal.drafting.models import Draft
from cs_portal.policies.services.past import Asked, Cursor


class DraftedRequests:
    """The requests that drafts were made for."""

    def count(self, *, since: datetime, until: datetime) -> int:
        return _made(since=since, until=until).count()

    def page(self, *, since: datetime, until: datetime, after: Cursor | None, limit: int) -> Sequence[Asked]:
        rows = _made(since=since, until=until)
        if after is not None:
            at, key = after
            rows = rows.filter(created_at__gte=at).exclude(created_at=at, id__lte=key)
        return _asked(rows.order_by("created_at", "id"), limit)

    def latest(self, *, limit: int) -> Sequence[Asked]:
        return _asked(_requests().order_by("-created_at", "-id"), limit)


def _requests() -> QuerySet[Draft]:
    return Draft.objects.filter(request__isnull=False, order__isnull=False)


def _made(*, since: datetime, until: datetime) -> QuerySet[Draft]:
    return _requests().filter(created_at__gte=since, created_at__lt=until)


def _asked(rows: QuerySet[Draft], limit: int) -> list[Asked]:
    found = rows.values_list("created_at", "id", "order_id", "request")[:limit]
    return [Asked(at, key, order_id or 0, request or {}) for at, key, order_id, request in found]
