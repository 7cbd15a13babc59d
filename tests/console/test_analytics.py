"""The dashboard: every member reads it, nobody else; filters come from the URL; files hold no formulas."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.analytics import dashboard
from cs_portal.console.presenters.analytics_outline import OUTLINES
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Review
from cs_portal.policies.engine import load_shipped
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_ruleset,
    make_storefront,
    make_user,
)

URL = "/console/mugs/analytics/"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def busy(cast):
    """Three conversations, one draft decided by Olaf, one question without an answer."""
    now = cast.now - timedelta(days=2)
    for _ in range(2):
        make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hello"], now=now)
    conversation = make_conversation(cast.merchant, storefront=cast.storefront, texts=["=cmd|' /C calc'!A0"], now=now)
    draft = make_draft(cast.merchant, conversation, now=now, intent="delivery", answered=False)
    with scope(merchant=cast.merchant):
        Review.objects.create(
            draft=draft, member=cast.olaf, decision="rejected", reason="tone", created_at=now + timedelta(minutes=5)
        )
    return cast


def figure(html: str, label: str) -> str:
    """The figure of a tile, by its label."""
    found = re.search(rf"<dt[^>]*>\s*{label}\s*</dt>\s*<dd[^>]*>\s*([^<]*?)\s*</dd>", html)
    return found[1] if found else ""


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("who", ["alice", "ann", "olaf", "nina"])
def test_every_member_reads_it(busy, who) -> None:
    response = busy.client(getattr(busy, who)).get(URL)
    assert response.status_code == 200
    html = response.content.decode()
    assert figure(html, "New conversations") == "3"
    assert "style=" not in html.split("<main", 1)[1]


def test_strangers_and_visitors_do_not(busy) -> None:
    assert busy.client(busy.charlie).get(URL).status_code == 404
    assert busy.client(busy.charlie).get(f"{URL}days.csv").status_code == 404
    assert busy.client(None).get(URL).status_code == 302


@pytest.mark.parametrize("path", [URL, f"{URL}days.csv"])
def test_it_is_only_read(busy, path) -> None:
    assert busy.client(busy.alice).post(path).status_code == 405


def test_a_merchant_without_conversations_reads_what_to_do(cast) -> None:
    html = cast.client(cast.nina).get(URL).content.decode()
    assert "No figures yet" in html
    assert "<table" not in html


def test_filters_come_from_the_url(busy) -> None:
    other = make_storefront(busy.merchant, "other", name="Other shop")
    client = busy.client(busy.nina)
    html = client.get(URL, {"storefront": str(other.public_id)}).content.decode()
    assert "Show everything" in html
    html = client.get(URL, {"storefront": str(busy.storefront.public_id), "intent": "delivery"}).content.decode()
    assert f'value="{busy.storefront.public_id}" selected' in " ".join(html.split())
    assert figure(html, "New conversations") == "1"
    assert "?storefront=" in html.split(".csv", 1)[1][:200]


def test_another_merchants_ids_narrow_nothing_and_tell_nothing(busy) -> None:
    with scope(merchant=busy.charlie.merchant):
        theirs = make_storefront(busy.charlie.merchant, "secret", name="Secret shop")
    html = (
        busy.client(busy.nina)
        .get(URL, {"storefront": str(theirs.public_id), "operator": str(busy.charlie.public_id), "language": "xx"})
        .content.decode()
    )
    assert "Secret shop" not in html
    assert figure(html, "New conversations") == "3"


def test_numbers_do_not_raise_the_number_of_queries(busy) -> None:
    client = busy.client(busy.nina)
    client.get(URL)

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    before = queries()
    for number in range(12):
        conversation = make_conversation(
            busy.merchant, storefront=busy.storefront, texts=["Hello"], now=busy.now - timedelta(hours=number)
        )
        draft = make_draft(busy.merchant, conversation, now=busy.now - timedelta(hours=number), answered=False)
        member = make_member(busy.merchant, user=make_user())
        with scope(merchant=busy.merchant):
            Review.objects.create(draft=draft, member=member, decision="approved", created_at=busy.now)
    assert queries() == before < 75


def test_figures_are_kept_for_a_minute_and_texts_are_not(busy) -> None:
    client = busy.client(busy.nina)
    client.get(URL)
    with scope(merchant=busy.merchant):
        Conversation.objects.all().delete()
    html = client.get(URL).content.decode()
    assert figure(html, "New conversations") == "3"
    assert "calc" not in html


def test_a_table_is_a_file(busy) -> None:
    response = busy.client(busy.nina).get(f"{URL}days.csv", {"period": "7"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="days_' in response["Content-Disposition"]
    rows = rows_of(response)
    assert rows[0] == ["Day", "This period", "Period before"]
    assert len(rows) == 8
    assert sum(int(row[1]) for row in rows[1:]) == 3


def test_a_file_holds_no_formula(busy) -> None:
    rows = rows_of(busy.client(busy.nina).get(f"{URL}unanswered.csv"))
    assert rows[1][0] == "'=cmd|' /C calc'!A0"


def test_an_unknown_table_is_not_found(busy) -> None:
    assert busy.client(busy.nina).get(f"{URL}secrets.csv").status_code == 404


def test_unanswered_questions_lead_to_their_conversations(busy) -> None:
    html = busy.client(busy.nina).get(URL).content.decode()
    with scope(merchant=busy.merchant):
        conversation = Conversation.objects.get(drafts__answered=False)
    assert f'href="/console/mugs/inbox/{conversation.public_id}/"' in html


def test_every_chart_has_its_table(busy) -> None:
    html = busy.client(busy.nina).get(URL).content.decode()
    charts = re.findall(r'data-table="([a-z]+)-table"', html)
    assert {"days", "hours", "decisions", "rejections", "intents"} <= set(charts)
    for key in charts:
        assert f'<table class="data-table" id="{key}-table">' in html


def test_it_speaks_chinese(busy) -> None:
    client = busy.client(busy.nina)
    client.cookies["cs_portal_language"] = "zh-hans"
    response = client.get(URL, headers={"Accept-Language": "zh-CN"})
    assert "会话量" in response.content.decode()


@pytest.fixture
def large(busy, monkeypatch):
    """A merchant whose figures take long to count."""
    monkeypatch.setattr(dashboard, "LARGE", 2)
    return busy


def waiting(html: str) -> list[str]:
    """The URLs of the sections that are still to be fetched."""
    return [unescape(url) for url in re.findall(r'hx-get="(/console/mugs/analytics/[^"]*)"', html)]


def test_a_large_merchants_sections_follow_one_by_one(large) -> None:
    client = large.client(large.nina)
    with CaptureQueriesContext(connection) as captured:
        html = client.get(URL, {"period": "7"}).content.decode()
    assert waiting(html) == [f"{URL}{key}/?period=7" for key in OUTLINES]
    assert figure(html, "New conversations") == ""
    assert not [query for query in captured if "reviews" in query["sql"] and "GROUP BY" in query["sql"]]
    part = client.get(waiting(html)[0], headers={"HX-Request": "true"})
    assert "HX-Request" in part["Vary"]
    found = part.content.decode()
    assert found.strip().startswith("<section")
    assert figure(found, "New conversations") == "3"


def test_what_is_kept_is_there_at_once(large) -> None:
    client = large.client(large.nina)
    client.get(f"{URL}satisfaction/", headers={"HX-Request": "true"})
    html = client.get(URL).content.decode()
    assert f"{URL}satisfaction/?" not in waiting(html)
    assert len(waiting(html)) == len(OUTLINES) - 1
    assert figure(html, "Answered when asked") != ""


def test_without_scripts_everything_stands_on_one_page(large) -> None:
    client = large.client(large.nina)
    html = client.get(URL, {"intent": "delivery"}).content.decode()
    assert "<noscript>" in html
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', html)
    assert found
    whole = client.get(URL + unescape(found[1])).content.decode()
    assert waiting(whole) == []
    assert "http-equiv" not in whole
    assert figure(whole, "New conversations") == "1"
    assert [key for key in OUTLINES if f'id="{key}-title"' not in whole] == []


def test_a_section_is_a_page_of_its_own_for_who_follows_the_link(large) -> None:
    html = large.client(large.nina).get(f"{URL}volume/", {"period": "7"}).content.decode()
    assert "<h1>" in html
    assert figure(html, "New conversations") == "3"
    assert waiting(html) == []
    assert f'href="{URL}?period=7"' in html


def test_a_section_is_for_members_and_must_exist(busy) -> None:
    assert busy.client(busy.nina).get(f"{URL}secrets/").status_code == 404
    assert busy.client(busy.charlie).get(f"{URL}volume/").status_code == 404
    assert busy.client(busy.alice).post(f"{URL}volume/").status_code == 405


def test_every_table_belongs_to_the_section_that_says_so(busy) -> None:
    client = busy.client(busy.nina)
    for outline in OUTLINES.values():
        html = client.get(f"{URL}{outline.key}/", headers={"HX-Request": "true"}).content.decode()
        found = re.findall(r'<h3 id="([a-z]+)-title"', html)
        assert tuple(found) == outline.tables
        for table in outline.tables:
            assert client.get(f"{URL}{table}.csv").status_code == 200


def test_a_section_counts_only_its_own_parts(busy, monkeypatch) -> None:
    counted = []
    parts = "volume response automation piloting reviewing deciding asking satisfaction wording"
    for part in parts.split():
        count = getattr(dashboard, part)
        monkeypatch.setattr(
            dashboard,
            part,
            lambda *args, _part=part, _count=count, **kw: (counted.append(_part), _count(*args, **kw))[1],
        )
    for outline in OUTLINES.values():
        cache.clear()
        counted.clear()
        busy.client(busy.nina).get(f"{URL}{outline.key}/", headers={"HX-Request": "true"})
        assert set(counted) == set(outline.parts), outline.key


def test_verdicts_are_told_by_the_names_of_rules(busy) -> None:
    first, second, *others = load_shipped("standard").to_dict()["rules"]
    unnamed = {key: value for key, value in second.items() if key != "label"}
    document = {**load_shipped("standard").to_dict(), "rules": [first, unnamed, *others]}
    make_ruleset(busy.merchant, document, now=busy.now)
    for rule in (first["id"], second["id"], "default", "ownership"):
        conversation = make_conversation(busy.merchant, storefront=busy.storefront, texts=["Hello"], now=busy.now)
        make_draft(busy.merchant, conversation, now=busy.now, verdict={"outcome": "deny", "rule": rule})
    rows = rows_of(busy.client(busy.nina).get(f"{URL}rules.csv"))
    assert {row[0] for row in rows[1:]} == {
        "Refund above the ceiling",
        "When a shopper asks for a cancellation and the order status is pending or processing",
        "No rule matched",
        "The order is another shopper's",
    }
