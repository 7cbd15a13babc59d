"""The inbox in a browser: what scripts do for who works in it by keys, and what they say when the network is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, Watch
from tests.e2e.people import sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def inbox(stack: Stack, new_context: NewContext) -> Page:
    page = new_context().new_page()
    sign_in(page, stack, role="admin")
    page.goto(f"{stack.portal}/console/fernhill/inbox/")
    page.locator("#queue .queue-row").first.click()
    expect(page.locator("#composer")).to_be_visible()
    return page


def test_snoozing_begins_at_the_first_preset_and_can_be_left(inbox: Page) -> None:
    summary = inbox.locator("#conversation-head summary[data-key=m]")
    menu = inbox.locator("#conversation-head details[open]")
    for leave in (
        lambda: inbox.keyboard.press("Escape"),
        lambda: menu.get_by_role("button", name="Cancel").click(),
    ):
        inbox.keyboard.press("m")
        expect(menu.locator("button[name=until]").first).to_be_focused()
        # What changed meanwhile is fetched once the menu closes, and must not take the focus away.
        inbox.evaluate(
            """() => htmx.trigger(document.body,
                `conversation:moved:${document.querySelector("[data-conversation]").dataset.conversation}`)"""
        )
        with inbox.expect_response(lambda answer: "/status/" in answer.url):
            leave()
        expect(menu).to_have_count(0)
        expect(summary).to_be_focused()
        inbox.locator("#conversation").focus()


@pytest.mark.parametrize("width", [1440, 1180, 820])
def test_a_menu_opens_within_its_pane(stack: Stack, new_context: NewContext, width: int) -> None:
    """The longer Chinese words wrap the row of deeds, and the first buttons then stand at the pane's edge."""
    page = new_context(locale="zh-CN", viewport={"width": width, "height": 900}).new_page()
    sign_in(page, stack, role="operator", chinese=True)
    page.goto(f"{stack.portal}/console/fernhill/inbox/")
    page.locator("#queue .queue-row").first.click()
    menus = page.locator(".conversation-acts details.menu")
    expect(menus.first).to_be_visible()
    pane = page.locator(".pane.conversation").bounding_box()
    assert pane is not None
    for at in range(menus.count()):
        menus.nth(at).locator("summary").click()
        menu = menus.nth(at).locator(".menu-list").bounding_box()
        assert menu is not None
        assert menu["x"] >= pane["x"]
        assert menu["x"] + menu["width"] <= pane["x"] + pane["width"]
        page.keyboard.press("Escape")


def test_control_and_enter_keep_a_note(inbox: Page) -> None:
    inbox.keyboard.press("n")
    expect(inbox.locator("#note-text")).to_be_focused()
    inbox.keyboard.type("Kept by keys")
    inbox.keyboard.press("Control+Enter")
    expect(inbox.locator("#thread .message-note", has_text="Kept by keys")).to_have_count(1)
    expect(inbox.locator("#note-text")).to_have_value("")


def test_the_text_of_a_macro_comes_below_ones_own_and_goes_with_its_undo(inbox: Page) -> None:
    text = inbox.locator("#reply-text")
    text.fill("My own words")
    inbox.locator("#composer summary", has_text="Macros").click()
    inbox.locator("#composer [form=macro-form]").first.click()
    expect(inbox.locator("#toasts .notice", has_text="Macro applied")).to_be_visible()
    expect(text).not_to_have_value("My own words")
    assert text.input_value().startswith("My own words\n\n")
    inbox.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(text).to_have_value("My own words")
    expect(inbox.locator("[data-write=reply] input[name=macro]")).to_have_value("")


def test_what_was_written_on_a_macros_text_survives_its_undo(inbox: Page) -> None:
    text = inbox.locator("#reply-text")
    text.fill("")
    inbox.locator("#composer summary", has_text="Macros").click()
    inbox.locator("#composer [form=macro-form]").first.click()
    expect(text).not_to_have_value("")
    text.press("End")
    text.press_sequentially(" And more.")
    written = text.input_value()
    inbox.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(inbox.locator("#toasts .notice", has_text="Taken back")).to_be_visible()
    expect(text).to_have_value(written)
    text.fill("")


def test_live_says_offline_and_comes_back_with_what_was_missed(inbox: Page, watch: Watch) -> None:
    watch.expected = ("htmx:", "ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")  # what was just being asked for
    state = inbox.locator("[data-live-state]")
    expect(state).to_have_attribute("data-live-state", "live")
    inbox.context.set_offline(True)
    expect(state).to_have_attribute("data-live-state", "offline")
    expect(state.get_by_text("Offline")).to_be_visible()
    inbox.evaluate("document.body.addEventListener('resync', () => (window.resynced = true))")
    inbox.context.set_offline(False)
    expect(state).to_have_attribute("data-live-state", "live", timeout=15_000)
    assert inbox.evaluate("window.resynced === true")
