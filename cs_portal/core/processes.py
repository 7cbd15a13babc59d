"""Which processes make up the running product, how each is started, and how it tells that it is ready."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.db import DatabaseError, connections

from cs_portal.core.models import Queue, WorkerHeartbeat
from cs_portal.core.supervisor import ChildSpec

PROBE_SECONDS = 3.0
GRACEFUL_SHUTDOWN_SECONDS = 3
# Neither says anything to a person who tries the product: static files come from the sources here, and in a container
# root is the usual user.
QUIET = "ignore:No directory at,ignore:You're running the worker with superuser"


def web_process() -> ChildSpec:
    return _uvicorn("web", "cs_portal.asgi:application", settings.PORT)


def shop_process() -> ChildSpec:
    return _uvicorn(
        "shop",
        "cs_portal.asgi_shop:application",
        settings.SHOP_PORT,
        DJANGO_SETTINGS_MODULE="cs_portal.settings.demo_shop",
    )


def worker_processes(*, started_at: datetime) -> list[ChildSpec]:
    """One worker per queue, so that a slow job never holds up a fast one; ready once it beat after ``started_at``."""
    return [_worker(queue, started_at) for queue in Queue.values]


def _uvicorn(name: str, application: str, port: int, **environment: str) -> ChildSpec:
    return ChildSpec(
        name=name,
        # An open live stream would keep a graceful shutdown waiting for ever.
        command=(
            *(sys.executable, "-m", "uvicorn", application),
            *("--host", settings.HOST, "--port", str(port)),
            *("--timeout-graceful-shutdown", str(GRACEFUL_SHUTDOWN_SECONDS)),
            *("--log-level", "warning", "--no-access-log", "--no-server-header", "--no-proxy-headers", "--ws", "none"),
        ),
        ready=_answers(port),
        environment={**_environment(), **environment},
    )


def _worker(queue: str, started_at: datetime) -> ChildSpec:
    return ChildSpec(
        name=f"worker-{queue}",
        command=(
            *_politely(queue),
            *(sys.executable, "-m", "celery", "--quiet", "--app", "cs_portal", "worker"),
            *("--pool", "solo", "--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        ready=_beats(queue, started_at),
        environment={**_environment(), **_threads(queue)},
    )


def _politely(queue: str) -> tuple[str, ...]:
    """Nobody waits for upkeep, and it computes for minutes: it takes what the others leave of the processors."""
    return ("nice", "-n", "10") if queue == Queue.UPKEEP else ()


def _threads(queue: str) -> dict[str, str]:
    """All workers together compute with about as many threads as there are cores: two that take two each on two cores
    need ten to twenty times as long as with one each, since the threads of one wait for each other's turn."""
    threads = max(1, (os.cpu_count() or 1) - 1) if queue == Queue.MODEL else 1
    return {"OMP_NUM_THREADS": str(threads)}


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(settings.BASE_DIR), "PYTHONWARNINGS": QUIET}


def _answers(port: int) -> Callable[[], Awaitable[bool]]:
    """``GET /readyz`` on this machine says 200."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 - to ask, not to bind

    def ask() -> bool:
        connection = HTTPConnection(host, port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except HTTPException:
            return False
        finally:
            connection.close()

    return lambda: asyncio.to_thread(ask)


def _beats(queue: str, started_at: datetime) -> Callable[[], Awaitable[bool]]:
    def ask() -> bool:
        try:
            return WorkerHeartbeat.objects.filter(queue=queue, seen_at__gte=started_at).exists()
        except DatabaseError:
            return False
        finally:
            connections.close_all()

    return lambda: asyncio.to_thread(ask)
