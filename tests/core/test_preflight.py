"""Each thing that keeps the product from starting is one sentence that says what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cs_portal.core.preflight import NotReady, check_disk, check_port


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_names_the_variable_and_a_port_that_is_free(busy_port: int) -> None:
    with pytest.raises(NotReady) as raised:
        check_port("127.0.0.1", busy_port, variable="SHOP_PORT")
    said = str(raised.value)
    assert said.startswith(f"Port {busy_port} on 127.0.0.1 is in use by another program")
    match = re.search(r"`SHOP_PORT=(\d+) make run`", said)
    assert match is not None
    check_port("127.0.0.1", int(match[1]), variable="SHOP_PORT")


def test_a_free_port_passes(busy_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        free = other.getsockname()[1]
    check_port("127.0.0.1", free, variable="PORT")


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(NotReady, match=r"cannot listen on 192\.0\.2\.1:18321 \(HOST, PORT\): it is no address of this"):
        check_port("192.0.2.1", 18321, variable="PORT")


def test_a_port_that_is_none_is_named() -> None:
    with pytest.raises(NotReady, match="a port is a number from 1 to 65535"):
        check_port("127.0.0.1", 70000, variable="PORT")


def test_a_full_disk_names_the_folder_and_the_variable(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=rf"The disk that holds {tmp_path} has only \d+ MB left.*CS_PORTAL_VAR="):
        check_disk(tmp_path, free_bytes=10**18)
    check_disk(tmp_path, free_bytes=1)


def test_up_refuses_a_busy_port_before_it_touches_anything(busy_port: int, settings: Any) -> None:
    settings.PORT = busy_port
    with pytest.raises(CommandError, match=f"Port {busy_port} on 127.0.0.1 is in use"):
        call_command("up")
