"""What the inbox offers, done in review: whose it is, its tags, macros, canned replies, resolving, taking over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cs_portal.conversations.models import CannedReply, Conversation, ConversationTag, Macro, Tag
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from tests.console.conftest import Cast, state_of
from tests.factories import make_conversation


def _conversation(draft: Draft) -> Conversation:
    with scope(merchant=draft.merchant):
        return Conversation.objects.select_related("assignee", "merchant").get(pk=draft.conversation_id)


def _act(cast: Cast, draft: Draft, act: str, *, who: str = "olaf", htmx: bool = True, **body: str) -> Any:
    """As the buttons beside the draft post it."""
    conversation = _conversation(draft)
    url = f"/console/mugs/inbox/{conversation.public_id}/{act}/?draft={draft.public_id}"
    return cast.client(getattr(cast, who), htmx=htmx).post(url, {"seen": str(conversation.version), **body})


def _tag(cast: Cast) -> Tag:
    with scope(merchant=cast.merchant):
        return Tag.objects.create(name="Fragile", tone="red")


def _canned(cast: Cast) -> CannedReply:
    with scope(merchant=cast.merchant):
        return CannedReply.objects.create(
            shortcut="sorry", title="Sorry", text_en="So sorry, {shopper}.", text_zh="抱歉。", updated_at=cast.now
        )


def test_the_acts_of_the_inbox_stand_beside_a_draft_and_lead_back_to_it(cast: Cast) -> None:
    draft, _shown = cast.draft(), _tag(cast)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    for act in ("assign", "tag", "resolve", "take-over", "canned"):
        assert f"/inbox/{_conversation(draft).public_id}/{act}/?draft={draft.public_id}" in page, act
    assert page.count('data-key="a"') == 1  # A approves and R rejects here, whatever they do in the inbox
    assert page.count('data-key="r"') == 1


def test_analysts_are_offered_none_of_it(cast: Cast) -> None:
    draft = cast.draft()
    page = cast.client(cast.nina).get(cast.url(draft)).content.decode()
    assert "/take-over/" not in page
    assert _act(cast, draft, "assign", who="nina", assignee="me").status_code in {403, 404}
    assert _conversation(draft).assignee is None


@pytest.mark.parametrize("htmx", [True, False])
def test_assigning_shows_the_same_draft(cast: Cast, htmx: bool) -> None:
    draft = cast.draft()
    answer = _act(cast, draft, "assign", htmx=htmx, assignee="me")
    assert _conversation(draft).assignee == cast.olaf
    if htmx:
        assert f'data-draft="{draft.public_id}"' in answer.content.decode()
        assert answer["HX-Push-Url"] == cast.url(draft)
    else:
        assert (answer.status_code, answer["Location"]) == (302, cast.url(draft))


def test_tags_show_at_once(cast: Cast) -> None:
    draft, tag = cast.draft(), _tag(cast)
    page = _act(cast, draft, "tag", tag=str(tag.public_id), on="1").content.decode()
    assert 'class="tag tone tone-red"' in page
    with scope(merchant=cast.merchant):
        assert ConversationTag.objects.filter(tag=tag, conversation=draft.conversation_id).exists()


def test_resolving_goes_on_to_the_next_draft_and_is_taken_back_here(cast: Cast) -> None:
    draft, following = cast.draft(), cast.draft()
    page = _act(cast, draft, "resolve").content.decode()
    assert f'data-draft="{following.public_id}"' in page
    assert (_conversation(draft).state, state_of(draft)) == ("resolved", "superseded")
    undo = page.split('action="/console/mugs/inbox/undo/')[1].split('"')[0]
    answer = cast.client(cast.olaf).post(f"/console/mugs/inbox/undo/{undo}")
    assert (answer.status_code, answer["Location"]) == (302, cast.url(draft))
    assert (_conversation(draft).state, state_of(draft)) == ("open", "ready")


def test_who_takes_over_writes_right_here(cast: Cast) -> None:
    draft = cast.draft()
    page = _act(cast, draft, "take-over").content.decode()
    assert (state_of(draft), _conversation(draft).handled_by) == ("superseded", "person")
    assert 'id="composer"' in page
    answer = _act(cast, draft, "reply", text="I look into it myself.", writes="reply")
    assert answer["HX-Push-Url"] == cast.url(draft)
    assert "Your reply is being sent." in answer.content.decode()


def test_a_macro_does_its_deeds_and_brings_its_text_into_the_reply(cast: Cast) -> None:
    draft, tag, canned = cast.draft(), _tag(cast), _canned(cast)
    with scope(merchant=cast.merchant):
        macro = Macro.objects.create(
            name="Say sorry", reply=canned, add_tags=[str(tag.public_id)], state="resolved", updated_at=cast.now
        )
    for htmx in (True, False):
        page = _act(cast, draft, "macro", htmx=htmx, macro=str(macro.public_id)).content.decode()
        text = page.split('id="reply-text"')[1].split("</textarea>")[0]
        assert text.split(">", 1)[1].startswith("So sorry, ")
        assert "data-given" in text
        assert "Its change of state is yours to make afterwards." in page
        assert (_conversation(draft).state, state_of(draft)) == ("open", "ready")
        assert 'class="tag tone tone-red"' in page


def test_a_canned_reply_is_found_and_used_without_scripts(cast: Cast) -> None:
    draft, canned = cast.draft(), _canned(cast)
    client = cast.client(cast.olaf)
    listed = client.get(f"/console/mugs/inbox/{_conversation(draft).public_id}/canned/?draft={draft.public_id}")
    use = f"{cast.url(draft)}?canned={canned.public_id}"
    assert f'href="{use}"' in listed.content.decode()
    assert "So sorry, " in client.get(use).content.decode().split('id="reply-text"')[1].split("</textarea>")[0]


def test_a_refused_deed_shows_the_draft_and_says_why(cast: Cast) -> None:
    draft = cast.draft()
    answer = _act(cast, draft, "assign", assignee="nobody-of-ours")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'data-draft="{draft.public_id}"' in page
    assert "Choose a colleague." in page


@pytest.mark.parametrize("wrong", [lambda cast: cast.draft().public_id, lambda cast: "x", lambda cast: ""])
def test_a_draft_of_another_conversation_is_none(cast: Cast, wrong: Callable[[Cast], object]) -> None:
    draft = cast.draft()
    url = f"/console/mugs/inbox/{_conversation(draft).public_id}/"
    answer = cast.client(cast.olaf).post(f"{url}assign/?draft={wrong(cast)}", {"assignee": "me"})
    assert answer["Location"].startswith(url)


def test_clock_and_other_conversations_of_the_shopper_are_at_hand(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        Conversation.objects.filter(pk=draft.conversation_id).update(
            waiting_since=cast.now, reply_due_at=cast.now - timedelta(hours=2)
        )
    conversation = _conversation(draft)
    with scope(merchant=cast.merchant):
        other = make_conversation(cast.merchant, conversation.shopper, texts=["Earlier"], now=cast.now)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "Overdue by 2 hr" in page
    assert f"/console/mugs/inbox/{other.public_id}/" in page
    assert "Overdue by 2 hr" in cast.client(cast.olaf).get(cast.url(draft, "head/")).content.decode()
