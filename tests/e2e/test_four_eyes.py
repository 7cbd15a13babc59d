"""Two people in two browsers: what one agrees to waits, and leaves when the other agrees to the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, save
from tests.e2e.people import ask, enter_shop, open_chat, open_draft, sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def admin(stack: Stack, new_context: NewContext) -> Iterator[Page]:
    """Wants two people for every amount, until the test is over."""
    page = new_context().new_page()
    sign_in(page, stack)
    settings = f"{stack.portal}/console/fernhill/settings/second-approval/"
    page.goto(settings)
    page.locator("#id_above").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Two people above ¥0.00")
    save(page, "second-approval-settings")
    yield page
    page.goto(settings)
    page.get_by_role("button", name="Lift").click()
    expect(page.locator("main")).to_contain_text("No limit yet")


def test_a_cancellation_takes_two(admin: Page, stack: Stack, new_context: NewContext) -> None:
    shopper = new_context(locale="zh-CN").new_page()
    enter_shop(shopper, stack, person="s-014", chinese=True)
    chat = open_chat(shopper)
    operator = new_context().new_page()
    sign_in(operator, stack, role="operator")
    ask(chat, "请取消订单 10816，我买错了")

    open_draft(operator, "请取消订单 10816")
    approve = operator.locator("#decision button[data-approve]")
    expect(approve).to_contain_text("Approve first")
    draft_url = operator.url
    operator.keyboard.press("a")
    expect(operator.locator("#toasts .notice", has_text="until a colleague agrees")).to_be_visible()
    operator.goto(draft_url)
    expect(operator.locator("#draft-status")).to_contain_text("You agreed to this; a colleague has to, too")
    expect(approve).to_be_disabled()
    save(operator, "second-approval-first")
    shopper.reload()
    expect(shopper.frame_locator("iframe[src*='/chat/']").locator("#messages")).not_to_contain_text("已取消")

    admin.goto(f"{stack.portal}/console/fernhill/review/?who=second")
    expect(admin.locator("#queue .queue-row", has_text="agreed; one more needed")).to_have_count(1)
    open_draft(admin, "请取消订单 10816")
    expect(admin.locator("#draft-status")).to_contain_text("agreed to this; it needs one more person")
    save(admin, "second-approval-second")
    admin.keyboard.press("a")
    expect(admin.locator("#toasts .notice", has_text="Approved")).to_be_visible()
    shopper.goto(f"{stack.shop}/orders/")
    order = shopper.locator("article, tr, li", has_text="10816").first
    for _each in range(60):
        if order.get_by_text("已取消").count():
            break
        shopper.wait_for_timeout(500)
        shopper.reload()
    expect(order).to_contain_text("已取消")
