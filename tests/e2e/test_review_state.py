"""What happens under a reviewer's hands: decisions of colleagues and their own, taken back or not."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import APIResponse, FrameLocator, Page, Route, expect

from tests.e2e.conftest import NewContext, Watch
from tests.e2e.people import ask, ask_as_a_guest, enter_shop, open_chat, open_draft, sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def mark() -> str:
    """A name that nobody else is called by, to find one's own drafts."""
    return "".join(secrets.choice("bdfgklmnprst") + secrets.choice("aeiou") for _ in range(4))


def _asked(new_context: NewContext, stack: Stack, *texts: str) -> list[FrameLocator]:
    return [ask_as_a_guest(new_context().new_page(), stack, text) for text in texts]


def _open_id(page: Page) -> str:
    return page.locator(".workspace").get_attribute("data-draft") or ""


def _moved(page: Page, draft: str) -> None:
    """As the live stream tells it."""
    page.evaluate("name => document.body.dispatchEvent(new CustomEvent(name, { detail: {} }))", f"draft:moved:{draft}")


def _rejects(page: Page) -> None:
    page.keyboard.press("r")
    page.locator("#reject-dialog [name=reason][value=tone]").check()
    page.locator("#reject-dialog button[type=submit]").click()


def test_news_of_the_last_draft_calls_nobody_back_from_the_next(
    stack: Stack, new_context: NewContext, mark: str
) -> None:
    _asked(new_context, stack, f"Do you ship to Norway, {mark}?", f"Do you ship to Sweden, {mark}?")
    page = new_context().new_page()
    sign_in(page, stack)
    expect(page.locator("#queue .queue-row", has_text=f"ship to Sweden, {mark}")).to_be_visible(timeout=60_000)
    first = open_draft(page, f"ship to Norway, {mark}")
    late: list[Route] = []
    page.route(f"**/{first}/status/**", lambda route: late.append(route))
    with page.expect_request(re.compile(f"{first}/status/")):
        _moved(page, first)
    page.keyboard.press("a")
    expect(page.locator(f'.workspace[data-draft="{first}"]')).to_have_count(0)
    second = _open_id(page)
    with page.expect_response(re.compile(f"{first}/status/")):
        late[0].continue_()
    page.wait_for_timeout(600)
    assert _open_id(page) == second


def test_news_that_overtakes_the_answer_to_a_decision_calls_nobody_back(
    stack: Stack, new_context: NewContext, mark: str
) -> None:
    _asked(new_context, stack, f"Do you ship to Denmark, {mark}?", f"Do you ship to Finland, {mark}?")
    page = new_context().new_page()
    sign_in(page, stack)
    expect(page.locator("#queue .queue-row", has_text=f"ship to Finland, {mark}")).to_be_visible(timeout=60_000)
    first = open_draft(page, f"ship to Denmark, {mark}")
    held: list[tuple[Route, APIResponse]] = []
    page.route(f"**/{first}/approve/", lambda route: held.append((route, route.fetch())))
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: told.append(response.url))
    page.keyboard.press("a")
    while not held:
        page.wait_for_timeout(50)
    told.clear()
    _moved(page, first)
    while not any(f"{first}/status/" in url for url in told):
        page.wait_for_timeout(50)
    page.wait_for_timeout(400)
    assert not [url for url in asked if url.split("?")[0].endswith(f"/review/{first}/")]
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(page.locator(f'.workspace[data-draft="{first}"]')).to_have_count(0)
    page.wait_for_timeout(600)
    assert _open_id(page) != first


def test_z_takes_the_newest_back_and_leaves_the_draft_at_hand_with_its_text(
    stack: Stack, new_context: NewContext, mark: str
) -> None:
    texts = tuple(f"Is the {what} good, {mark}?" for what in ("clay", "glaze", "wood"))
    _asked(new_context, stack, *texts)
    page = new_context().new_page()
    sign_in(page, stack)
    expect(page.locator("#queue .queue-row", has_text=texts[2])).to_be_visible(timeout=60_000)
    open_draft(page, texts[0])
    ids = {text: page.locator("#queue .queue-row", has_text=text).get_attribute("data-draft") for text in texts}
    _rejects(page)
    expect(page.locator("#toasts .notice", has_text="Rejected")).to_be_visible()
    rejected = page.locator(f"#row-{ids[texts[0]]}")
    expect(rejected).to_contain_text("needs your words")
    expect(page.locator(f'.workspace[data-draft="{ids[texts[1]]}"]')).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("#toasts .notice", has_text="Approved")).to_have_count(0)
    expect(page.locator("#toasts .notice", has_text="Taken back")).to_have_count(1)
    expect(page.locator(f"#row-{ids[texts[1]]}")).to_be_visible()

    expect(page.locator(f'.workspace[data-draft="{ids[texts[2]]}"]')).to_be_visible()
    page.keyboard.press("e")
    page.locator("#reply-text").fill("Words of mine")
    page.locator("#reply-text").press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#toasts .notice", has_text="Rejected")).to_have_count(0)
    expect(rejected).not_to_contain_text("needs your words")
    assert _open_id(page) == ids[texts[2]]
    expect(page.locator("#reply-text")).to_have_value("Words of mine")
    page.keyboard.press("o")
    expect(page.locator(f'.workspace[data-draft="{ids[texts[0]]}"]')).to_be_visible()
    expect(page.locator("#decision .reply")).to_be_visible()
    open_draft(page, texts[2])
    expect(page.locator("#reply-text")).to_have_value("Words of mine")
    page.locator("[data-edit-button]").click()


def test_typed_text_is_there_to_copy_when_a_colleague_was_first(
    stack: Stack, new_context: NewContext, watch: Watch, mark: str
) -> None:
    watch.expected = ("409",)
    _asked(new_context, stack, f"May I bring my dog, {mark}?")
    mine, theirs = new_context().new_page(), new_context().new_page()
    sign_in(mine, stack, role="operator")
    sign_in(theirs, stack)
    open_draft(mine, f"bring my dog, {mark}")
    mine.keyboard.press("e")
    mine.locator("#reply-text").fill("Of course, dogs are welcome.\nMine is asleep here.")
    open_draft(theirs, f"bring my dog, {mark}")
    theirs.get_by_role("button", name="Take it over").click()
    expect(theirs.locator("#draft-status")).to_contain_text("You are handling this")
    theirs.keyboard.press("a")
    expect(theirs.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    mine.locator("#reply-text").press("Control+Enter")
    kept = mine.locator("#kept-text")
    expect(kept).to_have_text("Of course, dogs are welcome.\nMine is asleep here.")
    mine.get_by_role("button", name="Copy the text").click()
    expect(mine.get_by_role("button", name=re.compile("Copied|Selected"))).to_be_visible()


def test_an_override_writes_anew_and_carries_typed_words_over(stack: Stack, new_context: NewContext, mark: str) -> None:
    shopper = new_context().new_page()
    enter_shop(shopper, stack, person="s-001")
    ask(open_chat(shopper), f"My mug in order 10801 came broken, money back please, {mark}.")
    page = new_context().new_page()
    sign_in(page, stack)
    open_draft(page, mark)
    old = page.locator("#decision .reply").inner_text()
    page.keyboard.press("e")
    page.locator("#reply-text").fill("Half of my thoughts")
    page.locator("#reply-text").press("Escape")
    page.get_by_role("button", name="Override verdict").first.click()
    dialog = page.locator("#override-dialog")
    dialog.locator("[name=outcome][value=allow]").check()
    dialog.locator("[name=amount]").fill("12.30")
    dialog.locator("[name=reason]").fill("The photo came by e-mail")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".effect")).to_contain_text("¥12.30")
    expect(page.locator("#reply-text")).to_have_value("Half of my thoughts")
    # The old words may be shown once more before the new ones are there.
    for _ in range(60):
        if page.locator("[data-carried]").is_visible():
            break
        if (shown := page.get_by_role("link", name="Show it")).is_visible():
            shown.click()
        page.wait_for_timeout(500)
    expect(page.locator("[data-carried]")).to_be_visible()
    expect(page.locator("#reply-text")).to_have_value("Half of my thoughts")
    page.locator("[data-edit-button]").click()
    expect(page.locator("#decision .reply")).to_contain_text("¥12.30")
    assert page.locator("#decision .reply").inner_text() != old


def test_g_goes_and_d_drafts_anew(stack: Stack, new_context: NewContext, mark: str) -> None:
    _asked(new_context, stack, f"Are lamps dimmable, {mark}?")
    page = new_context().new_page()
    sign_in(page, stack)
    open_draft(page, f"lamps dimmable, {mark}")
    with page.expect_response(re.compile("/regenerate/")):
        page.keyboard.press("d")
    page.keyboard.press("g")
    page.keyboard.press("k")
    page.wait_for_url("**/knowledge/**")


def test_news_that_comes_before_the_answer_which_does_not_know_it_is_not_missed(
    stack: Stack, new_context: NewContext, mark: str
) -> None:
    """The draft is made anew after the answer to another deed was written and before that answer is shown."""
    _asked(new_context, stack, f"Do you ship to Iceland, {mark}?")
    page = new_context().new_page()
    sign_in(page, stack)
    draft = open_draft(page, f"ship to Iceland, {mark}")
    held: list[tuple[Route, APIResponse]] = []
    page.route(f"**/{draft}/note/", lambda route: held.append((route, route.fetch())))
    page.keyboard.press("n")
    page.locator("#dialog-internal-note").fill("Ask the warehouse")
    page.locator("#note-dialog button[type=submit]").click()
    while not held:
        page.wait_for_timeout(50)
    _moved(page, draft)
    page.wait_for_timeout(1000)
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(page.locator("#toasts .notice", has_text="Noted")).to_be_visible()
    for _ in range(100):
        if any(f"{draft}/status/" in url for url in told):
            break
        page.wait_for_timeout(50)
    assert any(f"{draft}/status/" in url for url in told)


def test_a_refused_text_comes_back_with_the_draft_that_a_colleague_takes_back(
    stack: Stack, new_context: NewContext, watch: Watch, mark: str
) -> None:
    watch.expected = ("409",)
    _asked(new_context, stack, f"Do you ship to Iceland, {mark}?")
    mine, theirs = new_context().new_page(), new_context().new_page()
    sign_in(mine, stack)
    sign_in(theirs, stack, role="owner")
    draft = open_draft(mine, f"ship to Iceland, {mark}")
    mine.keyboard.press("e")
    mine.locator("#reply-text").fill("Words of mine")
    open_draft(theirs, f"ship to Iceland, {mark}")
    theirs.get_by_role("button", name="Take it over").click()
    expect(theirs.locator(".claim-line")).to_contain_text("You are handling this")
    theirs.keyboard.press("a")
    expect(theirs.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    mine.locator("#reply-text").press("Control+Enter")
    expect(mine.locator("#kept-text")).to_have_text("Words of mine")
    theirs.keyboard.press("z")
    expect(mine.locator("#reply-text")).to_have_value("Words of mine", timeout=15_000)
    assert _open_id(mine) == draft
