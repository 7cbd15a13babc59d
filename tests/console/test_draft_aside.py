"""What one does with a draft besides deciding: put it aside, and leave a note."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cs_portal.conversations.models import Conversation, Note
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from tests.console.conftest import Cast, state_of


def _conversation(draft: Draft) -> Conversation:
    with scope(merchant=draft.merchant):
        return Conversation.objects.get(pk=draft.conversation_id)


def _snooze(cast: Cast, draft: Draft, who: str = "olaf", **changes: str) -> object:
    until = (cast.now + timedelta(hours=1)).isoformat()
    body = {"until": until, "seen": str(_conversation(draft).version), **changes}
    return cast.client(getattr(cast, who), htmx=True).post(cast.url(draft, "snooze/"), body)


def test_snoozing_goes_on_to_the_next_draft_and_can_be_undone(cast: Cast) -> None:
    draft, following = cast.draft(), cast.draft()
    answer = _snooze(cast, draft)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert f'data-draft="{following.public_id}"' in page
    assert _conversation(draft).state == "snoozed"
    assert state_of(draft) == "ready"
    undo = page.split('action="/console/mugs/inbox/undo/')[1].split('"')[0]
    assert cast.client(cast.olaf).post(f"/console/mugs/inbox/undo/{undo}").status_code == 302
    assert _conversation(draft).state == "open"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"until": ""}, 422),
        ({"until": "yesterday"}, 422),
        ({"until": "2020-01-01T00:00:00+00:00"}, 422),
        ({"seen": "0"}, 409),
    ],
)
def test_a_time_that_is_none_or_a_message_unseen_leaves_it_where_it_is(
    cast: Cast, changes: dict[str, str], status: int
) -> None:
    draft = cast.draft()
    assert _snooze(cast, draft, **changes).status_code == status  # type: ignore[attr-defined]
    assert _conversation(draft).state == "open"


def test_a_note_is_kept_for_colleagues(cast: Cast) -> None:
    draft = cast.draft()
    assert cast.client(cast.olaf).post(cast.url(draft, "note/"), {"note": " Call her back "}).status_code == 302
    with scope(merchant=cast.merchant):
        assert list(Note.objects.values_list("text", "member")) == [("Call her back", cast.olaf.pk)]
    assert cast.client(cast.olaf).post(cast.url(draft, "note/"), {"note": " "}).status_code == 422


@pytest.mark.parametrize(("who", "status"), [("nina", 403), ("charlie", 404)])
def test_readers_and_strangers_do_neither(cast: Cast, who: str, status: int) -> None:
    draft = cast.draft()
    assert _snooze(cast, draft, who).status_code == status  # type: ignore[attr-defined]
    assert cast.client(getattr(cast, who)).post(cast.url(draft, "note/"), {"note": "x"}).status_code == status
    assert _conversation(draft).state == "open"
    with scope(merchant=cast.merchant):
        assert not Note.objects.exists()


def test_a_note_stands_between_the_messages(cast: Cast) -> None:
    draft = cast.draft("My mug broke")
    client = cast.client(cast.olaf)
    client.post(cast.url(draft, "note/"), {"note": "Call <b>her</b> back"})
    thread = client.get(cast.url(draft, "thread/")).content.decode()
    assert thread.index("My mug broke") < thread.index("Call &lt;b&gt;her&lt;/b&gt; back")


def test_a_draft_that_a_colleague_handles_is_decided_after_taking_it_over(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(claimed_by=cast.bob, claimed_until=cast.now + timedelta(minutes=3))
    client = cast.client(cast.olaf)
    page = client.get(cast.url(draft)).content.decode()
    seen = page.split('id="seen"')[1].split('value="')[1].split('"')[0]
    body = {"candidate": "1", "text": "We are sorry that your mug broke.", "seen": seen}
    refused = client.post(cast.url(draft, "approve/"), body)
    assert refused.status_code == 409
    assert "Bob is handling this. Take it over first." in refused.content.decode()
    assert client.post(cast.url(draft, "reject/"), {"reason": "tone", "note": ""}).status_code == 409
    assert state_of(draft) == "ready"
    client.post(cast.url(draft, "claim/"))
    assert client.post(cast.url(draft, "approve/"), body).status_code == 409
    client.post(cast.url(draft, "claim/"), {"take_over": "1"})
    assert client.post(cast.url(draft, "approve/"), body).status_code == 302
    assert state_of(draft) == "approved"
