"""Take the pictures of the README and the guide from a product of its own (needs Chromium and the models).

``--running FOLDER PORTAL SHOP`` takes them from a product that runs already, with its data folder and both addresses.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, FrameLocator, Page, TimeoutError, expect, sync_playwright  # noqa: E402

from tests.e2e.conftest import CHROMIUM_FLAGS  # noqa: E402
from tests.e2e.people import ask, enter_shop, open_chat, sign_in  # noqa: E402
from tests.e2e.stack import Stack, _accounts, running_stack  # noqa: E402

README = ROOT / "docs" / "images"
GUIDE = ROOT / "docs" / "guide" / "images"
CONSOLE = "/console/fernhill/"
WIDE = (1440, 900)
PHONE = (360, 740)
#: Of the demo store: an order with a damaged mug, its shopper, and the mug.
ORDER, SHOPPER, PRODUCT = "10801", "s-001", "p-501"


@dataclass(frozen=True)
class Words:
    """What is asked and typed in a language."""

    code: str
    shopper: str
    refund: str
    gift_from: str
    gift: str
    question_from: str
    question: str
    note: str
    reply: str


ENGLISH = Words(
    code="en",
    shopper="s-001",
    refund="One of the two mugs in order 10801 arrived broken. I want my money back.",
    gift_from="s-006",
    gift="Which tent do you recommend for two people?",
    question_from="s-003",
    question="do you ship to berlin",
    note="The photo came by e-mail: one mug has a crack through the handle. The other one is fine.",
    reply="Hello Anna, thank you for the photo. I am settling the refund for the broken mug now.",
)
CHINESE = Words(
    code="zh",
    shopper="s-004",
    refund="我要取消订单10804",
    gift_from="s-005",
    gift="想买个双人帐篷，有什么推荐？",
    question_from="s-002",
    question="能寄到德国吗",
    note="已和仓库确认：包裹还没出库，可以取消。",
    reply="您好，订单已经取消，退款会在 1–3 个工作日内原路退回。",
)


class Camera:
    """One member's browser; ``take`` waits until pictures and fonts have arrived."""

    def __init__(self, browser: Browser, stack: Stack, words: Words) -> None:
        self.browser, self.stack, self.words = browser, stack, words
        self.page = self.new_page()

    def new_page(self, size: tuple[int, int] = WIDE, *, scheme: str = "light") -> Page:
        context = self.browser.new_context(
            locale="zh-CN" if self.words.code == "zh" else "en-US",
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(90_000)
        return context.new_page()

    def sign_in(self, page: Page, role: str = "owner") -> None:
        sign_in(page, self.stack, role=role, chinese=self.words.code == "zh")

    def go(self, path: str) -> Page:
        self.page.goto(self.stack.portal + CONSOLE + path)
        return self.page

    def follow(self, selector: str) -> Page:
        """Go where the first such link leads."""
        href = self.page.locator(selector).first.get_attribute("href")
        assert href
        self.page.goto(self.stack.portal + href)
        return self.page

    def take(self, name: str, page: Page | None = None) -> None:
        self.save(GUIDE / self.words.code / f"{name}.jpg", page)

    def save(self, target: Path, page: Page | None = None) -> None:
        page = page or self.page
        page.wait_for_load_state("load")
        expect(page.locator("[aria-busy='true'], .htmx-request")).to_have_count(0)
        page.evaluate("document.fonts.ready")
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(target), type="jpeg", quality=78, animations="disabled")
        print(target.relative_to(ROOT), f"{target.stat().st_size // 1024} KB", flush=True)


def ask_in_shop(camera: Camera, page: Page, *, person: str, text: str) -> FrameLocator:
    enter_shop(page, camera.stack, person=person, chinese=camera.words.code == "zh")
    chat = open_chat(page)
    ask(chat, text)
    return chat


def hours(camera: Camera) -> None:
    camera.go("settings/hours/")
    camera.take("settings-hours")


def open_around_the_clock(camera: Camera) -> None:
    """So that no picture shows the shop closed, whenever it is taken."""
    page = camera.go("settings/hours/")
    for field in page.locator("input[name$='_0_opens'], input[name$='_0_closes']").all():
        field.fill("00:00")
    page.locator("form:has(input[name$='_0_opens']) button[type='submit']").first.click()
    expect(page.locator("#toasts .notice")).to_be_visible()


def open_newest_draft(camera: Camera, text: str) -> None:
    row = camera.go("review/").locator("#queue .queue-row", has_text=text).last
    row.click()
    expect(camera.page.locator("#decision")).to_be_visible()


def wait_for_the_model(page: Page) -> None:
    """Give it a minute; a machine that is too busy shows the composed reply alone."""
    busy = page.locator(".model-state use:is([href$='#sparkles'], [href$='#hourglass'])")
    with suppress(TimeoutError):
        busy.first.wait_for(state="detached", timeout=60_000)


def review(camera: Camera) -> None:
    """A draft with its verdict and evidence, the override, and the queue on a phone; then the shopper reads."""
    words, page = camera.words, camera.page
    shopper = camera.new_page()
    chat = ask_in_shop(camera, shopper, person=words.shopper, text=words.refund)
    gift = camera.new_page((1440, 900))
    gift_chat = ask_in_shop(camera, gift, person=words.gift_from, text=words.gift)
    open_newest_draft(camera, words.refund)
    wait_for_the_model(page)
    expect(page.locator("[data-evidence-card^='verdict']")).to_be_visible()
    camera.take("review")
    page.locator("[data-dialog='override-dialog']").click()
    camera.take("review-override")
    page.keyboard.press("Escape")
    _on_a_phone(camera)
    page.locator("#decision button[data-approve]").click()
    expect(chat.locator("#messages [data-author='bot']").first).to_be_visible()
    open_newest_draft(camera, words.gift)
    camera.take("review-cards")
    page.locator("#decision button[data-approve]").click()
    expect(gift_chat.locator("#messages .with-cards").first).to_be_visible()
    camera.take("chat", gift)
    phone = camera.new_page(PHONE, scheme="dark")
    ask_in_shop(camera, phone, person=words.question_from, text=words.question)
    camera.take("chat-phone", phone)


def _on_a_phone(camera: Camera) -> None:
    url = camera.page.url
    phone = camera.new_page(PHONE)
    camera.sign_in(phone, "admin")
    phone.goto(url)
    expect(phone.locator("#decision")).to_be_visible()
    camera.take("review-phone", phone)


def inbox(camera: Camera) -> None:
    """A conversation with a note and its author's clock, what can be done with many, and the dark look."""
    words = camera.words
    page = camera.go(f"commerce/shoppers/?q={words.shopper}")
    camera.follow("main table a")
    page = camera.follow("main a[href*='/inbox/']")
    page.locator("label[for='write-note']").click()
    page.locator("#note-text").fill(words.note)
    page.locator(".composer-note [data-send]").click()
    expect(page.locator("#thread, #conversation").first).to_contain_text(words.note)
    page.locator("label[for='write-reply']").click()
    page.locator("#reply-text").fill(words.reply)
    page.locator("#toasts [data-dismiss]").first.click()
    camera.take("inbox")
    page.locator("#reply-text").fill("")
    page.emulate_media(color_scheme="dark")
    if words.code == "en":
        camera.save(README / "inbox-dark.jpg")
    page.emulate_media(color_scheme="light")
    camera.go("inbox/")
    for box in page.locator(".inbox-check input").all()[:3]:
        box.check()
    camera.take("inbox-bulk")


def knowledge(camera: Camera) -> None:
    page = camera.go("knowledge/")
    camera.take("knowledge")
    camera.follow("main table a")
    camera.take("knowledge-faq")
    page = camera.go("knowledge/test/")
    page.locator("main form.try-form input[name='question'], main form.try-form textarea").first.fill(
        camera.words.question
    )
    page.locator("main form.try-form button[type='submit']").click()
    expect(page.locator("main .trial, main [data-trial], main .trial-answer").first).to_be_visible(timeout=120_000)
    camera.take("knowledge-test")


def policies(camera: Camera) -> None:
    """The live rules, a rule in the editor, the tester with its trace, and what publishing would change."""
    page = camera.go("policies/")
    camera.take("policies")
    camera.go("policies/draft/")
    if page.locator("form[action$='/draft/begin/'] button").count():
        page.locator("form[action$='/draft/begin/'] button").first.click()
        page.wait_for_url("**/policies/draft/**")
    camera.follow("main a[href*='draft/rule/?id=']")
    page.locator("#rule-form input[name$='-value']").first.fill("300")
    page.keyboard.press("Tab")
    expect(page.locator(".rule-aside")).to_contain_text("300")
    camera.take("policies-rule")
    page.locator("#rule-form button.btn-primary[value='save']").click()
    page.wait_for_url("**/policies/draft/#*")
    camera.go("policies/draft/publish/")
    camera.take("policies-publish")
    camera.go(f"policies/test/?order={ORDER}&action=refund&reason=damaged&line-l-1=1#verdicts")
    camera.take("policies-test")
    camera.go("policies/draft/discard/")
    page.locator("main form button[type='submit']").first.click()
    page.wait_for_url(lambda url: "discard" not in url)


def commerce(camera: Camera) -> None:
    page = camera.go(f"recommendations/try/?shopper={SHOPPER}&product={PRODUCT}")
    expect(page.locator("main .offers")).to_be_visible()
    camera.take("recommendations")
    camera.go(f"commerce/products/?q={PRODUCT}")
    camera.follow("main table a")
    camera.take("product")
    camera.go(f"commerce/orders/?q={ORDER}")
    camera.follow("main table a")
    camera.take("order")
    camera.go(f"commerce/shoppers/?q={SHOPPER}")
    camera.follow("main table a")
    camera.take("shopper")
    template = page.request.get(f"{camera.stack.portal}{CONSOLE}commerce/imports/templates/products.csv").text()
    lines = template.strip().splitlines()
    wrong = lines[1].replace("p-9", "p-new").replace("v-91", "v-new").replace("4300", "4.3")
    page = camera.go("commerce/imports/?kind=products")
    page.locator("input[type='file']").set_input_files(
        {"name": "products.csv", "mimeType": "text/csv", "buffer": "\r\n".join([*lines, wrong]).encode()}
    )
    page.locator("main form button[type='submit']").first.click()
    expect(page.locator("form[action$='/confirm/']")).to_be_visible(timeout=120_000)
    camera.take("import")
    page.locator("form[action$='/discard/'] button").click()


def settings(camera: Camera) -> None:
    page = camera.go("settings/storefronts/")
    camera.follow("a[href*='settings/storefronts/']:not([href$='storefronts/']):not([href$='new/'])")
    camera.take("settings-storefront")
    page.goto(page.url.split("?")[0] + "install/")
    camera.take("settings-install")
    for name, path in [
        ("settings-team", "team"),
        ("settings-macros", "macros"),
        ("settings-model", "language-model"),
        ("settings-audit", "audit"),
    ]:
        camera.go(f"settings/{path}/")
        camera.take(name)
    camera.go("settings/canned-replies/")
    camera.follow("main table a")
    camera.take("settings-canned")
    page = camera.go(f"settings/privacy/?q={SHOPPER}")
    camera.follow("main a[href*='privacy/shoppers/']")
    camera.take("settings-privacy")


def overview(camera: Camera) -> None:
    """Home, the palette, the keys and the dashboard, after something has happened."""
    page = camera.go("")
    camera.take("home")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.type(ORDER)
    expect(page.locator("dialog[open]")).to_contain_text(ORDER)
    camera.take("search")
    page.goto(f"{camera.stack.portal}{CONSOLE}review/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    camera.take("keys")
    page = camera.go("analytics/")
    expect(page.locator("main canvas, main svg[role='img'], main [_echarts_instance_]").first).to_be_visible()
    camera.take("analytics")


STEPS: tuple[Callable[[Camera], None], ...] = (review, inbox, knowledge, policies, commerce, settings, overview)


@contextmanager
def _stack(running: list[str] | None) -> Iterator[Stack]:
    if running:
        folder, portal, shop = running
        yield Stack(portal, shop, _accounts(Path(folder)), Path(folder))
        return
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), MODEL_DEADLINE_SECONDS="90") as stack:
        yield stack


def main() -> None:
    expect.set_options(timeout=90_000)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--running", nargs=3, metavar=("FOLDER", "PORTAL", "SHOP"))
    parser.add_argument("--only", nargs="*", choices=[step.__name__ for step in STEPS])
    parser.add_argument("--language", nargs="*", choices=["en", "zh"], default=["en", "zh"])
    options = parser.parse_args()
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with _stack(options.running) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        cameras = [Camera(browser, stack, words) for words in (ENGLISH, CHINESE) if words.code in options.language]
        for camera in cameras:
            camera.sign_in(camera.page)
            hours(camera)
        open_around_the_clock(cameras[0])
        for camera in cameras:
            for step in STEPS:
                if not options.only or step.__name__ in options.only:
                    step(camera)
        browser.close()


if __name__ == "__main__":
    main()
