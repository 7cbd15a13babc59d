"""What a worker process does: lease, run, renew; sweep for due jobs; tell that it lives and whether it is warm."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django_scopes import scopes_disabled

from cs_portal.core.jobs import HANDLERS, Lease, LeaseLost, due, lease_next, wake
from cs_portal.core.models import WorkerHeartbeat

logger = logging.getLogger(__name__)

OWNER = f"{socket.gethostname()}:{os.getpid()}"
HEARTBEAT_SECONDS = 2.0
_busy = threading.Event()
_warm = threading.Event()


@contextmanager
def _kept(lease: Lease) -> Iterator[None]:
    """Renew the lease at a third of its length while the block runs."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
            if not lease.renew(until=timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
                return
        connection.close()

    keeper = threading.Thread(target=renew, name=f"lease-{lease.job_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def run(lease: Lease) -> None:
    """Run one leased job; a failure is retried with backoff, and handed to ``on_failed`` when it will not pass."""
    spec = HANDLERS[lease.kind]
    try:
        if lease.attempts > spec.max_attempts:
            if spec.on_failed is not None:
                spec.on_failed(lease)
            lease.fail(now=timezone.now(), error="Every attempt was interrupted.")
            return
        spec.run(lease)
    except LeaseLost:
        logger.info("job %s: the lease went to another worker", lease.job_id)
    except Exception as error:
        logger.exception("job %s (%s) failed at attempt %s", lease.job_id, lease.kind, lease.attempts)
        if lease.attempts >= spec.max_attempts:
            if spec.on_failed is not None:
                spec.on_failed(lease)
            lease.fail(now=timezone.now(), error=type(error).__name__)
        else:
            lease.retry(now=timezone.now(), error=type(error).__name__)


def run_due(queues: Sequence[str], *, keep: bool = True, clock: Callable[[], datetime] = timezone.now) -> int:
    """Run due jobs until none is left and return how many. ``keep=False`` renews no lease (single-threaded tests)."""
    count = 0
    _busy.set()
    try:
        while (lease := lease_next(queues, owner=OWNER, now=clock())) is not None:
            if keep:
                with _kept(lease):
                    run(lease)
            else:
                run(lease)
            count += 1
    finally:
        _busy.clear()
    return count


def set_warm() -> None:
    """This worker's models are loaded."""
    _warm.set()


def sweep_for_ever(queue: str) -> None:
    """The sweeper: every worker looks for due jobs of its own queue, so no beat and no live broker is needed."""
    beat_at = timezone.now()
    while True:
        now = timezone.now()
        try:
            close_old_connections()
            if not _busy.is_set() and due([queue], now=now).exists():
                wake(queue)
            if now >= beat_at:
                beat(queue, now=now)
                beat_at = now + timedelta(seconds=HEARTBEAT_SECONDS)
        except Exception:
            logger.exception("sweeper")
            connection.close()
        threading.Event().wait(settings.JOB_SWEEP_SECONDS)


def beat(queue: str, *, now: datetime) -> None:
    WorkerHeartbeat.objects.update_or_create(
        name=OWNER, defaults={"queue": queue, "ready": _warm.is_set(), "seen_at": now}
    )
    WorkerHeartbeat.objects.filter(seen_at__lt=now - timedelta(hours=1)).delete()


def ready_queues(*, now: datetime) -> set[str]:
    """Queues with a living worker whose models are loaded."""
    alive = now - timedelta(seconds=5 * HEARTBEAT_SECONDS)
    return set(WorkerHeartbeat.objects.filter(seen_at__gte=alive, ready=True).values_list("queue", flat=True))


def alive_queues(*, now: datetime) -> set[str]:
    """Queues with a living worker, warm or not."""
    alive = now - timedelta(seconds=5 * HEARTBEAT_SECONDS)
    return set(WorkerHeartbeat.objects.filter(seen_at__gte=alive).values_list("queue", flat=True))


def has_worker(kind: str, *, now: datetime) -> bool:
    """Whether a worker lives that would run a job of ``kind``."""
    return HANDLERS[kind].queue in alive_queues(now=now)


def start_background(queue: str, warm: Callable[[], None] | None) -> None:
    """Start the sweeper and, beside it, the loading of this worker's models."""

    def load() -> None:
        try:
            if warm is not None:
                with scopes_disabled():
                    warm()
        except Exception:
            logger.exception("The models of queue %s could not be loaded.", queue)
        finally:
            set_warm()
            connection.close()

    threading.Thread(target=sweep_for_ever, args=(queue,), name="sweeper", daemon=True).start()
    threading.Thread(target=load, name="warm-up", daemon=True).start()
