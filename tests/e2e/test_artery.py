"""The artery in a real browser: a shopper asks, the bot drafts, an operator approves, the shopper reads the reply."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, save
from tests.e2e.people import ask, enter_shop, open_chat, open_draft, sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_cancellation_in_english_by_keyboard(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-003")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack)

    ask(chat, "Please cancel my order 10803, I ordered the wrong size.")
    # Outside of business hours nobody is checking yet.
    waiting = re.compile("A colleague is checking|when we are back")
    expect(chat.locator("#progress")).to_contain_text(waiting, timeout=60_000)
    open_draft(operator, "cancel my order 10803")
    expect(operator.locator("#decision .reply")).to_contain_text("10803")
    expect(operator.locator(".effect")).to_contain_text("¥")
    save(operator, "artery-en-queue")
    operator.keyboard.press("a")
    expect(operator.locator("#toasts .notice", has_text="Approved")).to_be_visible()

    expect(chat.locator("#messages > li").last).to_contain_text("10803", timeout=30_000)
    expect(chat.locator("#progress")).to_be_hidden()
    save(shopper, "artery-en-chat")
    shopper.goto(f"{stack.shop}/orders/")
    expect(shopper.locator("main")).to_contain_text("Cancelled")


def test_a_cancellation_in_chinese_by_mouse(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context(locale="zh-CN").new_page()
    enter_shop(shopper, stack, person="s-004", chinese=True)
    chat = open_chat(shopper)
    operator = new_context(locale="zh-CN").new_page()
    sign_in(operator, stack, role="operator", chinese=True)

    ask(chat, "我要取消订单10804")
    open_draft(operator, "我要取消订单10804")
    expect(operator.locator("#decision .reply")).to_contain_text("10804")
    save(operator, "artery-zh-queue")
    operator.locator("#decision button[data-approve]").click()
    expect(operator.locator("#toasts .notice").first).to_be_visible()
    expect(chat.locator("#messages > li").last).to_contain_text("10804", timeout=30_000)
    expect(chat.locator("#messages > li").last).to_contain_text("取消")
    save(shopper, "artery-zh-chat")


def test_undo_takes_an_approval_back_and_an_edit_is_sent(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-015")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack)
    ask(chat, "Do you offer gift wrapping? qartery")
    open_draft(operator, "qartery")
    operator.keyboard.press("a")
    expect(operator.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    operator.keyboard.press("z")
    open_draft(operator, "qartery")
    expect(operator.locator("#decision button[data-approve]")).to_be_enabled()

    operator.keyboard.press("e")
    editor = operator.locator("#reply-text")
    expect(editor).to_be_focused()
    editor.fill("Yes, we wrap gifts for you. Just tell us the occasion!")
    operator.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages > li").last).to_contain_text("Just tell us the occasion", timeout=30_000)


def test_messages_survive_a_reload(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    shopper.goto(f"{stack.shop}/")
    chat = open_chat(shopper)
    ask(chat, "How much is shipping?")
    shopper.reload()
    frame = shopper.frame_locator("iframe[src*='/chat/']")
    if not shopper.locator("iframe[src*='/chat/']").count():
        frame = open_chat(shopper)
    expect(frame.locator("#messages")).to_contain_text("How much is shipping?")


def test_another_shoppers_order_is_not_told(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-015")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack)
    ask(chat, "What is in order 10809?")
    open_draft(operator, "What is in order 10809?")
    reply = operator.locator("#decision .reply")
    expect(reply).to_be_visible()
    assert "1,599" not in reply.inner_text()
    expect(operator.locator(".evidence, #evidence").first).not_to_contain_text("1,599")


def test_a_rejected_question_stays_and_a_person_answers_it(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-012")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack, role="operator")
    ask(chat, "Do you have a shop in Oslo?")
    open_draft(operator, "shop in Oslo")
    operator.keyboard.press("r")
    dialog = operator.locator("#reject-dialog")
    dialog.locator("[name=reason][value=incomplete]").check()
    dialog.locator("button[type=submit]").click()
    expect(operator.locator("#toasts .notice").first).to_be_visible()
    open_draft(operator, "shop in Oslo")
    expect(operator.locator("#decision .reply")).to_have_count(0)
    save(operator, "rejected-en-wide")
    operator.locator("#reply-text").fill("We have no shop in Oslo.")
    operator.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages > li").last).to_contain_text("no shop in Oslo", timeout=30_000)


def test_an_admin_overrides_and_the_refund_is_made(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-001")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack)
    ask(chat, "One of the two mugs in order 10801 arrived broken. I want my money back.")
    open_draft(operator, "mugs in order 10801")
    operator.get_by_role("button", name="Override verdict").first.click()
    dialog = operator.locator("#override-dialog")
    dialog.locator("[name=outcome][value=allow]").check()
    dialog.locator("[name=amount]").fill("10")
    dialog.locator("[name=reason]").fill("The photo came by e-mail")
    dialog.locator("button[type=submit]").click()
    expect(operator.locator(".effect")).to_contain_text("¥10.00")
    expect(operator.locator("#decision .reply")).to_contain_text("¥10.00", timeout=60_000)
    save(operator, "overridden-en-wide")
    operator.keyboard.press("e")
    operator.locator("#reply-text").fill("We refund ¥10.00 for the broken mug.")
    operator.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages > li").last).to_contain_text("¥10.00", timeout=30_000)
    shopper.goto(f"{stack.shop}/orders/")
    expect(shopper.locator("main")).to_contain_text(re.compile(r"¥10(?:\.00)?(?!\d)"))
