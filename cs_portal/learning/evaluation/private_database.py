"""A database of one's own, in memory: what is measured with rows runs the code of production and touches nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connections
from django.test.utils import override_settings

MEMORY = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": ":memory:",
    "OPTIONS": {"transaction_mode": "IMMEDIATE"},
}
#: Rows of the private database have ids that rows elsewhere have, too: a shared cache would take them for those.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "measuring"}}


@contextmanager
def private_database() -> Iterator[None]:
    """Make it with all tables (some seconds), use it for whatever this thread does, and forget it."""
    theirs, configured = connections["default"], connections.settings["default"]
    connections.settings["default"] = connections.configure_settings({"default": MEMORY})["default"]
    del connections["default"]
    try:
        with override_settings(CACHES=CACHES):
            call_command("migrate", verbosity=0, interactive=False)
            yield
    finally:
        connections.settings["default"] = configured
        connections["default"] = theirs
