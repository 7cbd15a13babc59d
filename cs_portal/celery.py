"""Celery wakes workers; the job table holds the work (ADR 0001)."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutdown
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")

#: The broker in a folder, mended: see there.
TRANSPORT_ALIASES["filesystem"] = "cs_portal.core.broker:Transport"

app = Celery("cs_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_default_queue="fast",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    task_serializer="json",
    accept_content=["json"],
)
app.autodiscover_tasks(["cs_portal.core"])


@setup_logging.connect
def _keep_django_logging(**_: Any) -> None:
    """Django's logging stands; Celery must not replace it."""


@worker_ready.connect
def _start_background(sender: Any, **_: Any) -> None:
    from cs_portal.core.workers import start_background
    from cs_portal.drafting.engine import warm_up

    for queue in sender.app.amqp.queues.consume_from:
        start_background(queue, warm_up(queue))


@worker_shutdown.connect
def _leave(**_: Any) -> None:
    """A model still loading in its thread would abort the interpreter's shutdown; nothing is left to do here."""
    logging.shutdown()
    os._exit(0)


@app.on_configure.connect
def _make_broker_folders(sender: Any, **_: Any) -> None:
    from django.conf import settings

    for folder in settings.CELERY_BROKER_TRANSPORT_OPTIONS.values():
        if isinstance(folder, str):
            Path(folder).mkdir(parents=True, exist_ok=True)
