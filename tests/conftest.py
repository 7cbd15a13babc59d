"""What every test shares: which tests can run here, and up-to-date catalogues.

A test marked ``models``, ``browser``, ``postgres`` or ``redis`` is skipped where that thing is missing, and fails
instead if ``REQUIRE`` names it (``REQUIRE=browser,postgres,redis,models``), as CI does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# Machines differ and are shared: no test judges by the clock.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _models_missing() -> str | None:
    from django.conf import settings

    from bots.models import installed

    if all(state.installed for state in installed(settings.INSTALLED_MODELS_DIR)):
        return None
    return "the default models are not installed (make models)"


def _chromium_missing() -> str | None:
    if os.environ.get("CHROMIUM") or any(shutil.which(name) for name in CHROMIUM_NAMES):
        return None
    return "Chromium is not installed (set CHROMIUM to its path)"


def _postgres_missing() -> str | None:
    return None if os.environ.get("DATABASE_URL", "").startswith("postgres") else "DATABASE_URL names no PostgreSQL"


def _redis_missing() -> str | None:
    return None if os.environ.get("REDIS_URL") else "REDIS_URL is not set"


WHY_MISSING: dict[str, Callable[[], str | None]] = {
    "models": _models_missing,
    "browser": _chromium_missing,
    "postgres": _postgres_missing,
    "redis": _redis_missing,
}


def _required() -> set[str]:
    required = {name.strip() for name in os.environ.get("REQUIRE", "").split(",") if name.strip()}
    if unknown := required - WHY_MISSING.keys():
        raise pytest.UsageError(f"REQUIRE names {', '.join(sorted(unknown))}; known are {', '.join(WHY_MISSING)}.")
    return required


def pytest_configure(config: pytest.Config) -> None:
    _required()
    if not hasattr(config, "workerinput"):
        from cs_portal.core.catalogues import compile_catalogues

        compile_catalogues(ROOT / "locale")

    from tests import database

    database.install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    required = _required()
    for name, why_missing in WHY_MISSING.items():
        if name in required or (reason := why_missing()) is None:
            continue
        for item in items:
            if item.get_closest_marker(name) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A required test that skips itself has failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    required = sorted(name for name in _required() if item.get_closest_marker(name) is not None)
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but REQUIRE names {', '.join(required)}: {report.longrepr}"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test starts in English, whatever language a page of the test before was asked for in."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _nothing_cached() -> None:
    """Ids begin anew with every test, and so must what is kept by id."""
    from django.core.cache import cache

    cache.clear()
