"""One way of writing a moment per language, in the merchant's time zone, and an age beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

AT = datetime(2026, 11, 25, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(("language", "text"), [("en", "Nov 26, 2026, 01:05"), ("zh-hans", "2026年11月26日 01:05")])
def test_a_moment_is_written_with_its_day_and_in_the_zone_of_the_merchant(language: str, text: str) -> None:
    with translation.override(language), timezone.override(ZoneInfo("Asia/Shanghai")):
        markup = render_to_string("components/time.html", {"at": AT})
    assert 'datetime="2026-11-26T01:05:00+08:00"' in markup
    assert f'title="{text}"' in markup and f">{text}</time>" in markup
    assert 'data-behaviour="relative-time"' in markup and "data-ago" in markup


@pytest.mark.parametrize(("language", "text"), [("en", "Nov 26, 2026"), ("zh-hans", "2026年11月26日")])
def test_a_day_is_written_the_same_way(language: str, text: str) -> None:
    with translation.override(language), timezone.override(ZoneInfo("Asia/Shanghai")):
        markup = render_to_string("components/date.html", {"at": AT})
    assert 'datetime="2026-11-26T01:05:00+08:00"' in markup and f">{text}</time>" in markup


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_short_and_long_formats_are_one(language: str) -> None:
    with translation.override(language):
        assert date_format(AT, "SHORT_DATE_FORMAT") == date_format(AT, "DATE_FORMAT")
        assert date_format(AT, "SHORT_DATETIME_FORMAT") == date_format(AT, "DATETIME_FORMAT")


def test_no_page_writes_dates_in_a_way_of_its_own() -> None:
    """Hours alone, days that group a thread and the values of date fields are no dates to read."""
    own = []
    for path in (settings.BASE_DIR / "templates" / "console").rglob("*.html"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "Y-m-d" in line and "ifchanged" not in line and "value=" not in line:
                own.append(f"{path.name}:{number}")
    assert own == []
