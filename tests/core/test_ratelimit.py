"""Fixed windows, exact counts, subjects apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cs_portal.core.errors import TooMany
from cs_portal.core.models import RateWindow
from cs_portal.core.ratelimit import hit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, 0, 10, tzinfo=UTC)


def _hit(subject: str = "a", *, now: datetime = NOW) -> None:
    hit(scope="test", subject=subject, limit=3, seconds=60, now=now)


def test_the_limit_is_reached_exactly() -> None:
    for _ in range(3):
        _hit()
    with pytest.raises(TooMany) as refusal:
        _hit()
    assert refusal.value.retry_after_seconds == 50


def test_subjects_do_not_share_a_window() -> None:
    for _ in range(3):
        _hit("a")
    _hit("b")


def test_the_next_window_starts_at_zero_and_old_ones_are_swept() -> None:
    for _ in range(3):
        _hit()
    _hit(now=NOW + timedelta(minutes=10))
    assert RateWindow.objects.count() == 1


def test_the_subject_is_kept_as_a_digest() -> None:
    _hit("203.0.113.7")
    assert "203.0.113.7" not in RateWindow.objects.get().key
