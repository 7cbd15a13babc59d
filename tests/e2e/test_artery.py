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
    expect(chat.locator("#progress")).to_contain_text(re.compile("colleague", re.IGNORECASE), timeout=60_000)
    open_draft(operator, "cancel my order 10803")
    expect(operator.locator("#decision .reply")).to_contain_text("10803")
    expect(operator.locator(".effect")).to_contain_text("¥")
    save(operator, "artery-en-queue")
    operator.keyboard.press("a")
    expect(operator.locator("#toasts .notice", has_text="Approved")).to_be_visible()

    expect(chat.locator("#messages li").last).to_contain_text("10803", timeout=30_000)
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
    expect(chat.locator("#messages li").last).to_contain_text("10804", timeout=30_000)
    expect(chat.locator("#messages li").last).to_contain_text("取消")
    save(shopper, "artery-zh-chat")


def test_undo_takes_an_approval_back_and_an_edit_is_sent(stack: Stack, new_context: NewContext) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-015")
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack)
    ask(chat, "Do you offer gift wrapping?")
    open_draft(operator, "gift wrapping")
    operator.keyboard.press("a")
    expect(operator.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    operator.keyboard.press("z")
    expect(operator.locator("#decision button[data-approve]")).to_be_enabled()

    operator.keyboard.press("e")
    editor = operator.locator("#reply-text")
    expect(editor).to_be_focused()
    editor.fill("Yes, we wrap gifts for you. Just tell us the occasion!")
    operator.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages li").last).to_contain_text("Just tell us the occasion", timeout=30_000)


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
