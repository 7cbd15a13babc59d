"""Take the README's pictures from a product of its own, started for the purpose (needs Chromium and the models)."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from tests.e2e.conftest import CHROMIUM_FLAGS  # noqa: E402
from tests.e2e.people import ask, enter_shop, open_chat, open_draft, sign_in  # noqa: E402
from tests.e2e.stack import Stack, running_stack  # noqa: E402

IMAGES = ROOT / "docs" / "images"
QUESTIONS = {
    "en": [
        ("s-006", "Where is my parcel?"),
        ("s-001", "One of the two mugs in order 10801 arrived broken. I want my money back."),
        ("s-003", "Please cancel my order 10803."),
    ],
    "zh": [("s-005", "我的包裹到哪了？"), ("s-004", "我要取消订单10804")],
}


def page_of(browser: Browser, *, chinese: bool) -> Page:
    context = browser.new_context(locale="zh-CN" if chinese else "en-US", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    return context.new_page()


def take(browser: Browser, stack: Stack, *, chinese: bool) -> None:
    """Ask the language's questions and take the queue with the last one open; in English also the answered chat."""
    ending = "-zh" if chinese else ""
    operator = page_of(browser, chinese=chinese)
    sign_in(operator, stack, chinese=chinese)
    for person, question in QUESTIONS["zh" if chinese else "en"]:
        shopper = page_of(browser, chinese=chinese)
        enter_shop(shopper, stack, person=person, chinese=chinese)
        chat = open_chat(shopper)
        ask(chat, question)
    open_draft(operator, question)
    expect(operator.locator("#candidates .candidate")).not_to_have_count(1, timeout=180_000)
    operator.screenshot(path=str(IMAGES / f"queue{ending}.png"))
    operator.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages li")).to_have_count(2, timeout=60_000)
    shopper.screenshot(path=str(IMAGES / f"chat{ending}.png"))


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        take(browser, stack, chinese=False)
        take(browser, stack, chinese=True)
        browser.close()
    print(f"The pictures are in {IMAGES.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
