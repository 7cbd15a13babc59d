"""Drafting through a model server that none of us wrote: ``transformers serve`` with the default model."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from bots.models import language_model_folder
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import LanguageModelConnection, ModelUsage
from cs_portal.drafting.services.model_calls import word_candidates
from cs_portal.drafting.services.model_connections import try_model
from cs_portal.merchants.models import Member, Role
from tests.bots.requests import request
from tests.drafting.models_at_hand import make_connection
from tests.factories import make_member, make_merchant

pytestmark = [pytest.mark.models, pytest.mark.django_db(transaction=True), pytest.mark.timeout(420)]
START_SECONDS = 240


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it listens, once it does; skipped where it cannot be started."""
    pytest.importorskip("fastapi", reason="transformers serve needs fastapi (make dev)")
    folder = language_model_folder(django_settings.INSTALLED_MODELS_DIR)
    assert folder is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(str(Path(sys.executable).with_name("transformers")), "serve", str(folder)),
                *("--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "bfloat16"),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.skip(f"transformers serve does not start here: {log.read_text()[-400:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.skip("transformers serve was not ready in time")


@pytest.fixture
def ann(transactional_db: None, address: str, settings: Any) -> Iterator[Member]:
    settings.LANGUAGE_MODEL_HOSTS = [address]
    settings.MODEL_CANDIDATES = 1
    member = make_member(make_merchant("mugs"), Role.ADMIN)
    with scope(merchant=member.merchant):
        yield member


def connect(ann: Member, address: str, **fields: Any) -> LanguageModelConnection:
    folder = str(language_model_folder(django_settings.INSTALLED_MODELS_DIR))  # its name for the server
    given = {"model": folder, "key_encrypted": "", "deadline_seconds": 120, "price_in_micros": 10**6, **fields}
    return make_connection(ann.merchant, f"http://{address}/v1", "Served", **given)


def test_a_draft_is_worded_checked_and_counted(ann: Member, address: str) -> None:
    connect(ann, address)
    made, (attempt,) = word_candidates(request("en", "delivery"), clock=timezone.now)
    assert attempt.failure == ""
    (candidate,) = made
    assert candidate.text.strip() and candidate.source == "language_model"
    usage = ModelUsage.objects.get()
    # The server counts the prompt by the model's own tokenizer: hundreds.
    assert (usage.calls, usage.failures) == (1, 0)
    assert 200 < usage.tokens_in < 4_000 and 0 < usage.tokens_out <= 400
    assert usage.cost_micros == usage.tokens_in


def test_the_connection_can_be_tried(ann: Member, address: str) -> None:
    row = connect(ann, address)
    tried = try_model(connection_id=row.public_id, by=ann, now=timezone.now())
    assert (tried.failure, bool(tried.text)) == ("", True)
    assert tried.tokens_in > 10 and tried.tokens_out > 0


def test_it_is_given_up_in_time(ann: Member, address: str) -> None:
    connect(ann, address, deadline_seconds=1)
    started = time.monotonic()
    made, (attempt,) = word_candidates(request("en", "delivery"), clock=timezone.now)
    assert time.monotonic() - started < 5
    assert made or attempt.failure == "timeout"
