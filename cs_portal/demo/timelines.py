"""When things happen to an order, by the status in which it is found today."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cs_portal.demo.ordering import Timeline, at

#: Calendar days since delivery (first, last) for the states that come after it.
DELIVERED_DAYS_AGO = {
    "delivered": (1, 29),
    "return_requested": (2, 13),
    "exchange_requested": (2, 13),
    "returned": (14, 60),
    "closed": (31, 170),
}
#: One parcel in ten is overdue.
OVERDUE_SHARE = 0.1


def timeline(status: str, *, now: datetime, rng: random.Random) -> Timeline:
    """A plausible past for an order in the canonical ``status``. Payment is the caller's."""
    if status == "pending":
        return placed_ago(timedelta(minutes=rng.randint(20, 20 * 60)), now=now)
    if status == "processing":
        return placed_ago(timedelta(minutes=rng.randint(8 * 60, 40 * 60)), now=now)
    if status == "cancelled":
        return cancelled_after(timedelta(hours=rng.randint(30, 170 * 24)), hours=rng.randint(1, 20), now=now)
    if status == "shipped":
        overdue = rng.random() < OVERDUE_SHARE
        return shipped_ago(rng.randint(16, 24) if overdue else rng.randint(1, 6), now=now, rng=rng)
    first, last = DELIVERED_DAYS_AGO[status]
    return delivered_ago(rng.randint(first, last), now=now, rng=rng)


def placed_ago(age: timedelta, *, now: datetime) -> Timeline:
    return Timeline(placed_at=now - age)


def cancelled_after(age: timedelta, *, hours: int, now: datetime) -> Timeline:
    """Placed ``age`` ago, cancelled ``hours`` later and refunded at once."""
    placed_at = now - age
    cancelled_at = placed_at + timedelta(hours=hours)
    return Timeline(placed_at=placed_at, cancelled_at=cancelled_at, refunded_at=cancelled_at + timedelta(minutes=2))


def shipped_ago(days: int, *, now: datetime, rng: random.Random) -> Timeline:
    """Shipped in the afternoon ``days`` (at least 1) calendar days ago, placed the evening or the day before."""
    return Timeline(
        placed_at=at(now, days + rng.randint(1, 2), rng.randint(8, 22), rng.randint(0, 59)),
        shipped_at=at(now, days, rng.randint(15, 18), rng.randint(0, 59)),
    )


def delivered_ago(days: int, *, now: datetime, rng: random.Random) -> Timeline:
    """Delivered ``days`` (at least 1) calendar days ago; a refund, if there is one, came a day later at most."""
    delivered_at = at(now, days, rng.randint(9, 19), rng.randint(0, 59))
    shipped = shipped_ago(days + rng.randint(2, 4), now=now, rng=rng)
    refunded_at = min(delivered_at + timedelta(hours=rng.randint(3, 20)), now - timedelta(minutes=1))
    return Timeline(
        placed_at=shipped.placed_at,
        shipped_at=shipped.shipped_at,
        delivered_at=delivered_at,
        refunded_at=refunded_at,
    )
