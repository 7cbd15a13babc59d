"""Fixed-window rate limits in the database: exact across processes in both ways to run, without a further server."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import connection

from cs_portal.core.errors import TooMany
from cs_portal.core.models import RateWindow


def hit(*, scope: str, subject: str, limit: int, seconds: int, now: datetime) -> None:
    """Count one hit of ``subject``; raise :class:`TooMany` above ``limit`` hits in the current window."""
    window = int(now.timestamp()) // seconds
    digest = hashlib.sha256(subject.encode()).hexdigest()[:32]
    expires_at = datetime.fromtimestamp((window + 1) * seconds, tz=now.tzinfo)
    table = RateWindow._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, hits, expires_at) VALUES (%s, 1, %s) "  # noqa: S608
            f"ON CONFLICT (key) DO UPDATE SET hits = {table}.hits + 1 RETURNING hits",
            [f"{scope}:{digest}:{window}", connection.ops.adapt_datetimefield_value(expires_at)],
        )
        (hits,) = cursor.fetchone()
    if hits == 1:
        RateWindow.objects.filter(expires_at__lt=now - timedelta(minutes=5)).delete()
    if hits > limit:
        raise TooMany(max(1, int((expires_at - now).total_seconds())))
