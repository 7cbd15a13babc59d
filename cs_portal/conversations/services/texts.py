"""What people write: cleaned and measured before it is stored."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid

PREVIEW_CHARACTERS = 160


def clean(text: str, *, field: str = "text", empty: str = "") -> str:
    """The text without null bytes and with plain line breaks. Raises :class:`Invalid` when empty or too long."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(empty or _("Write a message first."), field=field)
    if len(text) > settings.MESSAGE_MAX_CHARACTERS:
        raise Invalid(
            _("A message has at most %(limit)s characters.") % {"limit": settings.MESSAGE_MAX_CHARACTERS}, field=field
        )
    return text


def preview(text: str) -> str:
    """The beginning of a message on one line, for lists."""
    return " ".join(text.split())[:PREVIEW_CHARACTERS]
