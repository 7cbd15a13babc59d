"""The filtered queue: what it holds, that the filter stays from draft to draft, and that it pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cs_portal.console.presenters import queue_filters
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from tests.console.conftest import Cast
from tests.factories import make_storefront

QUEUE = "/console/mugs/review/"


def _rows(page: str, *drafts: Draft) -> list[bool]:
    return [f"row-{draft.public_id}" in page for draft in drafts]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [True, True]),
        ("?intent=refund", [True, False]),
        ("?locale=zh-hans", [False, True]),
        ("?who=person", [False, True]),
        ("?who=mine", [True, False]),
        ("?who=free", [False, True]),
        ("?intent=nonsense&locale=xx&storefront=1&who=me&shown=-4", [True, True]),
        ("?intent=refund&locale=zh-hans", [False, False]),
    ],
)
def test_the_queue_holds_what_fits(cast: Cast, query: str, shown: list[bool]) -> None:
    until = cast.now + timedelta(minutes=3)
    refund = cast.draft(intent="refund", locale="en", claimed_by=cast.olaf, claimed_until=until)
    other = cast.draft(intent="other", locale="zh-hans", needs_person=True)
    page = cast.client(cast.olaf).get(QUEUE + query).content.decode()
    assert _rows(page, refund, other) == shown


def test_a_storefront_narrows_and_a_foreign_one_holds_nothing(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        here = draft.conversation.storefront.public_id
    there = make_storefront(cast.charlie.merchant, slug="second").public_id
    client = cast.client(cast.olaf)
    assert _rows(client.get(f"{QUEUE}?storefront={here}").content.decode(), draft) == [True]
    assert _rows(client.get(f"{QUEUE}?storefront={there}").content.decode(), draft) == [False]


def test_a_decision_leads_to_the_next_draft_that_fits(cast: Cast) -> None:
    first, _between, last = (cast.draft(intent=intent) for intent in ("refund", "other", "refund"))
    answer = cast.client(cast.olaf, htmx=True).post(
        cast.url(first, "reject/"),
        {"reason": "tone", "note": ""},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{cast.url(first)}?intent=refund"},
    )
    assert answer.headers["HX-Push-Url"] == f"{cast.url(last)}?intent=refund"
    assert f'data-draft="{last.public_id}"' in answer.content.decode()


def test_drafts_of_snoozed_conversations_wait_with_them(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    with scope(merchant=cast.merchant):
        Conversation.objects.filter(pk=draft.conversation_id).update(state="snoozed")
    assert _rows(client.get(QUEUE).content.decode(), draft) == [False]
    with scope(merchant=cast.merchant):
        Conversation.objects.filter(pk=draft.conversation_id).update(state="open")
    assert _rows(client.get(QUEUE).content.decode(), draft) == [True]


def test_a_long_queue_shows_more_on_request(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_filters, "STEP", 2)
    drafts = [cast.draft(intent="refund") for _ in range(3)]
    client = cast.client(cast.olaf)
    page = client.get(f"{QUEUE}?intent=refund&shown=2").content.decode()
    assert _rows(page, *drafts) == [True, True, False]
    assert 'id="queue-count">3<' in page
    assert "?intent=refund&amp;shown=4" in page
    assert _rows(client.get(f"{QUEUE}?shown=4").content.decode(), *drafts) == [True, True, True]
