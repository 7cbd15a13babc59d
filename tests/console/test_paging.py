"""Keyset pages: every row once, in order, whichever way one walks, and whatever the cursor says."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.console.paging import Count, Page, capped_count, page_of, page_of_list
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.factories import make_conversation

pytestmark = pytest.mark.django_db


def _page(query: str, size: int = 2) -> Page:
    return page_of(Conversation.objects.all(), request=RequestFactory().get(f"/{query}"), size=size)


@pytest.fixture
def seven(cast: Cast) -> list[int]:
    """Seven conversations, newest first; three of them share their moment."""
    minutes = (1, 2, 3, 3, 3, 4, 5)
    for ago in minutes:
        make_conversation(cast.merchant, storefront=cast.storefront, now=cast.now - timedelta(minutes=ago))
    with scope(merchant=cast.merchant):
        return list(Conversation.objects.order_by("-last_message_at", "-id").values_list("pk", flat=True))


def test_a_walk_there_and_back_meets_every_row_once(cast: Cast, seven: list[int]) -> None:
    with scope(merchant=cast.merchant):
        page, met = _page(""), []
        assert page.newer == ""
        while True:
            met.append([row.pk for row in page.rows])
            if not page.older:
                break
            page = _page(page.older)
        assert [pk for pks in met for pk in pks] == seven
        back = [met[-1]]
        while page.newer:
            page = _page(page.newer)
            back.append([row.pk for row in page.rows])
    assert back == met[::-1]


def test_links_keep_the_filters(cast: Cast, seven: list[int]) -> None:
    with scope(merchant=cast.merchant):
        page = _page("?state=open&q=a+b")
        assert page.older.startswith("?state=open&q=a+b&after=")
        assert "after=" not in _page(page.older).newer


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WzFd", "WyJhIiwgImIiXQ", "%00", "W251bGwsIG51bGxd", "WyIyMDI2IiwgMTFlOTldCg", "a" * 600]
)
def test_a_cursor_that_cannot_be_read_is_the_first_page(cast: Cast, seven: list[int], cursor: str) -> None:
    with scope(merchant=cast.merchant):
        assert [row.pk for row in _page(f"?after={cursor}").rows] == seven[:2]


@given(st.text(max_size=80))
def test_no_cursor_breaks_the_page(text: str) -> None:
    from cs_portal.console.paging import _cursor

    _cursor(RequestFactory().get("/", {"after": text}), Conversation, ("-last_message_at", "-id"))


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1899-12-31", "2201-01-01"]
)
def test_a_cursor_at_the_edge_of_the_calendar_is_the_first_page(cast: Cast, seven: list[int], moment: str) -> None:
    """Turned into UTC such a moment leaves what Python, or the database, can hold."""
    cursor = base64.urlsafe_b64encode(json.dumps([moment, 1]).encode()).decode().rstrip("=")
    with scope(merchant=cast.merchant):
        assert [row.pk for row in _page(f"?after={cursor}").rows] == seven[:2]


def test_a_cursor_reaches_no_other_merchants_rows(cast: Cast, seven: list[int]) -> None:
    with scope(merchant=cast.merchant):
        older = _page("").older
    with scope(merchant=cast.charlie.merchant):
        assert _page(older).rows == []


def test_a_count_stops_at_its_limit(cast: Cast, seven: list[int]) -> None:
    with scope(merchant=cast.merchant):
        rows = Conversation.objects.all()
        assert str(capped_count(rows)) == "7"
        assert str(capped_count(rows, limit=6)) == "6+"
        assert str(capped_count(rows, limit=7)) == "7"


@pytest.mark.parametrize(
    ("asked", "shown", "newer", "older"),
    [
        ("", [0, 1], "", "?q=a&from=2"),
        ("2", [2, 3], "?q=a&from=0", "?q=a&from=4"),
        ("3", [2, 3], "?q=a&from=0", "?q=a&from=4"),
        ("4", [4], "?q=a&from=2", ""),
        ("99", [4], "?q=a&from=2", ""),
        ("-1", [0, 1], "", "?q=a&from=2"),
        ("２", [0, 1], "", "?q=a&from=2"),
    ],
)
def test_a_list_that_is_there_comes_in_pages(asked: str, shown: list[int], newer: str, older: str) -> None:
    request = RequestFactory().get("/", {"q": "a", **({"from": asked} if asked else {})})
    page = page_of_list(range(5), request=request, name="from", size=2)
    assert (page.rows, page.newer, page.older) == (shown, newer, older)


def test_an_empty_list_has_one_page_and_a_count_of_nothing_is_nothing() -> None:
    page = page_of_list([], request=RequestFactory().get("/?from=50"), name="from")
    assert (page.rows, page.newer, page.older) == ([], "", "")
    assert not Count(0, capped=False) and Count(1, capped=False)
