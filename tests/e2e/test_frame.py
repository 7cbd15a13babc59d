"""What all pages of the console share: sections by key, the palette, the list of keys, life without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, Watch
from tests.e2e.people import sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def home(stack: Stack, new_context: NewContext) -> Page:
    page = new_context().new_page()
    sign_in(page, stack, role="owner")
    page.goto(f"{stack.portal}/console/fernhill/")
    return page


def test_g_and_a_letter_go_to_a_section(home: Page) -> None:
    home.keyboard.press("g")
    home.keyboard.press("i")
    home.wait_for_url("**/inbox/**")


def test_the_palette_goes_to_a_page_by_its_name(home: Page) -> None:
    home.keyboard.press("Control+k")
    home.keyboard.type("audit")
    expect(home.locator("#palette .palette-item[aria-selected=true]")).to_have_text(re.compile("Audit log"))
    home.keyboard.press("Enter")
    home.wait_for_url("**/audit/**")


def test_the_palette_finds_an_order_by_its_number(home: Page) -> None:
    home.keyboard.press("Control+k")
    home.keyboard.type("#10801")
    found = home.locator("#palette-found .palette-item", has_text="#10801")
    expect(found).to_be_visible()
    expect(found).to_have_attribute("aria-selected", "true")
    home.keyboard.press("Enter")
    home.wait_for_url("**/commerce/orders/**")
    expect(home.get_by_role("heading", level=1)).to_contain_text("10801")


def test_escape_closes_the_palette_and_gives_the_focus_back(home: Page) -> None:
    opener = home.locator(".find")
    opener.focus()
    home.keyboard.press("Enter")
    expect(home.locator("#palette input")).to_be_focused()
    home.keyboard.press("Escape")
    expect(home.locator("#palette")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_keys_are_off_while_one_types(home: Page) -> None:
    home.goto(home.url + "search/")
    home.locator("main [type=search]").focus()
    home.keyboard.type("gi?")
    expect(home.locator("main [type=search]")).to_have_value("gi?")
    expect(home.locator("#keys")).not_to_be_visible()


def test_a_question_mark_shows_the_keys(home: Page) -> None:
    home.keyboard.press("?")
    expect(home.locator("#keys")).to_be_visible()
    home.keyboard.press("Escape")
    expect(home.locator("#keys")).not_to_be_visible()


def test_search_and_sections_work_without_scripts(stack: Stack, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, stack, role="owner")
    page.locator(".find").click()
    page.locator("main [type=search]").fill("10801")
    page.locator("main [type=search]").press("Enter")
    page.locator("main .palette-item", has_text="#10801").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("10801")


def test_an_age_is_a_sentence_and_the_moment_stands_in_its_title(home: Page) -> None:
    age = home.locator("time[data-ago]").first
    expect(age).to_have_text(re.compile(r"^(now|\d+ (sec|min|hr|day)s?\.? ago|\w{3} \d+, \d{4}, \d\d:\d\d)$"))
    expect(age).to_have_attribute("title", re.compile(r"^\w{3} \d+, \d{4}, \d\d:\d\d$"))


def test_the_palette_says_that_it_found_nothing_and_enter_searches(home: Page) -> None:
    home.keyboard.press("Control+k")
    home.keyboard.type("zzqx")
    expect(home.locator("#palette [data-palette-none]")).to_be_visible()
    home.keyboard.press("Enter")
    home.wait_for_url("**/search/?q=zzqx")
    expect(home.locator("main")).to_contain_text("Nothing found")


def test_a_slash_reaches_the_search_of_the_inbox(home: Page) -> None:
    home.goto(home.url + "inbox/")
    home.keyboard.press("/")
    expect(home.locator(".inbox-head [type=search]")).to_be_focused()


def test_the_open_tab_is_in_sight_on_a_phone(home: Page) -> None:
    home.set_viewport_size({"width": 360, "height": 740})
    home.goto(home.url + "policies/simulations/")
    expect(home.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


def test_a_size_that_one_gave_a_field_is_not_carried_across_a_swap(home: Page) -> None:
    """The browser writes it into the element's style, which a swap may not copy: the policy of contents refuses it."""
    home.goto(home.url + "inbox/?state=any")
    rows = home.locator("#queue .queue-row")
    rows.nth(0).click()
    note = home.locator("#note-text")
    expect(note).to_be_attached()
    first = home.url
    note.evaluate("field => { field.style.height = '99px' }")
    rows.nth(1).click()
    expect(home).not_to_have_url(first)
    expect(home.locator("#note-text")).to_be_attached()
    assert home.locator("#note-text").get_attribute("style") is None


@pytest.mark.parametrize("room", ["commerce/orders/", "recommendations/"])
def test_a_classic_scroll_bar_on_a_phone_leaves_the_frame_its_place(home: Page, room: str) -> None:
    home.set_viewport_size({"width": 345, "height": 740})
    home.goto(home.url + room)
    assert home.evaluate("document.documentElement.scrollWidth") <= 345


def test_names_of_what_is_bought_together_keep_their_words_on_a_phone(home: Page) -> None:
    home.set_viewport_size({"width": 360, "height": 740})
    home.goto(home.url + "commerce/products/?q=cup")
    home.locator("main tbody a").first.click()
    name = home.locator("[aria-labelledby=together-title] .plain-list li > span:first-child").first
    assert (name.bounding_box() or {})["width"] > 150


def test_the_notice_of_a_portal_that_cannot_be_reached_goes_once_it_can(home: Page, watch: Watch) -> None:
    watch.expected = ("net::ERR_FAILED", "htmx:")
    home.goto(home.url + "inbox/")
    home.route("**/inbox/**", lambda route: route.abort())
    row = home.locator(".queue-row").first
    row.click()
    notice = home.locator("#toasts .notice-error")
    expect(notice).to_be_visible()
    home.unroute("**/inbox/**")
    row.click()
    expect(notice).to_have_count(0, timeout=3000)
