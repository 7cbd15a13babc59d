"""How somebody works a page: by mouse, by keys alone, or by mouse in a browser without scripts.

A test says once what is done (``press``, ``write``, ``choose`` …) and asserts what is seen; it runs in all three ways.
By keys nothing is clicked: a control is reached by Tab as a person would reach it, so what Tab cannot reach fails.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from urllib.parse import quote_plus

from playwright.sync_api import Locator, Page, expect

from tests.e2e.stack import Stack

WAYS = ("mouse", "keys", "no-scripts")
MOST_TABS = 300

#: How many Tabs lie between the focus and the control, as far as one can tell; None while nothing has the focus.
_DISTANCE = """target => {
  if (document.activeElement === target) return 0;
  const room = document.querySelector("dialog[open]") ?? document;
  const passed = (one) => one.type === "radio" && !one.checked && one !== target
    && one.form?.querySelector(`[type=radio][name="${CSS.escape(one.name)}"]:checked`);
  const stops = [...room.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) && !passed(one));
  const at = stops.indexOf(document.activeElement);
  return at < 0 ? null : stops.indexOf(target) - at;
}"""
_STEPS = """(select, label) => {
  const options = [...select.options].filter((option) => !option.disabled);
  return options.findIndex((option) => option.label.trim() === label) - options.indexOf(select.selectedOptions[0]);
}"""


class Hands:
    """One person at the console. ``mark`` is a word that no other test writes."""

    def __init__(self, page: Page, stack: Stack, way: str) -> None:
        self.page, self.stack, self.way = page, stack, way
        self.keys, self.scripts = way == "keys", way != "no-scripts"
        self.mark = f"q{secrets.token_hex(3)}"

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.stack.portal}/console/fernhill/{path}")

    def press(self, target: Locator) -> None:
        """A button, a link, a summary."""
        if self.keys:
            self.reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def button(self, name: str, within: Locator | None = None) -> None:
        self.press((within or self.page.locator("body")).get_by_role("button", name=name).first)

    def link(self, name: str, within: Locator | None = None) -> None:
        self.press((within or self.page.locator("main")).get_by_role("link", name=name).first)

    def shortcut(self, key: str, target: Locator) -> None:
        """What one letter does, where scripts and keys are at hand; else the control that has the letter."""
        if self.keys:
            expect(target).to_be_visible()
            self.page.keyboard.press(key)
        else:
            target.click()

    def undo(self) -> None:
        """Take the last deed back by its notice, and wait until that was answered."""
        button = self.page.locator("#toasts button", has_text="Undo").last
        swaps = self.scripts and button.locator("xpath=ancestor::form").get_attribute("hx-post") is not None
        posted = self.page.expect_response(lambda answer: answer.request.method == "POST")
        with posted if swaps else self.page.expect_navigation():
            self.shortcut("z", button)

    def told(self, words: str) -> None:
        """A notice says so."""
        expect(self.page.locator("#toasts .notice", has_text=words).first).to_be_visible()

    def write(self, target: Locator, text: str) -> None:
        if not self.keys:
            target.fill(text)
            return
        self.reach(target)
        if target.get_attribute("type") == "date":
            year, month, day = text.split("-")
            self.page.keyboard.type(month + day + year)
            return
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def search(self, field: Locator, words: str) -> None:
        """Write into a search field and let it search. Typing searches by itself too, so two loads may overtake."""
        name = field.get_attribute("name")
        self.write(field, words)
        field.press("Enter")
        expect(self.page).to_have_url(re.compile(rf"[?&]{name}={re.escape(quote_plus(words))}(&|$)"))

    def choose(self, select: Locator, label: str) -> None:
        """An option by its words. By keys step by step, which must not lose the way where each step loads the page."""
        if not self.keys:
            select.select_option(label=label)
            return
        self.reach(select)
        while steps := select.evaluate(_STEPS, label):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
            self.page.wait_for_load_state()

    def spell(self, select: Locator, label: str) -> None:
        """An option by typing its words, as fast as people do; every letter chooses anew."""
        if not self.keys:
            select.select_option(label=label)
            return
        self.reach(select)
        self.page.keyboard.type(label, delay=90)

    def tick(self, box: Locator, *, on: bool = True) -> None:
        if not self.keys:
            box.set_checked(on)
            return
        self.reach(box)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked(checked=on)

    def put_file(self, field: Locator, file: Path) -> None:
        """Through the browser's own dialog, which a key opens as well as a click."""
        with self.page.expect_file_chooser() as opened:
            if self.keys:
                self.reach(field)
                self.page.keyboard.press("Space")
            else:
                field.click()
        opened.value.set_files(file)

    def reach(self, target: Locator) -> None:
        """Tab to it."""
        expect(target).to_be_visible()
        pressed = 0
        while pressed < MOST_TABS:
            distance = target.evaluate(_DISTANCE)
            if distance == 0:
                return
            count = 1 if distance is None else min(abs(distance), 40)
            for _ in range(count):
                self.page.keyboard.press("Shift+Tab" if distance is not None and distance < 0 else "Tab")
            pressed += count
        raise AssertionError(f"Tab does not reach {target}")

    def wait_for(self, seen: Locator, *, again: str, seconds: int = 60) -> None:
        """Until it is there: by itself where scripts run, else by looking again at ``again``."""
        if self.scripts:
            expect(seen).to_be_visible(timeout=seconds * 1000)
            return
        for _ in range(seconds):
            if seen.count():
                return
            self.page.wait_for_timeout(1000)
            self.page.goto(again)
        expect(seen).to_be_visible()
