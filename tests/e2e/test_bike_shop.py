"""A shop moves in with what its old bot knew and learns what that did not: a story from the file to the reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import NewContext
from tests.e2e.people import ask_as_a_guest, open_draft, sign_in
from tests.e2e.stack import Stack, running_stack

BIKES = Path(__file__).resolve().parents[3] / "shared" / "data" / "dialogflow_bike_shop"
SHOWERS = (
    "Do you have showers for commuters?",
    "Is there a shower for people who commute by bike?",
    "Can commuters take a shower at your shop?",
)
REPLY = "Yes, there are two showers behind the workshop, free for commuters from 7 to 10 in the morning."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not BIKES.exists(), reason="the bike shop's files are not beside this checkout"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A product of its own: bicycles have no place in the other tests' shop."""
    with running_stack(tmp_path_factory.mktemp("bikes")) as stack:
        yield stack


@pytest.fixture(scope="module")
def storage(shop: Stack, browser: Browser) -> object:
    context = browser.new_context(locale="en-US")
    sign_in(context.new_page(), shop, role="owner")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def desk(shop: Stack, storage: object, new_context: NewContext) -> Page:
    return new_context(storage_state=storage).new_page()


def go(page: Page, shop: Stack, path: str) -> None:
    page.goto(f"{shop.portal}/console/fernhill/{path}")


def upload(page: Page, shop: Stack, name: str) -> None:
    go(page, shop, "knowledge/import/")
    page.locator("input[type=file]").set_input_files(BIKES / name)
    page.get_by_role("button", name="Upload and check").click()


def import_as_drafts(page: Page, count: int) -> None:
    page.get_by_role("button", name=f"Import {count} FAQ").click()
    expect(page.locator(".banner-title")).to_contain_text(f"{count} FAQs were imported", timeout=60_000)


def publish_all_ticked(page: Page) -> None:
    """What was ticked goes live, after the regression set was asked where it has questions."""
    page.locator(".import-bulk").get_by_role("button", name="Publish").click()
    anyway = page.get_by_role("button", name="Publish", exact=False).first
    notice = page.locator("#toasts .notice", has_text="ublished")
    expect(notice.or_(anyway).first).to_be_visible(timeout=60_000)
    if not notice.count():
        anyway.click()
    expect(notice.first).to_be_visible(timeout=60_000)


def trial(page: Page, shop: Stack, question: str) -> Locator:
    """The bot's answer to a question that an operator tries."""
    go(page, shop, "knowledge/test/")
    page.locator("#id_question").fill(question)
    page.locator(".try-form button[type=submit]").click()
    answer = page.locator(".trial-answer")
    expect(answer).to_be_visible(timeout=60_000)
    return answer


def test_the_agent_arrives_with_a_report_and_what_it_lacks_is_mended(desk: Page, shop: Stack) -> None:
    upload(desk, shop, "BikeShopAgent.zip")
    expect(desk.get_by_role("button", name=re.compile("Import . FAQ"))).to_be_visible(timeout=60_000)
    lost = desk.locator(".notices-lost")
    expect(lost).to_contain_text("Make Appointment")
    count = int(re.findall(r"\d+", desk.get_by_role("button", name=re.compile("Import . FAQ")).inner_text())[0])
    import_as_drafts(desk, count)

    open_points = desk.locator(".notices-open")
    expect(open_points).to_contain_text("places that another system fills")
    open_points.get_by_role("link", name="Make Appointment - custom").click()
    desk.locator("#id_answer_en").fill("Call us or come by: we book tune-ups and repairs for any day but Sunday.")
    desk.locator("#faq-form").get_by_role("button", name="Publish").click()
    expect(desk.locator(".side-states")).to_contain_text("Published", timeout=60_000)


def test_the_list_arrives_is_published_and_answers_in_both_languages(desk: Page, shop: Stack) -> None:
    upload(desk, shop, "bike-shop-faq.csv")
    expect(desk.get_by_role("heading", name="Which column is which?")).to_be_visible(timeout=60_000)
    desk.get_by_role("button", name="Check the file").click()
    expect(desk.get_by_role("button", name=re.compile("Import 25 FAQ"))).to_be_visible(timeout=60_000)
    import_as_drafts(desk, 25)
    desk.locator("[data-selection-all]").check()
    publish_all_ticked(desk)

    expect(trial(desk, shop, "is my dog allowd in the shop")).to_contain_text("We love dogs at the shop")
    chinese = trial(desk, shop, "可以带狗进你们的店吗")
    expect(desk.locator(".hit-table tbody tr").first).to_contain_text("Can I bring my dog into your shop?")
    expect(chinese).to_contain_text("Chinese")


def test_what_nobody_answered_becomes_an_faq_and_the_next_shopper_is_answered(
    desk: Page, shop: Stack, new_context: NewContext
) -> None:
    for question in SHOWERS:
        guest = ask_as_a_guest(new_context().new_page(), shop, question)
        go(desk, shop, "review/")
        open_draft(desk, question)
        desk.keyboard.press("e")
        desk.locator("#reply-text").fill(REPLY)
        desk.locator("#decision button[data-approve]").click()
        expect(guest.locator("#messages > li").last).to_contain_text("two showers", timeout=60_000)

    go(desk, shop, "knowledge/gaps/")
    look = desk.get_by_role("button", name="Look for gaps now")
    expect(look).to_be_enabled(timeout=180_000)  # a new shop looks by itself at first
    look.click()
    gap = desk.locator(".gap-table a", has_text="shower")
    expect(gap).to_have_count(1, timeout=120_000)
    gap.click()
    expect(desk.locator(".question-text")).to_have_count(3)
    desk.get_by_role("button", name="Draft an FAQ from colleagues").click()
    expect(desk.locator("#id_answer_en")).to_have_value(REPLY, timeout=120_000)
    desk.locator("#faq-form").get_by_role("button", name="Publish").click()
    expect(desk.locator(".side-states")).to_contain_text("Published", timeout=60_000)

    late = "hey, could i shower at your place after my commute?"
    guest = ask_as_a_guest(new_context().new_page(), shop, late)
    go(desk, shop, "review/")
    open_draft(desk, late)
    expect(desk.locator("#decision .reply")).to_contain_text("two showers behind the workshop")
    desk.keyboard.press("a")
    expect(guest.locator("#messages > li").last).to_contain_text("two showers behind the workshop", timeout=60_000)
