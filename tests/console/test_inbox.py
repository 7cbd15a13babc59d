"""The list of conversations: what it shows, finds, counts, and what one does with a selection."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.conversations.models import (
    Conversation,
    ConversationState,
    ConversationTag,
    Handler,
    SavedView,
    Tag,
)
from cs_portal.conversations.selectors import InboxFilters, Sort
from cs_portal.conversations.selectors.inbox import fitting
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_draft, make_shopper, make_storefront

URL = "/console/mugs/inbox/"


def one(cast: Cast, text: str = "My mug broke", name: str = "Li Wei", **fields: Any) -> Conversation:
    now = fields.pop("now", cast.now)
    return make_conversation(
        cast.merchant,
        fields.pop("shopper", None) or make_shopper(cast.merchant, name=name),
        fields.pop("storefront", cast.storefront),
        texts=[text],
        now=now,
        **{"preview": text, "last_author": "shopper", "waiting_since": now, **fields},
    )


def rows(page: str) -> list[str]:
    """The conversations of the list, in order."""
    return re.findall(r'id="row-([0-9a-f-]{36})"', page)


def get(cast: Cast, query: str = "", member: Member | None = None) -> str:
    answer = cast.client(member or cast.olaf).get(f"{URL}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def hours_ago(cast: Cast, hours: int, **fields: Any) -> str:
    return str(one(cast, now=cast.now - timedelta(hours=hours), **fields).public_id)


def test_open_conversations_the_longest_waiting_first_then_the_latest(cast: Cast) -> None:
    calm, calmer = hours_ago(cast, 1, waiting_since=None), hours_ago(cast, 9, waiting_since=None)
    new, old = hours_ago(cast, 2), hours_ago(cast, 5)
    one(cast, state=ConversationState.RESOLVED)
    one(cast, state=ConversationState.SNOOZED, snoozed_until=cast.now + timedelta(days=1))
    assert rows(get(cast)) == [old, new, calm, calmer]


def test_the_order_of_rows_is_chosen_in_the_url(cast: Cast) -> None:
    new, middle, old = hours_ago(cast, 1), hours_ago(cast, 2, waiting_since=None), hours_ago(cast, 3)
    assert rows(get(cast, "?sort=newest")) == [new, middle, old]
    assert rows(get(cast, "?sort=oldest")) == [old, middle, new]
    assert rows(get(cast, "?sort=waiting")) == rows(get(cast)) == [old, new, middle]
    assert rows(get(cast, "?state=any&sort=waiting")) == [old, new]
    page = get(cast, "?sort=oldest&assignee=nobody")
    menu = page.split('class="menu inbox-order"')[1].split("</details>")[0]
    assert re.findall(r'href="([^"]*)"\s+aria-current="true"', menu) == [f"{URL}?assignee=nobody&amp;sort=oldest"]
    assert f'href="{URL}?assignee=nobody&amp;sort=newest"' in menu


def test_what_is_settled_comes_with_the_latest_first(cast: Cast) -> None:
    past = [hours_ago(cast, hours, state=ConversationState.RESOLVED, waiting_since=None) for hours in (3, 1, 2)]
    assert rows(get(cast, "?state=resolved")) == [past[1], past[2], past[0]]


def test_the_usual_order_is_walked_page_by_page(cast: Cast) -> None:
    """Each row once, though the key of those who wait for nothing is the same."""
    waiting = [hours_ago(cast, 200 - n) for n in range(30)]
    calm = [hours_ago(cast, n, waiting_since=None) for n in range(75)]
    met, query = [], ""
    for _page in range(3):
        page = get(cast, query)
        met += rows(page)
        query = next(iter(re.findall(r'href="(\?after=[^"]+)"', page)), "")
    assert met == waiting + calm
    assert query == ""


@pytest.mark.parametrize("value", ["yesterday", 1, "0001-01-01T00:00:00+00:00", None])
def test_a_cursor_of_the_usual_order_that_cannot_be_read_is_the_first_page(cast: Cast, value: object) -> None:
    shown = hours_ago(cast, 1)
    cursor = base64.urlsafe_b64encode(json.dumps([value, cast.now.isoformat(), 1]).encode()).decode()
    assert rows(get(cast, f"?after={cursor}")) == [shown]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
@pytest.mark.parametrize("sort", Sort)
def test_no_order_sorts_rows_by_itself(cast: Cast, sort: Sort) -> None:
    """A page costs the same among 100,000: every order is read off an index, at its beginning and within."""
    with scope(merchant=cast.merchant):
        found = fitting(InboxFilters(sort=sort), member=cast.olaf, now=cast.now).order_by(*sort.by)
        name, edge = sort.by[0].lstrip("-"), cast.now
        for some in (found, found.filter(**{f"{name}__gte": edge})):
            plan = some[:51].explain()
            assert "USING INDEX conversations_" in plan, plan
            assert "TEMP B-TREE" not in plan or sort in {Sort.NEWEST, Sort.OLDEST, Sort.DUE}, plan


def test_a_snoozed_conversation_is_not_called_overdue(cast: Cast) -> None:
    late = {"reply_due_at": cast.now - timedelta(hours=1)}
    one(cast, state=ConversationState.SNOOZED, snoozed_until=cast.now + timedelta(days=1), **late)
    assert "Overdue by" not in get(cast, "?state=snoozed").split("queue-list")[1]
    one(cast, **late)
    assert "Overdue by" in get(cast).split("queue-list")[1]


def test_an_opened_chat_without_a_word_is_none_unless_a_person_is_wanted(cast: Cast) -> None:
    make_conversation(cast.merchant, storefront=cast.storefront)
    wanted = make_conversation(cast.merchant, storefront=cast.storefront, needs_person=True)
    assert rows(get(cast)) == [str(wanted.public_id)]


def test_every_filter_narrows_and_shows_as_a_chip(cast: Cast) -> None:
    other_site = make_storefront(cast.merchant, "other")
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="VIP")
    plain = one(cast, handled_by=Handler.BOT, waiting_since=None, now=cast.now - timedelta(days=30))
    wanted = one(
        cast,
        "Rare words here",
        storefront=other_site,
        locale="zh-hans",
        assignee=cast.bob,
        handled_by=Handler.PERSON,
        needs_person=True,
        reply_due_at=cast.now - timedelta(hours=1),
    )
    make_draft(cast.merchant, wanted, intent="refund")
    with scope(merchant=cast.merchant):
        ConversationTag.objects.create(conversation=wanted, tag=tag)
    both = {str(plain.public_id), str(wanted.public_id)}
    for query, chip in {
        f"?assignee={cast.bob.public_id}": "Bob",
        f"?storefront={other_site.public_id}": "Main shop",
        "?language=zh-hans": "Simplified Chinese",
        f"?tag={tag.public_id}": "VIP",
        "?intent=refund": "Refund",
        "?handler=person": "A person",
        "?needs=1": "Needs a person",
        "?waiting=1": "Waiting for a reply",
        "?overdue=1": "Overdue",
        f"?since={(cast.now - timedelta(days=2)).date()}": "From",
        f"?shopper={wanted.shopper.public_id}": "One shopper",
    }.items():
        page = get(cast, query)
        assert rows(page) == [str(wanted.public_id)], query
        chips = page.split("inbox-chips")[1].split("</div>")[0]
        assert chip in chips, query
    assert set(rows(get(cast))) == both
    assert rows(get(cast, "?assignee=nobody")) == [str(plain.public_id)]
    assert rows(get(cast, "?assignee=me", cast.bob)) == [str(wanted.public_id)]
    assert rows(get(cast, f"?until={(cast.now - timedelta(days=20)).date()}")) == [str(plain.public_id)]


def test_search_finds_messages_and_says_when_nothing_fits(cast: Cast) -> None:
    from cs_portal.conversations.search import reindex_all

    found = one(cast, "杯子碎了一个")
    one(cast, "Where is my parcel?")
    with scope(merchant=cast.merchant):
        reindex_all()
    assert rows(get(cast, "?q=杯子")) == [str(found.public_id)]
    page = get(cast, "?q=nonsense-word")
    assert rows(page) == []
    assert "No conversation fits these filters." in page


def test_the_longest_waiting_and_the_first_due_can_come_first(cast: Cast) -> None:
    early = one(cast, waiting_since=cast.now - timedelta(hours=3), reply_due_at=cast.now + timedelta(hours=9))
    late = one(cast, waiting_since=cast.now - timedelta(hours=1), reply_due_at=cast.now + timedelta(hours=2))
    one(cast, waiting_since=None)
    assert rows(get(cast, "?waiting=1")) == [str(early.public_id), str(late.public_id)]
    assert rows(get(cast, "?sort=due")) == [str(late.public_id), str(early.public_id)]


@pytest.mark.parametrize(
    "query",
    [
        "?state=nonsense",
        "?assignee=x",
        "?tag=1",
        "?since=yesterday",
        "?sort=;drop",
        "?after=zzzz",
        "?q=%00",
        "?intent=",
    ],
)
def test_a_filter_that_cannot_be_read_is_left_out(cast: Cast, query: str) -> None:
    shown = one(cast)
    assert rows(get(cast, query)) == [str(shown.public_id)]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_at_the_edge_of_the_calendar_is_left_out(cast: Cast, name: str, day: str) -> None:
    one(cast)
    assert len(rows(get(cast, f"?{name}={day}"))) == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"])
def test_older_messages_before_the_edge_of_the_calendar_are_the_latest(cast: Cast, moment: str) -> None:
    client = cast.client(cast.olaf)
    assert client.get(f"{URL}{one(cast).public_id}/?before={moment}").status_code == 200


def test_a_row_says_what_an_operator_looks_for(cast: Cast) -> None:
    shown = one(
        cast,
        "I want my money <b>back</b>",
        reply_due_at=timezone.now() - timedelta(hours=3, minutes=5),
        needs_person=True,
        handover_reason="asked_for_person",
        assignee=cast.bob,
        claimed_by=cast.ann,
        claimed_until=timezone.now() + timedelta(minutes=2),
    )
    make_draft(cast.merchant, shown)
    row = get(cast).split(f'id="row-{shown.public_id}"')[1].split("</li>")[0]
    assert "I want my money &lt;b&gt;back&lt;/b&gt;" in row
    for words in ("Li Wei", "Overdue by 3 hr", "Asked for a person", "Draft", "Assigned to Bob", "Ann"):
        assert words in row, words


def test_views_count_what_they_hold_up_to_a_limit(cast: Cast) -> None:
    one(cast, assignee=cast.olaf)
    one(cast, needs_person=True)
    with scope(merchant=cast.merchant):
        SavedView.objects.create(name="Theirs", member=cast.bob, query="assignee=me")
        SavedView.objects.create(name="Shared by all", query="needs=1")
    page = get(cast, "?needs=1").split('class="inbox-views"')[1].split("</nav>")[0]
    numbers = dict(re.findall(r'name">\s*([^<]+?)\s*</span>\s*<span class="inbox-view-number figures">([^<]+)<', page))
    assert numbers["All open"] == "2" and numbers["Mine"] == "1" and numbers["Unassigned"] == "1"
    assert numbers["Needs a person"] == numbers["Shared by all"] == "1"
    assert "Theirs" not in page
    assert "Resolved" not in numbers


def test_the_list_asks_the_same_number_of_queries_for_any_length(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    client.get(URL)  # the first visit is noted
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="VIP")
        SavedView.objects.create(name="Saved", query="needs=1")
    counts = []
    for more in (1, 12):
        for _ in range(more):
            row = one(cast, assignee=cast.bob)
            make_draft(cast.merchant, row)
            with scope(merchant=cast.merchant):
                ConversationTag.objects.create(conversation=row, tag=tag)
        for url in (f"{URL}list/", f"{URL}?needs=0"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert counts[0] <= 14, counts


def test_an_empty_inbox_teaches_the_first_step(cast: Cast) -> None:
    page = get(cast)
    assert "No open conversations" in page
    assert 'href="/console/mugs/settings/storefronts/"' in page


def bulk(cast: Cast, member: Member, deed: str, *rows: Conversation, **data: Any) -> Any:
    ids = [str(row.public_id) for row in rows]
    return cast.client(member).post(f"{URL}bulk/?needs=1", {"deed": deed, "ids": ids, **data}, follow=True)


def test_resolving_a_selection_says_how_many_and_is_undone(cast: Cast) -> None:
    first, second = one(cast), one(cast)
    done = one(cast, state=ConversationState.RESOLVED)
    answer = bulk(cast, cast.olaf, "resolve", first, second, done)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"{URL}?needs=1", 302)]
    assert "2 conversations changed. 1 was like that already." in page
    undo = re.search(r'action="(/console/mugs/inbox/undo/[^"]+)"', page)
    assert undo is not None
    answer = cast.client(cast.olaf).post(undo[1].replace("&amp;", "&"), follow=True)
    assert "Taken back." in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert Conversation.objects.filter(state=ConversationState.OPEN).count() == 2


def test_assigning_tagging_and_snoozing_a_selection(cast: Cast) -> None:
    first, second = one(cast), one(cast)
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="VIP")
    bulk(cast, cast.olaf, "assign", first, second, assignee=str(cast.bob.public_id))
    bulk(cast, cast.olaf, "tag", first, second, tag=str(tag.public_id))
    bulk(cast, cast.olaf, "snooze", first, second, until=(cast.now + timedelta(days=1)).isoformat())
    with scope(merchant=cast.merchant):
        both = Conversation.objects.filter(assignee=cast.bob, state=ConversationState.SNOOZED, tagged__tag=tag)
        assert both.count() == 2


@pytest.mark.parametrize(
    ("deed", "data", "words"),
    [
        ("resolve", {"ids": []}, "Select conversations first."),
        ("snooze", {"until": "never"}, "Choose a time."),
        ("snooze", {"until": "2001-01-01T10:00"}, "Choose a time in the future"),
        ("tag", {"tag": ""}, "Choose a tag."),
        ("assign", {"assignee": str(uuid4())}, "Choose a colleague."),
    ],
)
def test_a_selection_that_cannot_be_done_says_why(cast: Cast, deed: str, data: dict[str, Any], words: str) -> None:
    row = one(cast)
    assert words in bulk(cast, cast.olaf, deed, row, **data).content.decode()
    with scope(merchant=cast.merchant):
        assert Conversation.objects.get().state == ConversationState.OPEN


def test_who_only_reads_sees_the_list_and_changes_nothing(cast: Cast) -> None:
    row = one(cast)
    page = get(cast, member=cast.nina)
    assert str(row.public_id) in page
    assert 'name="ids"' not in page and "inbox-bulk" not in page
    assert bulk(cast, cast.nina, "resolve", row).status_code == 403
    with scope(merchant=cast.merchant):
        assert Conversation.objects.get().state == ConversationState.OPEN


def test_a_view_is_saved_with_its_filters_and_deleted_by_its_owner_only(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    client.post(f"{URL}views/save/?needs=1&after=x&sort=waiting", {"name": "Urgent"})
    with scope(merchant=cast.merchant):
        view = SavedView.objects.get()
        assert (view.name, view.query, view.member_id) == ("Urgent", "needs=1&sort=waiting", cast.olaf.pk)
    delete = f"{URL}views/{view.public_id}/delete/"
    assert cast.client(cast.bob).post(delete).status_code == 404
    edit = f"{URL}views/{view.public_id}/"
    assert f'href="{edit}"' in get(cast, "?needs=1&sort=waiting")
    assert f'formaction="{delete}"' in client.get(edit).content.decode()
    client.post(delete)
    with scope(merchant=cast.merchant):
        assert not SavedView.objects.exists()


def _saved(cast: Cast, member: Member | None = None, **fields: Any) -> SavedView:
    with scope(merchant=cast.merchant):
        return SavedView.objects.create(**{"member": member, "name": "Urgent", "query": "needs=1", **fields})


def _view(cast: Cast, view: SavedView) -> tuple[str, str, int | None]:
    with scope(merchant=cast.merchant):
        row = SavedView.objects.get(pk=view.pk)
        return row.name, row.query, row.member_id


def test_ones_view_is_renamed_and_stays_ones_own(cast: Cast) -> None:
    view = _saved(cast, cast.olaf)
    client, url = cast.client(cast.olaf), f"{URL}views/{view.public_id}/"
    page = client.get(url).content.decode()
    assert "Needs a person" in page and 'name="shared"' not in page
    answer = client.post(url, {"name": " Very  urgent ", "shared": "on"})
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}?needs=1")
    assert _view(cast, view) == ("Very urgent", "needs=1", cast.olaf.pk)


def test_who_configures_shares_a_view_and_takes_it_back(cast: Cast) -> None:
    view = _saved(cast, cast.ann)
    client, url = cast.client(cast.ann), f"{URL}views/{view.public_id}/"
    client.post(url, {"name": "Urgent", "shared": "on"})
    assert _view(cast, view) == ("Urgent", "needs=1", None)
    assert "Urgent" in get(cast, member=cast.bob)
    client.post(url, {"name": "Urgent"})
    assert _view(cast, view) == ("Urgent", "needs=1", cast.ann.pk)


def test_a_name_that_is_taken_is_refused_and_nothing_changes(cast: Cast) -> None:
    _saved(cast, None, name="Theirs")
    view = _saved(cast, cast.ann, name="Mine")
    answer = cast.client(cast.ann).post(f"{URL}views/{view.public_id}/", {"name": "Theirs", "shared": "on"})
    assert answer.status_code == 422
    assert "There is a view “Theirs” already." in answer.content.decode()
    assert _view(cast, view) == ("Mine", "needs=1", cast.ann.pk)


def test_other_peoples_views_are_not_changed(cast: Cast) -> None:
    private, shared = _saved(cast, cast.ann), _saved(cast, None, name="All")
    client = cast.client(cast.olaf)
    for view, status in ((private, 404), (shared, 403)):
        assert client.get(f"{URL}views/{view.public_id}/").status_code == status
        assert client.post(f"{URL}views/{view.public_id}/", {"name": "X"}).status_code == status
        replaced = client.post(f"{URL}views/save/?tag=1", {"replaces": str(view.public_id)})
        assert replaced.status_code == status
    assert client.post(f"{URL}views/save/?needs=1", {"replaces": "x"}).status_code == 404
    assert [_view(cast, view)[1] for view in (private, shared)] == ["needs=1", "needs=1"]


def test_a_view_comes_to_stand_for_other_filters(cast: Cast) -> None:
    view = _saved(cast, cast.olaf)
    page = get(cast, "?overdue=1&language=en")
    assert f'<option value="{view.public_id}">Urgent</option>' in page
    cast.client(cast.olaf).post(f"{URL}views/save/?overdue=1&language=en", {"replaces": str(view.public_id)})
    assert _view(cast, view) == ("Urgent", "language=en&overdue=1", cast.olaf.pk)


def test_an_operator_shares_no_view(cast: Cast) -> None:
    assert cast.client(cast.olaf).post(f"{URL}views/save/?needs=1", {"name": "All", "shared": "1"}).status_code == 403
    cast.client(cast.ann).post(f"{URL}views/save/?needs=1", {"name": "All", "shared": "1"})
    with scope(merchant=cast.merchant):
        assert SavedView.objects.get().member is None
