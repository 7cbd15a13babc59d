"""Uploaded files, kept privately and only as long as a run needs them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cs_portal.commerce.imports.reading import MAX_BYTES
from cs_portal.core.errors import Invalid


def path_of(token: str) -> Path:
    """Where the upload ``token`` lies. Tokens are ours, never from outside."""
    if not token.isalnum():
        raise FileNotFoundError(token)
    return Path(settings.VAR_DIR) / "imports" / token


def keep(blocks: Iterable[bytes]) -> tuple[str, int]:
    """Write an upload, readable by its owner alone; returns token and size. Raises :class:`Invalid` above the limit."""
    folder = Path(settings.VAR_DIR) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    size = 0
    descriptor = os.open(folder / token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for block in blocks:
                size += len(block)
                if size > MAX_BYTES:
                    raise Invalid(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES >> 20}, field="file")
                file.write(block)
    except BaseException:
        drop(token)
        raise
    return token, size


def drop(token: str) -> None:
    """Delete an upload; one that is gone already is fine."""
    if token:
        path_of(token).unlink(missing_ok=True)
