"""The desk's actions, each by mouse, by keys alone and without scripts: reviewing a draft, working a conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tests.e2e.conftest import NewContext
from tests.e2e.hands import Hands
from tests.e2e.people import ask_as_a_guest

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def chat(hands: Hands, new_context: NewContext) -> FrameLocator:
    """A shopper's chat, who has just asked something that has the mark in it."""
    return ask_as_a_guest(new_context().new_page(), hands.stack, f"Do you offer gift wrapping? {hands.mark}")


def find(hands: Hands, words: str, *, state: str = "open") -> Locator:
    """Search the inbox; the rows."""
    hands.go(f"inbox/?state={state}")
    hands.search(hands.page.locator("#inbox-search"), words)
    return hands.page.locator("#queue .queue-row")


def open_found(hands: Hands, *, state: str = "open") -> Locator:
    """Open the only conversation that has the mark; its head."""
    rows = find(hands, hands.mark, state=state)
    expect(rows).to_have_count(1)
    hands.press(rows)
    head = hands.page.locator("#conversation-head")
    expect(head).to_be_visible()
    return head


def menu(hands: Hands, name: str, key: str = "") -> Locator:
    """Open a menu of the conversation; what it offers."""
    details = hands.page.locator("details.menu", has=hands.page.locator("summary", has_text=re.compile(name)))
    summary = details.last.locator("summary")
    hands.shortcut(key, summary) if key else hands.press(summary)
    items = details.last.locator(".menu-list button.menu-item")
    expect(items.first).to_be_visible()
    return items


def test_a_draft_is_noted_snoozed_and_approved(hands: Hands, chat: FrameLocator) -> None:
    page = hands.page
    hands.go("review/")
    row = page.locator("#queue .queue-row", has_text=hands.mark)
    hands.wait_for(row, again=page.url)
    hands.press(row)
    draft = page.locator("#decision")
    expect(draft).to_be_visible()
    draft_url = page.url

    if hands.scripts:
        hands.shortcut("n", draft.get_by_role("button", name="Note"))
        form = page.locator("#note-dialog")
    else:
        form = page.locator("details.without-js", has_text="Keep the note")
        hands.press(form.locator("summary"))
    hands.write(form.locator("textarea"), f"Asked the workshop {hands.mark}")
    hands.button("Keep the note", form)
    hands.told("Noted")

    if hands.scripts:
        hands.shortcut("m", draft.get_by_role("button", name="Snooze"))
        form = page.locator("#snooze-dialog")
    else:
        form = page.locator("details.without-js", has_text="Snooze").first
        hands.press(form.locator("summary"))
    hands.press(form.locator(".snooze-choice").first)
    hands.told("Snoozed")
    expect(row).to_have_count(0)
    hands.undo()
    hands.told("Taken back")

    page.goto(draft_url)
    approve = draft.locator("button[data-approve]")
    expect(approve).to_be_enabled()
    reply = draft.locator("[data-reply]").inner_text()
    hands.shortcut("a", approve)
    hands.told("Approved")
    expect(chat.locator("#messages > li").last).to_contain_text(reply.split("\n")[0][:40], timeout=30_000)
    open_found(hands, state="any")
    expect(page.locator("#thread .message-note")).to_contain_text(f"Asked the workshop {hands.mark}")


def test_a_conversation_is_taken_tagged_noted_snoozed_and_settled(hands: Hands, chat: FrameLocator) -> None:
    page, head = hands.page, open_found(hands)
    hands.shortcut("a", head.get_by_role("button", name="Assign to me"))
    expect(head.get_by_role("button", name="Assign to me")).to_have_count(0)
    expect(page.locator("#queue .queue-row", has_text=hands.mark).locator(".assignee-mine")).to_be_visible()

    offered = menu(hands, "Tags", "t")
    tag = offered.first.inner_text().strip()
    hands.press(offered.first)
    expect(head.locator(".tag.tone", has_text=tag)).to_be_visible()

    hands.shortcut("n", page.locator(".composer-label-note"))
    hands.write(page.locator("#note-text"), f"Rang the workshop {hands.mark}")
    hands.button("Add note", page.locator("#composer"))
    expect(page.locator("#thread .message-note")).to_contain_text(f"Rang the workshop {hands.mark}")

    hands.button("Take over", head)
    expect(head).to_contain_text("A person answers")
    hands.button("Give back", head)
    expect(head).to_contain_text("Bot drafts, you review")

    hands.press(menu(hands, "Snooze", "m").first)
    expect(head).to_contain_text("Snoozed")
    hands.undo()
    expect(head).not_to_contain_text("Snoozed", timeout=20_000)

    hands.shortcut("r", head.get_by_role("button", name="Resolve"))
    expect(head).to_contain_text("Resolved")
    expect(find(hands, hands.mark, state="resolved")).to_have_count(1)
    expect(find(hands, hands.mark)).to_have_count(0)


def test_a_reply_is_written_taken_back_and_sent(hands: Hands, chat: FrameLocator) -> None:
    page, head = hands.page, open_found(hands)
    text = page.locator("#reply-text")
    hands.shortcut("/", page.locator("[data-canned]"))
    if hands.scripts:
        offered = page.locator("#canned-list [data-insert]", has_text="/hours")
        hands.write(page.locator("#canned-search"), "hours")
        expect(page.locator("#canned-list [data-insert]")).to_have_count(1)
        hands.press(offered)
    else:
        hands.link("Use it", page.locator("main .panel", has_text="/hours"))
    expect(text).to_have_value(re.compile("9:00 to 21:00"))

    hands.button("Send reply", page.locator("#composer"))
    hands.shortcut("z", page.locator("#thread .message-pending button"))
    expect(page.locator("#thread .message-pending")).to_have_count(0)
    expect(text).to_have_value(re.compile("9:00 to 21:00"))
    hands.write(text, f"Yes, we wrap gifts. {hands.mark}!")
    hands.button("Send reply", page.locator("#composer"))
    expect(chat.locator("#messages > li").last).to_contain_text(f"we wrap gifts. {hands.mark}!", timeout=30_000)

    hands.go("inbox/")
    open_found(hands)
    hands.press(menu(hands, "Macros").filter(has_text="Say sorry and resolve"))
    expect(text).to_have_value(re.compile("coupon"))
    hands.button("Send reply", page.locator("#composer"))
    expect(head).to_contain_text("Resolved")
    expect(chat.locator("#messages > li", has_text="coupon")).to_be_visible(timeout=30_000)


def test_two_conversations_are_resolved_at_once(hands: Hands) -> None:
    page = hands.page
    hands.go("inbox/")
    items = page.locator("#queue .inbox-item").filter(has_not_text="Draft")
    ids = [items.nth(at).locator("input").get_attribute("value") for at in (0, 1)]
    for one in ids:
        hands.tick(page.locator(f"#queue input[value='{one}']"))
    hands.button("Resolve", page.locator(".inbox-bulk"))
    for one in ids:
        expect(page.locator(f"#row-{one}")).to_have_count(0)
    hands.undo()
    for one in ids:
        expect(page.locator(f"#row-{one}")).to_have_count(1)


def test_a_search_is_kept_as_a_view(hands: Hands) -> None:
    page = hands.page
    name = f"Wrapping {hands.mark}"
    find(hands, hands.mark)
    hands.press(page.locator(".save-view summary"))
    hands.write(page.locator("#view-name"), name)
    hands.button("Save", page.locator(".save-view-form"))
    expect(page.locator(".inbox-views [aria-current=page]")).to_contain_text(name)
    hands.go("inbox/")
    hands.link(name, page.locator(".inbox-views"))
    expect(page.locator("#inbox-search")).to_have_value(hands.mark)
    hands.link("Edit this view", page.locator(".inbox-views"))
    hands.write(page.locator("#id_name"), f"{name} again")
    hands.button("Save", page.locator("main form"))
    expect(page.locator(".inbox-views [aria-current=page]")).to_contain_text(f"{name} again")
    hands.link("Edit this view", page.locator(".inbox-views"))
    hands.button("Delete this view")
    expect(page.locator(".inbox-views")).not_to_contain_text(name)
