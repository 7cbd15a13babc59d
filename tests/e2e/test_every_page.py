"""Every page of the console that links lead to: both languages, wide and narrow, light and dark.

No serious accessibility fault, nothing that scrolls sideways, no CSP violation, no error in the browser's console.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.crawl import crawl
from tests.e2e.conftest import NewContext, save
from tests.e2e.people import sign_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(1200)]

SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 360, "height": 740}}
SCHEMES = ("light", "dark")


def _faults(page: Page, name: str) -> list[str]:
    """Accessibility faults of a serious kind, in both sizes and schemes, and sideways scrolling."""
    faults = []
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 1:
            faults.append(f"{name} {size}: scrolls sideways by {wider} px")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            save(page, f"{name.replace(':', '-')}-{size}-{scheme}")
            for violation in _axe(page):
                if violation["impact"] in {"serious", "critical"}:
                    where = [node["target"] for node in violation["nodes"]][:3]
                    faults.append(f"{name} {size} {scheme}: {violation['id']} {where}")
    return faults


def _axe(page: Page) -> list[dict[str, Any]]:
    """What axe finds. It leaves style attributes behind, which our policy rightly refuses once htmx copies them."""
    page.evaluate("document.querySelectorAll('[style]').forEach(element => (element.styled = true))")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    page.evaluate(
        "document.querySelectorAll('[style]').forEach(element => element.styled || element.removeAttribute('style'))"
    )
    return found


@pytest.mark.parametrize("chinese", [False, True], ids=["en", "zh"])
def test_every_page_is_sound(stack: Stack, new_context: NewContext, chinese: bool) -> None:
    page = new_context(locale="zh-CN" if chinese else "en-US", reduced_motion="reduce").new_page()
    sign_in(page, stack, role="owner", chinese=chinese)
    faults: list[str] = []

    def visit(name: str, path: str) -> list[str]:
        if "html" not in page.request.get(stack.portal + path).headers.get("content-type", ""):
            return []  # a download
        response = page.goto(stack.portal + path)
        assert response is not None
        if response.status != 200:
            faults.append(f"{name}: HTTP {response.status}")
        language = page.locator("html").get_attribute("lang")
        if language != ("zh-Hans" if chinese else "en"):
            faults.append(f"{name}: in {language}")
        faults.extend(_faults(page, f"{'zh' if chinese else 'en'}-{name}"))
        page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]
        return page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")

    names = list(crawl("/console/fernhill/", visit))
    assert len(names) > 20
    assert not faults, "\n".join(faults)
