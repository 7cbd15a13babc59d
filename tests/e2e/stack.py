"""The product as ``manage.py up`` runs it, in a folder of its own, for browsers to look at."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 420


@dataclass(frozen=True)
class Stack:
    """URLs of the running product and the demo accounts by role."""

    portal: str
    shop: str
    accounts: dict[str, dict[str, str]]
    folder: Path


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def environment(folder: Path, port: int, shop_port: int, **extra: str) -> dict[str, str]:
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "OMP_NUM_THREADS"}
    kept = {key: value for key, value in os.environ.items() if key not in ours}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
        "CS_PORTAL_VAR": str(folder),
        "MODELS_DIR": str(ROOT / "var" / "models"),
        "ENGINE_CACHE_DIR": str(ROOT / "var" / "engine"),
        "PORT": str(port),
        "SHOP_PORT": str(shop_port),
        "UNDO_SECONDS": "3",
        "LOG_LEVEL": "WARNING",
        **extra,
    }


@contextmanager
def running_stack(folder: Path, **extra: str) -> Iterator[Stack]:
    """Start everything, wait until it says how to stop, and stop it as Ctrl-C would."""
    port, shop_port = free_ports(2)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment(folder, port, shop_port, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output: list[str] = []
    ready = threading.Event()
    threading.Thread(target=_read, args=(process, output, ready), daemon=True).start()
    try:
        until = time.monotonic() + START_SECONDS
        while not ready.wait(0.2):
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError("The product did not start:\n" + "".join(output[-40:]))
        yield Stack(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{shop_port}", _accounts(folder), folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _read(process: subprocess.Popen[str], output: list[str], ready: threading.Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        output.append(line)
        if "Ctrl-C" in line:
            ready.set()


def _accounts(folder: Path) -> dict[str, dict[str, str]]:
    """The first account of each role, which is the main merchant's."""
    accounts: dict[str, dict[str, str]] = {}
    for account in json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8")):
        accounts.setdefault(account["role"], account)
    return accounts
