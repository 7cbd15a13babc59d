"""The broker in a folder: a reader never meets a message that is not complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.exceptions import ChannelError

from cs_portal.celery import app
from cs_portal.core import broker


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Any]:
    folders = {name: str(tmp_path / "queue") for name in ("data_folder_in", "data_folder_out")}
    (tmp_path / "queue").mkdir()
    options = {**folders, "control_folder": tmp_path / "control", "store_processed": False}
    made: Any = Connection  # untyped
    with made("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_the_app_uses_the_mended_broker() -> None:
    assert isinstance(app.connection_for_write("filesystem://").transport, broker.Transport)


def test_a_message_is_seen_when_it_is_complete(channel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def look_and_replace(source: Path, target: Path) -> None:
        with pytest.raises(Empty):
            channel._get("fast")
        assert channel._size("fast") == 0
        seen.append(target)
        os.rename(source, target)

    monkeypatch.setattr(os, "replace", look_and_replace)
    channel._put("fast", {"body": "x" * 10_000})
    assert len(seen) == 1
    assert channel._size("fast") == 1
    assert channel._get("fast") == {"body": "x" * 10_000}
    with pytest.raises(Empty):
        channel._get("fast")


def test_a_write_that_fails_leaves_nothing(channel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_paths: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ChannelError):
        channel._put("fast", {})
    assert os.listdir(channel.data_folder_out) == []
