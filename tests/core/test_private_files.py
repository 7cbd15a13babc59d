"""Letters and logs: what they are written to, and that no key of an address is in a log."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client

from cs_portal.core.childlog import ChildLog, Terminal
from cs_portal.core.filebased import EmailBackend
from cs_portal.core.logmask import MaskKeys, masked


def _mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


def test_letters_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir(mode=0o755)
    box = EmailBackend(file_path=str(folder))
    assert box.send_messages([EmailMessage("Hello", "Words", "a@example.com", ["b@example.com"])]) == 1
    (letter,) = folder.iterdir()
    assert b"Words" in letter.read_bytes()
    assert (_mode(folder), _mode(letter)) == (0o700, 0o600)


def test_logs_are_their_owners_alone_also_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "log" / "web.log"
    path.parent.mkdir(mode=0o755)
    path.write_text("earlier\n")
    path.chmod(0o644)
    log = ChildLog(path, name="web", terminal=Terminal(io.StringIO()))
    log._write(b"now")
    log.close()
    assert path.read_text() == "earlier\nnow\n"
    assert (_mode(path.parent), _mode(path)) == (0o700, 0o600)


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("Not Found: /join/WyJhIl0:abc-_/", "Not Found: /join/…/"),
        ('"POST /join/abc/?x=1 HTTP/1.1" 422', '"POST /join/…/?x=1 HTTP/1.1" 422'),
        ("Forbidden: /accounts/password/reset/key/1-abc/", "Forbidden: /accounts/password/reset/key/…/"),
        ("Not Found: /console/mugs/", "Not Found: /console/mugs/"),
    ],
)
def test_keys_are_masked(line: str, safe: str) -> None:
    assert masked(line) == safe


@pytest.mark.django_db
def test_the_log_of_a_dead_link_does_not_hold_it() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(MaskKeys())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        Client().get("/join/secret-token/")
    finally:
        logger.removeHandler(handler)
    assert "/join/…/" in written.getvalue()
    assert "secret-token" not in written.getvalue()


def test_every_handler_of_the_portal_masks() -> None:
    config: dict[str, Any] = settings.LOGGING
    assert all("mask_keys" in handler["filters"] for handler in config["handlers"].values())
    assert config["loggers"]["django.server"]["propagate"]
