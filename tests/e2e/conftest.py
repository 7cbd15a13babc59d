"""One running product and one Chromium for all browser tests; every page is watched for what must not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.conftest import CHROMIUM_NAMES
from tests.e2e.stack import Stack, running_stack

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("portal")) as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(found for name in CHROMIUM_NAMES if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


class Watch:
    """Collects console errors, script errors and CSP violations of every page of a context."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.expected: tuple[str, ...] = ()

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        refused = "Content Security Policy" in message.text or "Refused to" in message.text
        if (message.type == "error" or refused) and not any(text in message.text for text in self.expected):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.problems == []


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser, watch: Watch) -> Iterator[NewContext]:
    """Make a browser context (a person's own browser) that is watched."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        given: dict[str, object] = {"locale": "en-US", "viewport": {"width": 1440, "height": 900}, **options}
        context = browser.new_context(**given)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        watch.over(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


def save(page: Page, name: str) -> None:
    """Keep a picture where ``E2E_PICTURES`` says, for people to look at."""
    if folder := os.environ.get("E2E_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
