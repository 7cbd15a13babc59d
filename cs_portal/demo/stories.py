"""The shoppers of ``data/stories.toml``, whose orders are the same whatever the seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.merchants import DemoMerchant
from cs_portal.demo.ordering import OrderPlan, PlannedLine, Timeline
from cs_portal.demo.people import Person, person
from cs_portal.demo.tables import table
from cs_portal.demo.timelines import cancelled_after, delivered_ago, placed_ago, shipped_ago

#: Orders of stories are paid some minutes after they are placed, cancelled ones are cancelled after so many hours.
PAID_AFTER = timedelta(minutes=3)
CANCELLED_AFTER_HOURS = 2


@dataclass(frozen=True, slots=True)
class Story:
    """``about`` says in both languages what the shopper is good for; ``orders`` are rows of the table."""

    person: Person
    about: Mapping[str, str]
    orders: tuple[Mapping[str, Any], ...]


def stories(merchant: DemoMerchant, *, rng: random.Random) -> tuple[Story, ...]:
    """None for a merchant without a table of stories."""
    if merchant.story_table is None:
        return ()
    return tuple(
        Story(
            person=person(
                id=row["id"],
                name=row["name"],
                mailbox=row.get("pinyin") or row["name"].lower().replace(" ", "."),
                locale=row["locale"],
                place=row["place"],
                serial=serial,
                rng=rng,
            ),
            about=row["about"],
            orders=tuple(row.get("orders", ())),
        )
        for serial, row in enumerate(table(merchant.story_table)["story"], start=1)
    )


def story_plans(
    merchant: DemoMerchant, told: tuple[Story, ...], *, now: datetime, rng: random.Random
) -> list[OrderPlan]:
    products = {product.id: product for product in catalogue(merchant.slug)}
    plans = []
    for story in told:
        for row in story.orders:
            lines = tuple(
                PlannedLine(
                    products[line["product"]], products[line["product"]].variant(line["variant"]), line["quantity"]
                )
                for line in row["lines"]
            )
            plans.append(
                OrderPlan(
                    number=row["number"],
                    shopper=story.person,
                    status=row["status"],
                    timeline=_timeline(row, now=now, rng=rng),
                    lines=lines,
                    payments=tuple(row["payments"]),
                    express=row.get("express", False),
                    refunded="all" if row["status"] == "cancelled" else row.get("refund", "none"),
                )
            )
    return plans


def _timeline(row: Mapping[str, Any], *, now: datetime, rng: random.Random) -> Timeline:
    if row["status"] == "cancelled":
        when = cancelled_after(timedelta(hours=row["placed_hours_ago"]), hours=CANCELLED_AFTER_HOURS, now=now)
    elif "delivered_days_ago" in row:
        when = delivered_ago(row["delivered_days_ago"], now=now, rng=rng)
    elif "shipped_days_ago" in row:
        when = shipped_ago(row["shipped_days_ago"], now=now, rng=rng)
    else:
        when = placed_ago(timedelta(hours=row["placed_hours_ago"]), now=now)
    return Timeline(
        placed_at=when.placed_at,
        paid_at=when.placed_at + PAID_AFTER,
        shipped_at=when.shipped_at,
        delivered_at=when.delivered_at,
        cancelled_at=when.cancelled_at,
        refunded_at=when.refunded_at,
    )
