"""What the editor of FAQs shows while one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, SignedIn
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_language_is_missing_until_it_has_a_question_and_an_answer(
    stack: Stack, new_context: NewContext, signed_in: SignedIn
) -> None:
    page = new_context(storage_state=signed_in("owner")).new_page()
    page.goto(f"{stack.portal}/console/fernhill/knowledge/new/")
    chinese = page.locator('[data-pane="zh-hans"]').get_by_text("Missing", exact=True)
    english = page.locator('[data-pane="en"]').get_by_text("Missing", exact=True)
    expect(chinese).to_be_visible()
    page.locator('[name="question_zh-hans"]').fill("可以刻字吗")
    expect(chinese).to_be_visible()
    page.locator('[name="answer_zh-hans"]').fill("可以。")
    expect(chinese).to_be_hidden()
    expect(english).to_be_visible()
    page.locator('[name="question_zh-hans"]').fill(" ")
    expect(chinese).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    mark = page.get_by_role("button", name="Chinese").locator('[data-missing="zh-hans"]')
    expect(mark).to_be_visible()
    page.get_by_role("button", name="Chinese").click()
    page.locator('[name="question_zh-hans"]').fill("可以刻字吗")
    expect(mark).to_be_hidden()
