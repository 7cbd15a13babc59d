"""The embedded default: SQLite, loopback, no external server."""

from cs_portal.settings.base import *  # noqa: F403
