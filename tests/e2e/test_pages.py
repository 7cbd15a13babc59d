"""Every page of the artery: no serious accessibility fault, no overflow at 360 px, in both languages and schemes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import NewContext, save
from tests.e2e.people import ask, enter_shop, open_chat, open_draft, sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models]

SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 360, "height": 740}}


def _sound(page: Page, name: str) -> None:
    save(page, name)
    found = Axe().run(page).response["violations"]
    serious = [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']][:3]}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == [], name
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 1, f"{name} scrolls sideways by {wider} px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chinese", [False, True], ids=["en", "zh"])
def test_pages_are_sound(stack: Stack, new_context: NewContext, chinese: bool, size: str, scheme: str) -> None:
    options = {"viewport": SIZES[size], "color_scheme": scheme, "locale": "zh-CN" if chinese else "en-US"}
    name = f"{'zh' if chinese else 'en'}-{size}-{scheme}"
    shopper = new_context(**options).new_page()
    enter_shop(shopper, stack, person="s-005" if chinese else "s-006", chinese=chinese)
    _sound(shopper, f"shop-{name}")
    chat = open_chat(shopper)
    question = f"{'我的包裹到哪了？' if chinese else 'Where is my parcel?'} {name}"
    ask(chat, question)

    operator = new_context(**options).new_page()
    operator.goto(f"{stack.portal}/accounts/login/")
    if chinese:
        operator.get_by_role("button", name="中文").first.click()
    _sound(operator, f"sign-in-{name}")
    sign_in(operator, stack, chinese=chinese)
    _sound(operator, f"queue-{name}")
    open_draft(operator, name)
    _sound(operator, f"draft-{name}")
    save(shopper, f"chat-{name}")
    operator.goto(f"{stack.portal}/console/fernhill/settings/storefronts/")
    _sound(operator, f"storefronts-{name}")
    operator.locator(".storefront-list a").first.click()
    _sound(operator, f"storefront-{name}")
    operator.goto(f"{stack.portal}/accounts/2fa/")
    _sound(operator, f"mfa-{name}")
