"""One running product and one Chromium for all browser tests; every page is watched for what must not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

from tests.conftest import CHROMIUM_NAMES
from tests.e2e.hands import WAYS, Hands
from tests.e2e.people import sign_in
from tests.e2e.stack import START_SECONDS, Stack, running_stack

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test waits for the product to start, however slow the machine is."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(START_SECONDS + 180))


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
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error} {error.error.stack}"))

    def _console(self, message: ConsoleMessage) -> None:
        refused = "Content Security Policy" in message.text or "Refused to" in message.text
        if (message.type == "error" or refused) and not any(text in message.text for text in self.expected):
            where = message.page.url if message.page else ""
            self.problems.append(f"{message.type} on {where}: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.problems == []


NewContext = Callable[..., BrowserContext]
SignedIn = Callable[[str], StorageState]


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


@pytest.fixture(scope="session")
def signed_in(stack: Stack, browser: Browser) -> SignedIn:
    """The cookies of a member of each role, who signs in once."""
    kept: dict[str, StorageState] = {}

    def state(role: str) -> StorageState:
        if role not in kept:
            context = browser.new_context(locale="en-US")
            sign_in(context.new_page(), stack, role=role)
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return state


@pytest.fixture(params=WAYS)
def hands(request: pytest.FixtureRequest, stack: Stack, new_context: NewContext, signed_in: SignedIn) -> Hands:
    """The owner at the console, in each of the ways to work."""
    scripts = request.param != "no-scripts"
    context = new_context(storage_state=signed_in("owner"), java_script_enabled=scripts, accept_downloads=True)
    return Hands(context.new_page(), stack, request.param)


def save(page: Page, name: str) -> None:
    """Keep a picture where ``E2E_PICTURES`` says, for people to look at."""
    if folder := os.environ.get("E2E_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
