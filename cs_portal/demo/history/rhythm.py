"""When shoppers write and when operators get to it."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from cs_portal.demo.merchants import Language
from cs_portal.merchants.hours import Schedule

DAYS = 60
#: Monday to Sunday, and hours of the merchant's day: a share relative to an ordinary hour of an ordinary day.
WEEKDAYS = (1.2, 1.05, 1.0, 1.0, 1.1, 0.8, 0.72)
HOURS = {
    "zh-hans": (3, 1, 1, 1, 1, 1, 2, 4, 7, 11, 13, 12, 9, 9, 12, 12, 11, 9, 8, 10, 13, 14, 11, 6),
    # Half of those who write English live abroad, and write while China sleeps.
    "en": (5, 5, 4, 3, 3, 3, 3, 4, 6, 8, 9, 9, 7, 7, 8, 9, 10, 9, 9, 9, 9, 8, 7, 6),
}
#: Days before today with a campaign, and what it brings.
CAMPAIGN_DAYS, CAMPAIGN = (14, 13, 12), 2.1
#: The shop grows: today brings so much more than two months ago.
GROWTH = 0.35


def weight(at: datetime, *, locale: Language, today: date) -> float:
    """How likely a shopper of ``locale`` writes at the local time ``at``, relative to other times."""
    ago = (today - at.date()).days
    campaign = CAMPAIGN if ago in CAMPAIGN_DAYS else 1.0
    return WEEKDAYS[at.weekday()] * HOURS[locale][at.hour] * campaign * (1 + GROWTH * (1 - ago / DAYS))


def arrival(
    first: datetime, last: datetime, *, locale: Language, rng: random.Random, tries: int = 24
) -> datetime | None:
    """A time within the two local times that follows the rhythm; None when the last comes before the first."""
    span = (last - first).total_seconds()
    if span <= 0:
        return None
    choice = [first + timedelta(seconds=rng.random() * span) for _ in range(tries)]
    weights = [weight(at, locale=locale, today=last.date()) for at in choice]
    return rng.choices(choice, weights=weights)[0]


def reviewed(ready: datetime, *, schedule: Schedule, rng: random.Random, pace: float = 1.0) -> datetime:
    """When an operator decides on what became ready: some minutes of open time later, seldom more than an hour.

    The morning begins with what the night brought, so that it takes a little longer then.
    """
    minutes = min(rng.lognormvariate(1.75, 1.05) * pace, 300.0)
    if not schedule.is_open(ready):
        minutes += rng.uniform(4, 55)
    return schedule.add_minutes(ready, minutes)


def answered(at: datetime, *, rng: random.Random) -> datetime:
    """When a shopper who reads along writes the next line."""
    return at + timedelta(seconds=20 + rng.lognormvariate(4.9, 0.9))
