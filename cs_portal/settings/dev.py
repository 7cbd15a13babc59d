"""The embedded default: SQLite, loopback, no external server."""

from cs_portal.settings.base import *  # noqa: F403

#: A stylesheet may be edited, or updated by a pull, while the product runs: its size is read anew per request.
WHITENOISE_AUTOREFRESH = True
