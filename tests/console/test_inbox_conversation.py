"""One conversation: its timeline, what one writes and does, and what the shopper never sees."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.conversations.models import (
    Activity,
    CannedReply,
    Conversation,
    ConversationState,
    Handler,
    Macro,
    Note,
    OutgoingReply,
    Tag,
)
from cs_portal.conversations.selectors import messages_after
from cs_portal.conversations.services import add_note, receive_shopper_message, resolve, snooze
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.merchants.models import Member
from cs_portal.storefront.presenters import messages_json
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_draft, make_message, make_product, make_shopper


@pytest.fixture
def one(cast: Cast) -> Conversation:
    return make_conversation(
        cast.merchant, make_shopper(cast.merchant), cast.storefront, texts=["My mug broke"], now=cast.now
    )


def url(conversation: Conversation, step: str = "") -> str:
    return f"/console/mugs/inbox/{conversation.public_id}/{step}"


def page_of(cast: Cast, conversation: Conversation, query: str = "", member: Member | None = None) -> str:
    answer = cast.client(member or cast.olaf).get(url(conversation) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(cast: Cast, conversation: Conversation, step: str, htmx: bool = False, **data: Any) -> Any:
    client = cast.client(data.pop("member", cast.olaf), htmx=htmx)
    return client.post(url(conversation, step), data, follow=not htmx)


def again(cast: Cast, conversation: Conversation) -> Conversation:
    with scope(merchant=cast.merchant):
        return Conversation.objects.get(pk=conversation.pk)


def test_the_timeline_has_everything_in_order(cast: Cast, one: Conversation) -> None:
    later = cast.now + timedelta(minutes=1)
    with scope(merchant=cast.merchant):
        add_note(conversation_id=one.public_id, by=cast.bob, text="Ask <the> warehouse", now=later)
        draft = make_draft(cast.merchant, one, now=cast.now)
        Review.objects.create(
            draft=draft, member=cast.ann, decision="rejected", reason="tone", created_at=later + timedelta(minutes=1)
        )
        resolve(conversation_id=one.public_id, by=cast.olaf, now=later + timedelta(minutes=2))
    make_message(one, "We send a new one", author="bot", member=cast.olaf, now=later + timedelta(minutes=3))
    thread = cast.client(cast.nina).get(url(one, "thread/")).content.decode()
    order = [
        "My mug broke",
        "Bob · internal note",
        "Ask &lt;the&gt; warehouse",
        "Ann rejected the draft: Tone",
        "Olaf resolved it",
        "approved draft",
        "We send a new one",
    ]
    places = [thread.index(words) for words in order]
    assert places == sorted(places)


def test_a_long_timeline_comes_in_windows_that_skip_nothing(cast: Cast, one: Conversation) -> None:
    for number in range(120):
        make_message(one, f"message-{number:03}.", now=cast.now + timedelta(seconds=number // 3))
    seen: list[str] = []
    query, pages = "", 0
    while pages < 9:
        thread = cast.client(cast.olaf).get(url(one) + query).content.decode()
        seen += re.findall(r"message-\d{3}\.(?=</p>)", thread)
        link = re.search(r"[?&;]before=([^\"&]+)", thread.partition("thread-older")[2])
        pages += 1
        if link is None:
            break
        query = f"?before={link[1]}"
    assert pages == 3
    assert sorted(set(seen)) == [f"message-{number:03}." for number in range(120)]
    assert len(seen) == 120


def test_the_page_asks_the_same_number_of_queries_for_any_length(cast: Cast, one: Conversation) -> None:
    client, counts = cast.client(cast.olaf, htmx=True), []
    client.get(url(one))  # the first visit is noted
    for more in (1, 20):
        for _ in range(more):
            make_message(one, "Hi", author="operator", member=cast.bob)
            with scope(merchant=cast.merchant):
                Note.objects.create(conversation=one, member=cast.bob, text="x", created_at=cast.now)
                make_conversation(cast.merchant, one.shopper, cast.storefront, texts=["Hi"])
        with CaptureQueriesContext(connection) as captured:
            client.get(url(one))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 26, counts


def test_a_reply_waits_for_its_undo_window_and_can_be_taken_back_without_javascript(
    cast: Cast, one: Conversation
) -> None:
    draft = make_draft(cast.merchant, one)
    answer = post(cast, one, "reply/", text="It is on its way.", seen=one.version)
    page = answer.content.decode()
    assert answer.redirect_chain == [(url(one), 302)]
    assert "Your reply is being sent." in page and "is being sent…" in page
    with scope(merchant=cast.merchant):
        reply = OutgoingReply.objects.get()
        assert Draft.objects.get(pk=draft.pk).state == DraftState.SUPERSEDED
    assert Job.objects.get(kind="send_own_reply").execute_after == reply.execute_after
    undone = post(cast, one, f"reply/{reply.public_id}/undo/").content.decode()
    assert "Taken back. Nothing was sent." in undone
    assert ">It is on its way.</textarea>" in undone
    assert Job.objects.get(kind="send_own_reply").state == "cancelled"
    with scope(merchant=cast.merchant):
        assert Draft.objects.get(pk=draft.pk).state == DraftState.READY


def test_a_reply_says_when_the_shopper_wrote_meanwhile(cast: Cast, one: Conversation) -> None:
    seen = one.version
    with scope(merchant=cast.merchant):
        receive_shopper_message(conversation_id=one.pk, text="Wait", client_id="w", now=cast.now)
    page = post(cast, one, "reply/", htmx=True, text="Here", seen=seen).content.decode()
    assert "The shopper wrote meanwhile" in page


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("text", ["  ", "x" * 4001, "Order ⟦order number⟧"])
def test_a_reply_that_is_refused_keeps_the_text(cast: Cast, one: Conversation, text: str, htmx: bool) -> None:
    answer = post(cast, one, "reply/", htmx=htmx, text=text, writes="reply")
    assert answer.status_code == 422
    assert f">{text}</textarea>" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_second_reply_at_once_answers_409_and_keeps_the_text(cast: Cast, one: Conversation) -> None:
    post(cast, one, "reply/", text="One")
    answer = post(cast, one, "reply/", htmx=True, text="Two", writes="reply")
    assert answer.status_code == 409
    assert ">Two</textarea>" in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert OutgoingReply.objects.count() == 1


def test_cards_must_be_references(cast: Cast, one: Conversation) -> None:
    answer = post(cast, one, "reply/", text="Look", cards=['{"kind": "script", "id": "<b>"}'])
    assert answer.status_code == 422
    with scope(merchant=cast.merchant):
        assert not OutgoingReply.objects.exists()


def test_a_note_looks_different_and_never_reaches_the_shopper(cast: Cast, one: Conversation) -> None:
    page = post(cast, one, "note/", text="Secret plan").content.decode()
    assert "message-note" in page and "Secret plan" in page
    with scope(merchant=cast.merchant):
        assert Note.objects.get().member == cast.olaf
        conversation = Conversation.objects.select_related("shopper", "storefront").get()
        shown = messages_json(messages_after(conversation_id=one.pk), conversation=conversation)
    assert shown and "Secret" not in json.dumps(shown, default=str)


def test_states_are_changed_by_plain_forms(cast: Cast, one: Conversation) -> None:
    until = (timezone.now() + timedelta(hours=2)).replace(microsecond=0)
    page = post(cast, one, "snooze/", until=until.isoformat(), seen=one.version).content.decode()
    assert "Snoozed until" in page
    assert again(cast, one).snoozed_until == until
    assert "Back in the list" in post(cast, one, "wake/").content.decode()
    assert "Resolved." in post(cast, one, "resolve/", seen=one.version).content.decode()
    assert "Open again." in post(cast, one, "reopen/").content.decode()
    assert "Yours." in post(cast, one, "take-over/").content.decode()
    assert again(cast, one).handled_by == Handler.PERSON
    assert "The bot drafts again" in post(cast, one, "give-back/").content.decode()
    assert again(cast, one).state == ConversationState.OPEN


def test_a_local_time_is_read_in_the_merchants_zone(cast: Cast, one: Conversation) -> None:
    day = timezone.now().date() + timedelta(days=3)
    post(cast, one, "snooze/", until="", at=f"{day}T09:00")
    until = again(cast, one).snoozed_until
    assert until is not None
    assert until.isoformat() == f"{day}T01:00:00+00:00"


@pytest.mark.parametrize("data", [{}, {"until": "soon"}, {"at": "x"}, {"until": "2001-01-01T00:00:00+00:00"}])
def test_a_snooze_without_a_good_time_answers_422(cast: Cast, one: Conversation, data: dict[str, str]) -> None:
    assert post(cast, one, "snooze/", **data).status_code == 422
    assert again(cast, one).state == ConversationState.OPEN


@pytest.mark.parametrize("step", ["snooze/", "resolve/"])
def test_what_came_meanwhile_answers_409_and_is_shown(cast: Cast, one: Conversation, step: str) -> None:
    seen = one.version
    with scope(merchant=cast.merchant):
        receive_shopper_message(conversation_id=one.pk, text="One more thing", client_id="w", now=cast.now)
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    answer = post(cast, one, step, htmx=True, seen=seen, until=until)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is a new message." in page and "One more thing" in page
    assert again(cast, one).state == ConversationState.OPEN


def test_after_resolving_the_next_of_the_list_follows(cast: Cast, one: Conversation) -> None:
    below = make_conversation(
        cast.merchant, storefront=cast.storefront, texts=["Next"], now=cast.now - timedelta(minutes=5)
    )
    answer = cast.client(cast.olaf, htmx=True).post(url(one, "resolve/?sort=newest"), {"seen": one.version})
    assert answer["HX-Push-Url"] == f"{url(below)}?sort=newest"
    assert f'data-draft="{below.public_id}"' in answer.content.decode()
    assert "inbox:changed" in answer["HX-Trigger-After-Settle"]


def test_assigning_tags_and_their_refusals(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="VIP")
    assert "Assigned to Olaf." in post(cast, one, "assign/", assignee="me").content.decode()
    assert "Assigned to Bob." in post(cast, one, "assign/", assignee=str(cast.bob.public_id)).content.decode()
    for wrong in ("x", str(cast.charlie.public_id), str(cast.nina.public_id)):
        assert post(cast, one, "assign/", assignee=wrong).status_code == 422
    assert again(cast, one).assignee_id == cast.bob.pk
    post(cast, one, "tag/", tag=str(tag.public_id), on="1")
    assert "VIP" in page_of(cast, one).split("conversation-facts")[1].split("</div>")[0]
    post(cast, one, "tag/", tag=str(tag.public_id))
    with scope(merchant=cast.merchant):
        assert not Tag.objects.filter(tagged__conversation=one).exists()


def test_who_only_reads_sees_all_and_may_do_nothing(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        before = Activity.objects.count()
    page = page_of(cast, one, member=cast.nina)
    assert "My mug broke" in page
    assert 'id="composer"' not in page and "take-over" not in page
    for step in ("reply/", "note/", "assign/", "snooze/", "resolve/", "take-over/", "claim/", "tag/"):
        assert post(cast, one, step, member=cast.nina, text="x", assignee="me").status_code == 403
    with scope(merchant=cast.merchant):
        assert Activity.objects.count() == before and not Note.objects.exists()


def test_a_stranger_finds_no_conversation(cast: Cast, one: Conversation) -> None:
    assert cast.client(cast.charlie).get(url(one)).status_code == 404
    assert cast.client(cast.charlie).get(url(one).replace("/mugs/", "/rival/")).status_code == 404


def test_canned_replies_are_filled_in_and_work_without_javascript(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        canned = CannedReply.objects.create(
            shortcut="hi", title="Greeting", text_en="Hello {{shopper.name}} <3", updated_at=cast.now
        )
        CannedReply.objects.create(shortcut="bye", title="Goodbye", text_en="See you", updated_at=cast.now)
    found = cast.client(cast.olaf, htmx=True).get(url(one, "canned/?q=parcel&words=hi")).content.decode()
    assert "Hello Li Wei &lt;3" in found and "See you" not in found and "<html" not in found
    plain = cast.client(cast.olaf).get(url(one, "canned/")).content.decode()
    assert f"?canned={canned.public_id}" in plain
    assert "Hello Li Wei &lt;3</textarea>" in page_of(cast, one, f"?canned={canned.public_id}")


def test_a_macro_fills_the_composer_and_changes_the_state_when_its_text_is_sent(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        canned = CannedReply.objects.create(shortcut="bye", title="Bye", text_en="Goodbye!", updated_at=cast.now)
        macro = Macro.objects.create(
            name="Close", reply=canned, state="resolved", assign_to_me=True, updated_at=cast.now
        )
    page = post(cast, one, "macro/", macro=str(macro.public_id)).content.decode()
    assert "Goodbye!</textarea>" in page
    assert f'name="macro" value="{macro.public_id}"' in " ".join(page.split())
    assert (again(cast, one).state, again(cast, one).assignee_id) == (ConversationState.OPEN, cast.olaf.pk)
    post(cast, one, "reply/", text="Goodbye!", macro=str(macro.public_id))
    assert again(cast, one).state == ConversationState.RESOLVED


@pytest.fixture
def closing(cast: Cast) -> Macro:
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="Closed")
        canned = CannedReply.objects.create(shortcut="bye", title="Bye", text_en="Goodbye!", updated_at=cast.now)
        return Macro.objects.create(
            name="Close",
            reply=canned,
            state="resolved",
            add_tags=[str(tag.public_id)],
            assign_to_me=True,
            updated_at=cast.now,
        )


def standing(cast: Cast, conversation: Conversation) -> tuple[str, int | None, int]:
    row = again(cast, conversation)
    with scope(merchant=cast.merchant):
        return row.state, row.assignee_id, row.tagged.count()


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def test_taking_a_macro_back_takes_its_text_back(cast: Cast, one: Conversation, closing: Macro) -> None:
    page = post(cast, one, "macro/", htmx=True, macro=str(closing.public_id)).content.decode()
    assert standing(cast, one) == ("open", cast.olaf.pk, 1)
    assert "data-inserted" in page
    (undo,) = re.findall(rf'action="{url(one)}(macro/[^"/]+/undo/)"', page)
    page = post(cast, one, undo, htmx=True).content.decode()
    assert standing(cast, one) == ("open", None, 0)
    assert "data-forgets" in page and "Goodbye!</textarea>" not in page and hidden(page, "macro") == ""


def test_a_macro_that_only_brought_a_text_can_be_taken_back(cast: Cast, one: Conversation, closing: Macro) -> None:
    with scope(merchant=cast.merchant):
        Macro.objects.update(add_tags=[], assign_to_me=False)
    page = post(cast, one, "macro/", htmx=True, macro=str(closing.public_id)).content.decode()
    (undo,) = re.findall(rf'action="{url(one)}(macro/[^"/]+/undo/)"', page)
    answer = post(cast, one, undo, htmx=True)
    assert answer.status_code == 200 and "data-forgets" in answer.content.decode()


def test_taking_the_reply_back_undoes_its_macro_whole(cast: Cast, one: Conversation, closing: Macro) -> None:
    page = post(cast, one, "macro/", htmx=True, macro=str(closing.public_id)).content.decode()
    sent = {name: hidden(page, name) for name in ("macro", "macro_batch")}
    post(cast, one, "reply/", htmx=True, text="Goodbye!", **sent)
    assert standing(cast, one) == ("resolved", cast.olaf.pk, 1)
    with scope(merchant=cast.merchant):
        reply = OutgoingReply.objects.get()
    page = post(cast, one, f"reply/{reply.public_id}/undo/", htmx=True).content.decode()
    assert standing(cast, one) == ("open", None, 0)
    assert "Goodbye!</textarea>" in page
    again_sent = {name: hidden(page, name) for name in ("macro", "macro_batch")}
    assert again_sent == {"macro": str(closing.public_id), "macro_batch": ""}
    post(cast, one, "reply/", htmx=True, text="Goodbye then!", **again_sent)
    assert standing(cast, one) == ("resolved", cast.olaf.pk, 1)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_reply_that_is_taken_back_brings_its_cards_back(cast: Cast, one: Conversation, htmx: bool) -> None:
    product = make_product(cast.merchant)
    card = f"product:{product.external_id}"
    post(cast, one, "reply/", text="This one", cards=[card])
    with scope(merchant=cast.merchant):
        reply = OutgoingReply.objects.get()
    page = post(cast, one, f"reply/{reply.public_id}/undo/", htmx=htmx).content.decode()
    assert re.search(rf'name="cards"\s+value="{card}"[^>]*checked', page)


def test_a_tag_put_on_or_taken_off_can_be_undone(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="VIP")
    for on, told in (("1", "Tag “VIP” added."), ("", "Tag “VIP” taken off.")):
        page = post(cast, one, "tag/", htmx=True, tag=str(tag.public_id), on=on).content.decode()
        assert told in page
        count = standing(cast, one)[2]
        (undo,) = re.findall(r'action="/console/mugs/inbox/(undo/[^"/]+/)"', page)
        cast.client(cast.olaf, htmx=True).post(f"/console/mugs/inbox/{undo}")
        assert standing(cast, one)[2] == 1 - count
        post(cast, one, "tag/", htmx=True, tag=str(tag.public_id), on=on)
    page = post(cast, one, "tag/", htmx=True, tag=str(tag.public_id), on="").content.decode()
    assert "VIP” taken off" not in page


@pytest.mark.parametrize(("deed", "state"), [("wake/", "snoozed"), ("reopen/", "resolved")])
def test_opening_by_hand_can_be_undone(cast: Cast, one: Conversation, deed: str, state: str) -> None:
    with scope(merchant=cast.merchant):
        if state == "snoozed":
            until = timezone.now() + timedelta(days=1)
            snooze(conversation_id=one.public_id, by=cast.bob, until=until, now=timezone.now())
        else:
            resolve(conversation_id=one.public_id, by=cast.bob, now=timezone.now())
    page = post(cast, one, deed, htmx=True).content.decode()
    (undo,) = re.findall(r'action="/console/mugs/inbox/(undo/[^"/]+/)"', page)
    assert standing(cast, one)[0] == "open"
    cast.client(cast.olaf, htmx=True).post(f"/console/mugs/inbox/{undo}")
    assert standing(cast, one)[0] == state


def test_who_only_reads_is_given_no_conversation(cast: Cast, one: Conversation) -> None:
    answer = post(cast, one, "assign/", htmx=True, assignee=str(cast.nina.public_id))
    assert answer.status_code == 422
    assert "This colleague only reads and cannot answer." in answer.content.decode()
    data = {"deed": "assign", "assignee": str(cast.nina.public_id), "ids": [str(one.public_id)]}
    page = cast.client(cast.olaf).post("/console/mugs/inbox/bulk/", data, follow=True).content.decode()
    assert "This colleague only reads and cannot answer." in page
    assert standing(cast, one)[1] is None
    assert str(cast.nina.public_id) not in page_of(cast, one).split("conversation-acts")[1].split("composer")[0]


def test_the_open_draft_is_linked_and_where_it_stands_is_said(cast: Cast, one: Conversation) -> None:
    draft = make_draft(cast.merchant, one)
    page = page_of(cast, one)
    assert "Draft waits for review" in page
    assert f'href="/console/mugs/review/{draft.public_id}/"' in page


def test_claims_of_colleagues_are_said_until_they_run_out(cast: Cast, one: Conversation) -> None:
    post(cast, one, "claim/", htmx=True, member=cast.bob)
    assert "Bob is looking at this" in page_of(cast, one)
    assert "Bob is looking at this" not in page_of(cast, one, member=cast.bob)
    post(cast, one, "release/", htmx=True, member=cast.bob)
    assert "Bob is looking at this" not in page_of(cast, one)


def test_a_transcript_holds_notes_on_wish_only(cast: Cast, one: Conversation) -> None:
    with scope(merchant=cast.merchant):
        add_note(conversation_id=one.public_id, by=cast.bob, text="Secret plan", now=cast.now)
        snooze(conversation_id=one.public_id, by=cast.bob, until=cast.now + timedelta(days=1), now=cast.now)
    plain = cast.client(cast.nina).get(url(one, "transcript/")).content.decode()
    assert "My mug broke" in plain and "Secret plan" not in plain and "snoozed it" not in plain
    assert "Secret plan" in cast.client(cast.nina).get(url(one, "transcript/?notes=1")).content.decode()


def test_a_reply_is_taken_back_at_its_own_conversation_alone(cast: Cast, one: Conversation) -> None:
    other = make_conversation(cast.merchant, make_shopper(cast.merchant), cast.storefront, texts=["Hi"], now=cast.now)
    post(cast, one, "reply/", text="It is on its way.", seen=one.version)
    with scope(merchant=cast.merchant):
        reply = OutgoingReply.objects.get()
    assert post(cast, other, f"reply/{reply.public_id}/undo/").status_code == 404
    with scope(merchant=cast.merchant):
        assert OutgoingReply.objects.get().undone_at is None


@pytest.mark.parametrize("seen", ["x", "-1", "1.5", "9" * 30])
def test_an_unreadable_version_is_refused_and_nothing_is_resolved(cast: Cast, one: Conversation, seen: str) -> None:
    assert post(cast, one, "resolve/", htmx=True, seen=seen).status_code == 422
    assert again(cast, one).state == ConversationState.OPEN


def test_a_shoppers_name_does_not_turn_the_page_about(cast: Cast) -> None:
    shopper = make_shopper(cast.merchant, name="Mal\u202elory\u2066\u200f")
    conversation = make_conversation(cast.merchant, shopper, cast.storefront, texts=["Hi"], now=cast.now)
    page = page_of(cast, conversation)
    assert "Write to Mallory in" in page
    assert not set(page) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
