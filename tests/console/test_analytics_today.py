"""The day that is not over, beside the same hours of the week before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import override_settings

from cs_portal.console.presenters.analytics_page import report
from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.factories import make_conversation

#: Half past one in the afternoon in Shanghai, where the cast sells mugs.
NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def test_today_counts_until_now_and_the_week_before_until_the_same_hour(cast: Cast) -> None:
    assert cast.merchant.timezone == "Asia/Shanghai"
    hour = timedelta(hours=1)
    for at in (NOW, NOW - hour, NOW - 3 * hour, NOW - 14 * hour, NOW - WEEK - hour, NOW - WEEK + hour, NOW - 3 * WEEK):
        make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hello"], now=at)
    with scope(merchant=cast.merchant):
        shown = report(QueryDict("period=today"), cast.merchant, now=NOW, only="volume")
        table = shown.table("days")
    assert shown.wanted.period == "today"
    section = shown.parts[0].content
    assert section is not None and table is not None
    assert (section.figures[0].value, section.figures[0].change) == ("3", "+200%")
    assert [figure.label for figure in section.figures] == ["New conversations", "Reopened within 7 days"]
    assert list(table.columns) == ["Hour", "Today", "A week before"]
    counted = [(row[0].text, row[1].text, row[2].text) for row in table.rows]
    assert len(counted) == 14 and counted[-1] == ("13", "1", "0")
    assert [row for row in counted if row[1:] != ("0", "0")] == [("10", "1", "0"), ("12", "1", "1"), ("13", "1", "0")]


def test_the_page_offers_today_and_says_what_it_is_compared_with(cast: Cast) -> None:
    make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hello"], now=cast.now)
    html = cast.client(cast.nina).get("/console/mugs/analytics/", {"period": "today"}).content.decode()
    assert '<option value="today"' in html
    assert "the same hours of the same day a week before" in html and "as many days just before" not in html


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
def test_figures_of_the_hours_before_are_not_taken_for_those_of_the_whole_day(cast: Cast) -> None:
    make_conversation(cast.merchant, storefront=cast.storefront, texts=["Late"], now=NOW - WEEK + timedelta(hours=1))
    with scope(merchant=cast.merchant):
        today = report(QueryDict("period=today"), cast.merchant, now=NOW, only="volume").table("days")
        day = report(QueryDict("from=2026-11-18&to=2026-11-18"), cast.merchant, now=NOW, only="volume").table("days")
    assert today is not None and sum(int(row[2].text) for row in today.rows) == 0
    assert day is not None and [row[1].text for row in day.rows] == ["1"]
