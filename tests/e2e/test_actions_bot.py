"""What a merchant sets about the bot, and what an operator asks of it, by mouse, by keys alone and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, Watch
from tests.e2e.hands import Hands
from tests.e2e.people import ask_as_a_guest

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_an_autopilot_rule_looks_on_is_changed_and_deleted(hands: Hands, watch: Watch) -> None:
    watch.expected = ("422",)  # a rule about nothing
    page, name = hands.page, f"Delivery {hands.mark}"
    hands.go("settings/autopilot/")
    hands.link("New rule")
    hands.write(page.locator("#id_name"), name)
    hands.button("Make the rule")
    expect(page.locator("#id_intents-errors")).to_be_visible()
    hands.tick(page.locator("input[name=intents]").first)
    hands.button("Make the rule")
    state = page.locator("section[aria-labelledby=state-title]")
    expect(state).to_contain_text("Nothing is sent. What would have been sent is compared")
    expect(state.get_by_role("button", name="Switch on")).to_be_disabled()
    hands.link("Change")
    hands.write(page.locator("#id_name"), f"{name} again")
    hands.button("Save", page.locator("form.setting-form"))
    expect(page.locator("h1")).to_have_text(f"{name} again")
    hands.button("Switch off", state)
    expect(state).to_contain_text("Nothing is sent, and nothing is compared.")
    hands.button("Delete", page.locator("section[aria-labelledby=delete-title]"))
    expect(page.locator("main")).not_to_contain_text(name)


def test_weights_are_saved_and_put_back(hands: Hands) -> None:
    page = hands.page
    hands.go("settings/ranking/")
    slider = page.locator("#ranking-form input[type=range]").first
    was = slider.input_value()
    hands.reach(slider)
    page.keyboard.press("ArrowRight" if int(was) < 90 else "ArrowLeft")
    hands.button("Save weights")
    hands.told("Saved")
    hands.button("Back to the defaults")
    expect(page.get_by_role("button", name="Back to the defaults")).to_have_count(0)
    expect(page.locator("#ranking-form input[type=range]").first).to_have_value(was)


def test_a_limit_for_two_is_set_and_lifted(hands: Hands, watch: Watch) -> None:
    watch.expected = ("422",)  # what is no amount
    page = hands.page
    hands.go("settings/second-approval/")
    hands.write(page.locator("#id_above"), "no amount")
    hands.button("Save")
    expect(page.locator("#id_above-errors")).to_contain_text("Write an amount in")
    hands.write(page.locator("#id_above"), "987654.30")
    hands.button("Save")
    expect(page.locator("main")).to_contain_text("Two people above ¥987,654.30")
    hands.button("Lift")
    expect(page.locator("main")).to_contain_text("No limit yet")


def test_a_reply_is_said_otherwise(hands: Hands, new_context: NewContext) -> None:
    page = hands.page
    ask_as_a_guest(new_context().new_page(), hands.stack, f"How long does delivery take? {hands.mark}")
    hands.go("review/")
    row = page.locator("#queue .queue-row", has_text=hands.mark)
    hands.wait_for(row, again=page.url)
    hands.press(row)
    reply = page.locator("#decision [data-reply]")
    expect(reply).to_be_visible()
    before = reply.inner_text()
    hands.shortcut("w", page.locator("form.reword button[value=warm]"))
    warmer = page.locator("#candidates button.candidate", has_text="Warmer")
    hands.wait_for(warmer, again=page.url)
    hands.press(warmer)
    expect(reply).not_to_have_text(before)
