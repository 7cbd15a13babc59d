"""Canned replies, tags, macros and saved views: who may change them, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cs_portal.conversations import services
from cs_portal.conversations.models import (
    Activity,
    CannedReply,
    Conversation,
    ConversationState,
    ConversationTag,
    Macro,
    SavedView,
    Tag,
)
from cs_portal.conversations.selectors.desk import canned_replies, macros, saved_views, tags_with_usage
from cs_portal.conversations.services.canned import (
    CannedReplyChange,
    create_canned_reply,
    delete_canned_reply,
    restore_canned_reply,
    update_canned_reply,
)
from cs_portal.conversations.services.macros import (
    MacroChange,
    apply_macro,
    create_macro,
    delete_macro,
    finish_macro,
    restore_macro,
    update_macro,
)
from cs_portal.conversations.services.tag_catalogue import create_tag, delete_tag, update_tag
from cs_portal.conversations.services.views import (
    change_view,
    clean_query,
    delete_view,
    order_views,
    rename_view,
    save_view,
    share_view,
)
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_conversation, make_member, make_merchant, make_shopper

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
THANKS = CannedReplyChange("thanks", "Say thank you", "Thank you, {{shopper.name}}!", "谢谢您，{{shopper.name}}！")
PLAIN = MacroChange("Close", None, (), ConversationState.RESOLVED, None, True)


class Desk:
    def __init__(self) -> None:
        self.merchant: Merchant = make_merchant("mugs")
        self.ann: Member = make_member(self.merchant, Role.ADMIN, name="Ann")
        self.olaf: Member = make_member(self.merchant, Role.OPERATOR, name="Olaf")
        self.nina: Member = make_member(self.merchant, Role.ANALYST, name="Nina")
        self.conversation: Conversation = make_conversation(self.merchant, make_shopper(self.merchant, name="Li Wei"))


@pytest.fixture
def desk(db: None) -> Any:
    made = Desk()
    with scope(merchant=made.merchant):
        yield made


def test_a_canned_reply_is_made_changed_and_found(desk: Desk) -> None:
    row = create_canned_reply(by=desk.ann, change=replace(THANKS, shortcut=" /Thanks "), now=NOW)
    assert (row.shortcut, row.title) == ("thanks", "Say thank you")
    later = NOW + timedelta(hours=1)
    update_canned_reply(
        reply_id=row.public_id, by=desk.ann, change=replace(THANKS, text_zh=""), now=later, seen=row.updated_at
    )
    row.refresh_from_db()
    assert (row.text_zh, row.updated_at) == ("", later)
    for words in ("thank", "/thanks", "SAY", "shopper"):
        assert [each.pk for each in canned_replies(search=words)] == [row.pk]
    assert not canned_replies(search="谢谢")
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == ["canned_reply.created", "canned_reply.updated"]
    assert "Thank" not in str([entry.data for entry in entries])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shortcut": ""}, "shortcut"),
        ({"shortcut": "two words"}, "shortcut"),
        ({"shortcut": "x" * 41}, "shortcut"),
        ({"title": " "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"text_en": " ", "text_zh": ""}, "text_en"),
        ({"text_zh": "您好 {{name}}"}, "text_zh"),
        ({"text_en": "x" * 4001}, "text_en"),
    ],
)
def test_what_makes_no_canned_reply(desk: Desk, change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create_canned_reply(by=desk.ann, change=replace(THANKS, **change), now=NOW)
    assert refusal.value.field == field
    assert not CannedReply.objects.exists() and not AuditEntry.objects.exists()


def test_a_shortcut_is_given_once(desk: Desk) -> None:
    create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    other = create_canned_reply(by=desk.ann, change=replace(THANKS, shortcut="谢谢"), now=NOW)
    for attempt in (
        lambda: create_canned_reply(by=desk.ann, change=THANKS, now=NOW),
        lambda: update_canned_reply(reply_id=other.public_id, by=desk.ann, change=THANKS, now=NOW),
    ):
        with pytest.raises(Invalid, match="/thanks"):
            attempt()
    assert CannedReply.objects.count() == 2


def test_what_a_colleague_saved_is_not_overwritten(desk: Desk) -> None:
    row = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    change = replace(THANKS, title="Mine")
    with pytest.raises(Conflict):
        update_canned_reply(
            reply_id=row.public_id, by=desk.ann, change=change, now=NOW, seen=NOW - timedelta(seconds=1)
        )
    row.refresh_from_db()
    assert row.title == "Say thank you"
    with pytest.raises(NotFound):
        update_canned_reply(reply_id=uuid4(), by=desk.ann, change=change, now=NOW)


def test_a_deleted_canned_reply_comes_back_into_its_macros(desk: Desk) -> None:
    row = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    macro = create_macro(by=desk.ann, change=replace(PLAIN, reply=row.public_id), now=NOW)
    removed = delete_canned_reply(reply_id=row.public_id, by=desk.ann, now=NOW)
    macro.refresh_from_db()
    assert macro.reply is None and not CannedReply.objects.exists()
    for _twice in range(2):
        back = restore_canned_reply(removed=removed, by=desk.ann, now=NOW)
    macro.refresh_from_db()
    assert (back.public_id, back.text_zh, macro.reply) == (row.public_id, THANKS.text_zh, back)


def test_only_those_who_configure_change_the_settings(desk: Desk) -> None:
    reply = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    macro = create_macro(by=desk.ann, change=PLAIN, now=NOW)
    tag = create_tag(by=desk.ann, name="VIP", tone="red", now=NOW)
    view = save_view(by=desk.ann, name="All", query="state=any", now=NOW, shared=True)
    removed = delete_canned_reply(reply_id=reply.public_id, by=desk.ann, now=NOW)
    restore_canned_reply(removed=removed, by=desk.ann, now=NOW)
    before = AuditEntry.objects.count()
    attempts = [
        lambda by: create_canned_reply(by=by, change=replace(THANKS, shortcut="x"), now=NOW),
        lambda by: update_canned_reply(reply_id=reply.public_id, by=by, change=THANKS, now=NOW),
        lambda by: delete_canned_reply(reply_id=reply.public_id, by=by, now=NOW),
        lambda by: restore_canned_reply(removed=removed, by=by, now=NOW),
        lambda by: create_macro(by=by, change=replace(PLAIN, name="x"), now=NOW),
        lambda by: update_macro(macro_id=macro.public_id, by=by, change=PLAIN, now=NOW),
        lambda by: delete_macro(macro_id=macro.public_id, by=by, now=NOW),
        lambda by: create_tag(by=by, name="x", tone="red", now=NOW),
        lambda by: update_tag(tag_id=tag.public_id, by=by, name="x", tone="red", now=NOW),
        lambda by: delete_tag(tag_id=tag.public_id, by=by, now=NOW),
        lambda by: save_view(by=by, name="x", query="", now=NOW, shared=True),
        lambda by: rename_view(view_id=view.public_id, by=by, name="x", now=NOW),
        lambda by: change_view(view_id=view.public_id, by=by, query="", now=NOW),
        lambda by: share_view(view_id=view.public_id, by=by, shared=False, now=NOW),
        lambda by: delete_view(view_id=view.public_id, by=by, now=NOW),
    ]
    for by in (desk.olaf, desk.nina):
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt(by)
    assert AuditEntry.objects.count() == before
    assert [CannedReply.objects.count(), Macro.objects.count(), Tag.objects.count(), SavedView.objects.count()] == [
        1
    ] * 4


def test_another_merchants_rows_do_not_exist(desk: Desk) -> None:
    rival = make_merchant("rival")
    charlie = make_member(rival, Role.OWNER)
    with scope(merchant=rival):
        reply = create_canned_reply(by=charlie, change=THANKS, now=NOW)
        macro = create_macro(by=charlie, change=PLAIN, now=NOW)
        tag = create_tag(by=charlie, name="VIP", tone="red", now=NOW)
    create_tag(by=desk.ann, name="VIP", tone="red", now=NOW)
    for attempt in (
        lambda: update_canned_reply(reply_id=reply.public_id, by=desk.ann, change=THANKS, now=NOW),
        lambda: delete_canned_reply(reply_id=reply.public_id, by=desk.ann, now=NOW),
        lambda: delete_macro(macro_id=macro.public_id, by=desk.ann, now=NOW),
        lambda: delete_tag(tag_id=tag.public_id, by=desk.ann, now=NOW),
        lambda: apply_macro(
            conversation_id=desk.conversation.public_id, macro_id=macro.public_id, by=desk.olaf, now=NOW
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    for change in (replace(PLAIN, reply=reply.public_id), replace(PLAIN, add_tags=(tag.public_id,))):
        with pytest.raises(Invalid):
            create_macro(by=desk.ann, change=change, now=NOW)


def test_tags_are_named_once_whatever_the_case_and_counted(desk: Desk) -> None:
    tag = create_tag(by=desk.ann, name="  VIP  ", tone="red", now=NOW)
    create_tag(by=desk.ann, name="Other", tone="grey", now=NOW)
    with pytest.raises(Invalid, match="vip"):
        create_tag(by=desk.ann, name="vip", tone="red", now=NOW)
    with pytest.raises(Invalid):
        update_tag(tag_id=tag.public_id, by=desk.ann, name="other", tone="red", now=NOW)
    update_tag(tag_id=tag.public_id, by=desk.ann, name="vip", tone="blue", now=NOW)
    for name, tone in (("", "red"), ("x" * 41, "red"), ("x", "pink")):
        with pytest.raises(Invalid):
            create_tag(by=desk.ann, name=name, tone=tone, now=NOW)
    services.add_tag(conversation_id=desk.conversation.public_id, by=desk.olaf, tag_id=tag.public_id, now=NOW)
    assert [(row.name, row.usage) for row in tags_with_usage()] == [("Other", 0), ("vip", 1)]


def test_a_deleted_tag_leaves_conversations_and_macros(desk: Desk) -> None:
    gone, kept = (create_tag(by=desk.ann, name=name, tone="red", now=NOW) for name in ("gone", "kept"))
    macro = create_macro(by=desk.ann, change=replace(PLAIN, add_tags=(gone.public_id, kept.public_id)), now=NOW)
    services.add_tag(conversation_id=desk.conversation.public_id, by=desk.olaf, tag_id=gone.public_id, now=NOW)
    delete_tag(tag_id=gone.public_id, by=desk.ann, now=NOW)
    macro.refresh_from_db()
    assert macro.add_tags == [str(kept.public_id)]
    assert not ConversationTag.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"state": "gone"}, "state"),
        ({"state": "snoozed"}, "snooze_hours"),
        ({"state": "snoozed", "snooze_hours": 0}, "snooze_hours"),
        ({"state": "snoozed", "snooze_hours": 2161}, "snooze_hours"),
        ({"state": "", "assign_to_me": False}, "reply"),
        ({"reply": uuid4()}, "reply"),
        ({"add_tags": (uuid4(),)}, "add_tags"),
    ],
)
def test_what_makes_no_macro(desk: Desk, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create_macro(by=desk.ann, change=replace(PLAIN, **change), now=NOW)
    assert refusal.value.field == field and not Macro.objects.exists()


def test_a_macro_tags_assigns_and_resolves_in_one_deed_that_can_be_undone(desk: Desk) -> None:
    tag = create_tag(by=desk.ann, name="done", tone="green", now=NOW)
    macro = create_macro(by=desk.ann, change=replace(PLAIN, add_tags=(tag.public_id,)), now=NOW)
    applied = apply_macro(conversation_id=desk.conversation.public_id, macro_id=macro.public_id, by=desk.olaf, now=NOW)
    row = Conversation.objects.get()
    assert (row.state, row.assignee, applied.reply, applied.waits_for_reply) == ("resolved", desk.olaf, None, False)
    assert ConversationTag.objects.count() == 1
    assert {activity.data["batch"] for activity in Activity.objects.all()} == {applied.batch}
    services.undo(batch=UUID(applied.batch), by=desk.olaf, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.assignee, ConversationTag.objects.count()) == ("open", None, 0)


def test_a_macro_with_a_text_waits_for_it_to_be_sent(desk: Desk) -> None:
    reply = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    change = MacroChange("Snooze", reply.public_id, (), ConversationState.SNOOZED, 24, False)
    macro = create_macro(by=desk.ann, change=change, now=NOW)
    names = {"conversation_id": desk.conversation.public_id, "macro_id": macro.public_id, "by": desk.olaf, "now": NOW}
    applied = apply_macro(**names)
    assert applied.reply and applied.reply.text == "Thank you, Li Wei!"
    assert (applied.changed, applied.waits_for_reply) == (False, True)
    assert Conversation.objects.get().state == "open"
    batch = finish_macro(**names, batch=UUID(applied.batch))
    row = Conversation.objects.get()
    assert (row.state, row.snoozed_until) == ("snoozed", NOW + timedelta(hours=24))
    assert str(batch) == applied.batch == Activity.objects.get().data["batch"]
    finish_macro(**{**names, "macro_id": uuid4()})
    services.resolve(conversation_id=desk.conversation.public_id, by=desk.ann, now=NOW)
    finish_macro(**names)
    assert Conversation.objects.get().state == "resolved"
    assert Activity.objects.count() == 2


def test_a_macro_that_was_taken_back_does_everything_anew_when_its_text_is_sent(desk: Desk) -> None:
    reply = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    tag = create_tag(by=desk.ann, name="done", tone="green", now=NOW)
    change = replace(PLAIN, reply=reply.public_id, add_tags=(tag.public_id,))
    macro = create_macro(by=desk.ann, change=change, now=NOW)
    names = {"conversation_id": desk.conversation.public_id, "macro_id": macro.public_id, "by": desk.olaf, "now": NOW}
    applied = apply_macro(**names)
    assert (applied.changed, ConversationTag.objects.count(), Conversation.objects.get().state) == (True, 1, "open")
    services.undo(batch=UUID(applied.batch), by=desk.olaf, now=NOW)
    batch = finish_macro(**names)
    row = Conversation.objects.get()
    assert (row.state, row.assignee, ConversationTag.objects.count()) == ("resolved", desk.olaf, 1)
    services.undo(batch=batch, by=desk.olaf, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.assignee, ConversationTag.objects.count()) == ("open", None, 0)


def test_a_tag_that_was_taken_off_meanwhile_stays_off_when_the_text_is_sent(desk: Desk) -> None:
    reply = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    tag = create_tag(by=desk.ann, name="done", tone="green", now=NOW)
    change = replace(PLAIN, reply=reply.public_id, add_tags=(tag.public_id,))
    macro = create_macro(by=desk.ann, change=change, now=NOW)
    names = {"conversation_id": desk.conversation.public_id, "by": desk.olaf, "now": NOW}
    applied = apply_macro(**names, macro_id=macro.public_id)
    services.remove_tag(**names, tag_id=tag.public_id)
    finish_macro(**names, macro_id=macro.public_id, batch=UUID(applied.batch))
    assert not ConversationTag.objects.exists() and Conversation.objects.get().state == "resolved"


@pytest.mark.parametrize("before", ["snoozed", "resolved"])
def test_a_macro_that_opens_a_conversation_is_undone_whole(desk: Desk, before: str) -> None:
    names = {"conversation_id": desk.conversation.public_id, "by": desk.olaf, "now": NOW}
    if before == "snoozed":
        services.snooze(**names, until=NOW + timedelta(days=1))
    else:
        services.resolve(**names)
    was = Conversation.objects.values().get()
    macro = create_macro(
        by=desk.ann, change=MacroChange("Open", None, (), ConversationState.OPEN, None, False), now=NOW
    )
    applied = apply_macro(**names, macro_id=macro.public_id)
    assert Conversation.objects.get().state == "open"
    assert services.undo(batch=UUID(applied.batch), by=desk.olaf, now=NOW) == [desk.conversation.public_id]
    assert Conversation.objects.values().get() == was


def test_a_reopening_is_not_undone_over_what_the_shopper_wrote_since(desk: Desk) -> None:
    names = {"conversation_id": desk.conversation.public_id, "by": desk.olaf}
    services.resolve(**names, now=NOW)
    batch = uuid4()
    services.reopen(**names, now=NOW, batch=str(batch))
    later = NOW + timedelta(minutes=1)
    services.receive_shopper_message(conversation_id=desk.conversation.pk, text="Thanks", client_id="x", now=later)
    assert services.undo(batch=batch, by=desk.olaf, now=later) == []
    assert Conversation.objects.get().state == "open"


def test_a_macro_that_cannot_do_everything_does_nothing(desk: Desk) -> None:
    tag = create_tag(by=desk.ann, name="done", tone="green", now=NOW)
    change = MacroChange("Snooze", None, (tag.public_id,), ConversationState.SNOOZED, 1, True)
    macro = create_macro(by=desk.ann, change=change, now=NOW)
    services.resolve(conversation_id=desk.conversation.public_id, by=desk.ann, now=NOW)
    names = {"conversation_id": desk.conversation.public_id, "macro_id": macro.public_id, "now": NOW}
    with pytest.raises(Conflict):
        apply_macro(by=desk.olaf, **names)
    with pytest.raises(NotAllowed):
        apply_macro(by=desk.nina, **names)
    assert not ConversationTag.objects.exists() and Conversation.objects.get().assignee is None


def test_what_is_so_already_is_passed_over(desk: Desk) -> None:
    macro = create_macro(by=desk.ann, change=PLAIN, now=NOW)
    names = {"conversation_id": desk.conversation.public_id, "macro_id": macro.public_id, "by": desk.olaf, "now": NOW}
    assert apply_macro(**names).changed
    assert not apply_macro(**names).changed


def test_a_deleted_macro_comes_back(desk: Desk) -> None:
    reply = create_canned_reply(by=desk.ann, change=THANKS, now=NOW)
    macro = create_macro(by=desk.ann, change=replace(PLAIN, reply=reply.public_id), now=NOW)
    removed = delete_macro(macro_id=macro.public_id, by=desk.ann, now=NOW)
    assert not macros()
    for _twice in range(2):
        restore_macro(removed=removed, by=desk.ann, now=NOW)
    back = macros().get()
    assert (back.public_id, back.reply, back.state) == (macro.public_id, reply, "resolved")


def test_views_are_ones_own_or_everybodys(desk: Desk) -> None:
    mine = save_view(by=desk.olaf, name="Mine", query="?assignee=me&after=x&view=y", now=NOW)
    shared = save_view(by=desk.ann, name="VIP", query="tag=1", now=NOW, shared=True)
    assert mine.query == "assignee=me"
    assert set(saved_views(desk.olaf)) == {mine, shared}
    assert set(saved_views(desk.nina)) == {shared}
    for attempt in (
        lambda: rename_view(view_id=mine.public_id, by=desk.ann, name="x", now=NOW),
        lambda: delete_view(view_id=mine.public_id, by=desk.nina, now=NOW),
    ):
        with pytest.raises(NotFound):
            attempt()
    rename_view(view_id=mine.public_id, by=desk.olaf, name="My own", now=NOW)
    change_view(view_id=mine.public_id, by=desk.olaf, query="state=any", now=NOW)
    mine.refresh_from_db()
    assert (mine.name, mine.query) == ("My own", "state=any")
    own = save_view(by=desk.ann, name="Late", query="overdue=on", now=NOW)
    share_view(view_id=own.public_id, by=desk.ann, shared=True, now=NOW)
    assert own in saved_views(desk.nina)
    share_view(view_id=own.public_id, by=desk.ann, shared=False, now=NOW)
    assert own not in saved_views(desk.nina)
    delete_view(view_id=own.public_id, by=desk.ann, now=NOW)


def test_a_view_needs_a_free_name_and_few_filters(desk: Desk) -> None:
    save_view(by=desk.olaf, name="Mine", query="", now=NOW)
    save_view(by=desk.ann, name="Mine", query="", now=NOW)
    for name, query in (("mine", ""), ("", ""), ("x" * 61, ""), ("x", "a=" + "b" * 500)):
        with pytest.raises(Invalid):
            save_view(by=desk.olaf, name=name, query=query, now=NOW)
    assert clean_query("q=退款&before=1&sort=due") == "q=%E9%80%80%E6%AC%BE&sort=due"


def test_views_keep_the_order_that_one_gave_them(desk: Desk) -> None:
    first, second, third = (save_view(by=desk.olaf, name=name, query="", now=NOW) for name in "abc")
    assert list(saved_views(desk.olaf)) == [first, second, third]
    order_views(ids=[third.public_id, first.public_id, uuid4()], by=desk.olaf, now=NOW)
    assert list(saved_views(desk.olaf)) == [third, first, second]
    order_views(ids=[first.public_id], by=desk.ann, now=NOW)
    assert list(saved_views(desk.olaf)) == [third, first, second]
