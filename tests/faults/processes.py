"""Real child processes on the test database: workers to be killed, a web server, many approvers at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The test's own database, as a child sees it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    host, port = given["HOST"] or "127.0.0.1", given["PORT"] or 5432
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{host}:{port}/{given['NAME']}"


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """What a child of the product gets: embedded mode in ``folder``, no models, a lease of two seconds."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
        "DATABASE_URL": database_url(),
        "CS_PORTAL_VAR": str(folder),
        "REDIS_URL": "",
        "ENGINE_CACHE_DIR": str(settings.ENGINE_CACHE_DIR),
        "EMBEDDER": "hashing",
        "LANGUAGE_MODEL": "none",
        "JOB_LEASE_SECONDS": "2",
        "JOB_SWEEP_SECONDS": "0.1",
        "UNDO_SECONDS": "0",
        "LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        **extra,
    }


def spawn(*arguments: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], env=env, cwd=ROOT, start_new_session=True)


def spawn_worker(env: dict[str, str], queue: str = "fast") -> subprocess.Popen[bytes]:
    return spawn("-m", "celery", "-A", "cs_portal", "-q", "worker", "-P", "solo", "-Q", queue, "-l", "error", env=env)


def kill(process: subprocess.Popen[bytes]) -> None:
    """``kill -9`` of the child and of whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        kill(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll until ``condition`` holds; fails with ``what`` when it does not in time."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen within {seconds:g} s")
        pause.wait(0.05)


def close_connections() -> None:
    """Let children write: this process holds no transaction."""
    connections.close_all()
