"""What people do: sign in to the shop or the console, ask, review."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.stack import Stack


def enter_shop(page: Page, stack: Stack, *, person: str, chinese: bool = False) -> None:
    """Open the demo shop and sign in as one of its story shoppers."""
    page.goto(f"{stack.shop}/sign-in/")
    if chinese and page.get_by_role("button", name="中文").count():
        page.get_by_role("button", name="中文").click()
        page.goto(f"{stack.shop}/sign-in/")
    page.locator(f'button[name="shopper"][value="{person}"]').click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def open_chat(page: Page) -> FrameLocator:
    """Open the chat with its launcher and return the frame."""
    page.locator("#csportal button.launcher").click()
    frame = page.frame_locator("iframe[src*='/chat/']")
    expect(frame.locator("#text")).to_be_visible()
    expect(frame.locator("#log")).to_have_attribute("aria-busy", "false")
    return frame


def ask(chat: FrameLocator, text: str) -> None:
    chat.locator("#text").fill(text)
    chat.locator("#text").press("Enter")
    expect(chat.locator("#messages")).to_contain_text(text)


def sign_in(page: Page, stack: Stack, *, role: str = "admin", chinese: bool = False) -> None:
    """Sign in to the console and go to the review queue."""
    account = stack.accounts[role]
    page.goto(f"{stack.portal}/accounts/login/")
    if chinese:
        page.get_by_role("button", name="中文").first.click()
    page.locator('input[name="login"]').fill(account["email"])
    page.locator('input[name="password"]').fill(account["password"])
    page.locator('main button[type="submit"], form button[type="submit"].btn-primary').first.click()
    page.wait_for_url("**/console/fernhill/")
    page.goto(f"{stack.portal}/console/fernhill/review/")


def open_draft(page: Page, text: str) -> str:
    """Open the queue's draft whose snippet shows ``text``, which appears by itself, and wait until it is at hand.

    Returns the draft's id.
    """
    row = page.locator("#queue .queue-row", has_text=text)
    expect(row).to_be_visible(timeout=60_000)
    draft = row.get_attribute("data-draft") or ""
    row.click()
    expect(page.locator(f'.workspace[data-draft="{draft}"] #decision')).to_be_visible()
    return draft


def ask_as_a_guest(page: Page, stack: Stack, text: str) -> FrameLocator:
    """Somebody who is not signed in opens the shop and writes; the chat stays open."""
    page.goto(f"{stack.shop}/")
    chat = open_chat(page)
    ask(chat, text)
    return chat
