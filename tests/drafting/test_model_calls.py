"""Drafting with a merchant's models in order: fallback, budget, pauses, and what the draft says of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from bots.api import Bot, HashingEmbedder
from bots.backends.fake import FakeLanguageModel
from cs_portal.core import jobs
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting import engine
from cs_portal.drafting.model_choice import has_model, models_in_order
from cs_portal.drafting.models import DraftCandidate, LanguageModelConnection, ModelChoice, ModelUsage
from cs_portal.drafting.services.model_breaker import may_call, note_outcome, pause_after
from cs_portal.drafting.services.model_calls import Attempt, word_candidates
from cs_portal.drafting.services.model_meter import DailyMeter
from cs_portal.merchants.models import Merchant
from tests import model_server as behaviour
from tests.bots.requests import request
from tests.drafting.conftest import Desk, make_desk
from tests.drafting.models_at_hand import KEY, make_connection
from tests.factories import make_merchant
from tests.model_server import Behaviour, ModelServer, fails, model_server, says, writes

# A connection to the database is given back while a model is asked, so these tests hold no transaction.
pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # the 25th in Shanghai
REPLY = "Thank you for your message. We are looking into it."
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    with model_server() as running:
        settings.LANGUAGE_MODEL_HOSTS = [running.host]
        running.always = writes(REPLY, usage=USAGE)
        yield running


@pytest.fixture
def merchant(transactional_db: None) -> Iterator[Merchant]:
    made = make_merchant("mugs")
    with scope(merchant=made):
        yield made


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk()


def ask(clock: datetime = NOW) -> tuple[list[str], list[Attempt]]:
    made, attempts = word_candidates(request(), clock=lambda: clock)
    return [each.text for each in made], attempts


def test_a_server_words_candidates_that_are_masked_on_the_way_and_checked(
    merchant: Merchant, server: ModelServer
) -> None:
    row = make_connection(merchant, server.url, price_in_micros=150_000, price_out_micros=600_000)
    texts, (attempt,) = ask()
    assert texts == [REPLY]
    assert (attempt.name, attempt.model, attempt.made, attempt.failure) == ("House model", "small-1+reply_v2", 1, "")
    usage = ModelUsage.objects.get()
    assert (str(usage.day), usage.calls, usage.failures) == ("2026-11-25", 1, 0)
    assert (usage.tokens_in, usage.tokens_out) == (2000, 200)
    assert usage.cost_micros == 2000 * 150_000 // 10**6 + 200 * 600_000 // 10**6 == 420
    assert row.public_id and server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_a_long_name_of_a_model_fits_into_the_row(merchant: Merchant, server: ModelServer) -> None:
    make_connection(merchant, server.url, model="/models/" + "long" * 45)
    _texts, (attempt,) = ask()
    longest = DraftCandidate._meta.get_field("model").max_length
    assert longest is not None and 100 < len(attempt.model) <= longest
    assert server.requests[0]["model"] == "/models/" + "long" * 45


BROKEN: list[tuple[Behaviour, str]] = [
    (behaviour.hangs, "timeout"),
    (behaviour.drips_headers, "timeout"),
    (behaviour.drips_bytes, "timeout"),
    (behaviour.drips_words, "timeout"),
    (behaviour.floods, "garbled"),
    (behaviour.bomb, "garbled"),
    (behaviour.breaks_off, "unavailable"),
    (says("<html>", content_type="text/html"), "garbled"),
    (says('data: {"error": {"message": "x"}}\n\n'), "unavailable"),
    (fails(401), "not_authorised"),
    (fails(404), "unknown_model"),
    (fails(307, Location="http://169.254.169.254/"), "redirected"),
    (fails(429, Retry_After="900"), "rate_limited"),
    (fails(500, Retry_After="900"), "unavailable"),
]


@pytest.mark.parametrize(("behave", "code"), BROKEN)
def test_the_next_in_order_takes_over_from_one_that_fails(
    merchant: Merchant, server: ModelServer, behave: Behaviour, code: str
) -> None:
    with model_server() as broken, override_settings(LANGUAGE_MODEL_HOSTS=[server.host, broken.host]):
        broken.always = behave
        make_connection(merchant, broken.url, "Broken", deadline_seconds=1)
        make_connection(merchant, server.url, "Spare")
        texts, attempts = ask()
    assert texts == [REPLY]
    assert [(each.name, each.failure) for each in attempts] == [("Broken", code), ("Spare", "")]
    assert attempts[0].seconds < 3
    assert LanguageModelConnection.objects.get(name="Broken").last_failure == code


def test_only_the_order_of_the_language_counts(merchant: Merchant, server: ModelServer) -> None:
    row = make_connection(merchant, server.url, used=False)
    assert (models_in_order("en"), models_in_order("zh-hans"), has_model()) == ([], [], False)
    ModelChoice.objects.create(connection=row, locale="zh-hans", position=1)
    assert (has_model("en"), has_model("zh-hans"), has_model()) == (False, True, True)
    assert ask() == ([], [])
    assert not server.requests


def test_one_that_is_switched_off_is_not_asked(merchant: Merchant, server: ModelServer) -> None:
    make_connection(merchant, server.url, enabled=False)
    assert ask() == ([], [])


def test_without_rows_the_own_model_drafts(
    merchant: Merchant, settings: Any, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    assert not has_model()
    settings.LANGUAGE_MODEL = "fake"
    own = Bot(embedder=HashingEmbedder(), backend=FakeLanguageModel([REPLY], name="tiny"))
    monkeypatch.setattr(engine, "drafting_bot", lambda: own)
    assert has_model()
    texts, (attempt,) = ask()
    assert (texts, attempt.name, attempt.model) == ([REPLY], "", "tiny+reply_v2")


@pytest.mark.parametrize(
    ("url", "hosts"), [("http://{host}/v1", []), ("http://{host}/v1", ["127.0.0.1:1"]), ("https://10.0.0.8/v1", [])]
)
def test_private_addresses_are_called_only_where_the_machine_allows_it(
    merchant: Merchant, server: ModelServer, settings: Any, url: str, hosts: list[str]
) -> None:
    settings.LANGUAGE_MODEL_HOSTS = hosts
    make_connection(merchant, url.format(host=server.host))
    texts, (attempt,) = ask()
    assert (texts, attempt.failure) == ([], "address")
    assert not server.requests


def test_a_key_that_cannot_be_read_any_more(merchant: Merchant, server: ModelServer) -> None:
    make_connection(merchant, server.url, key_encrypted="gAAAAA-of-another-secret")
    texts, (attempt,) = ask()
    assert (texts, attempt.failure) == ([], "secret_unreadable")
    assert not server.requests


def test_the_budget_of_a_day(merchant: Merchant, server: ModelServer) -> None:
    """The first call fits, the second would not; tomorrow it does. A refused call is none."""
    make_connection(merchant, server.url, daily_tokens=4_500)
    assert ask()[0] == [REPLY]
    server.requests.clear()
    texts, (attempt,) = ask(NOW + timedelta(minutes=1))
    assert (texts, attempt.failure) == ([], "budget")
    assert not server.requests
    today = ModelUsage.objects.get()
    assert (today.calls, today.failures, today.tokens_in) == (1, 0, 2000)
    assert ask(NOW + timedelta(days=1))[0] == [REPLY]
    assert LanguageModelConnection.objects.get().failures == 0


def test_the_budget_of_money(merchant: Merchant, server: ModelServer) -> None:
    make_connection(merchant, server.url, price_out_micros=10_000_000, daily_micros=8_500)
    assert ask()[0] == [REPLY]  # two candidates of at most 400 tokens: 8,000 millionths; 2,000 in fact
    assert ModelUsage.objects.get().cost_micros == 2_000
    assert ask()[1][0].failure == "budget"


def test_calls_at_the_same_time_cannot_pass_the_budget_together(merchant: Merchant) -> None:
    row = make_connection(merchant, "https://models.example.com/v1", daily_tokens=1_000)
    first, second = (DailyMeter(row, day=NOW.date()) for _ in range(2))
    assert first.admit(tokens_in=500, tokens_out=100)
    assert not second.admit(tokens_in=500, tokens_out=100)
    first.settle(tokens_in=200, tokens_out=50)
    assert second.admit(tokens_in=500, tokens_out=100)
    usage = ModelUsage.objects.get()
    assert (usage.tokens_in, usage.tokens_out) == (700, 150)


def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_by_one(
    merchant: Merchant, server: ModelServer
) -> None:
    server.always = fails(500, Retry_After="900")
    make_connection(merchant, server.url)
    codes = [ask()[1][0].failure for _ in range(4)]
    assert codes == ["unavailable", "unavailable", "unavailable", "paused"]
    asked = len(server.requests)
    assert ask(NOW + timedelta(seconds=29))[1][0].failure == "paused"
    assert len(server.requests) == asked

    later = NOW + timedelta(seconds=31)
    row = LanguageModelConnection.objects.get()
    assert may_call(row, now=later)
    assert not may_call(row, now=later)  # a colleague tries already
    LanguageModelConnection.objects.update(paused_until=later)
    assert ask(later)[1][0].failure == "unavailable"
    assert LanguageModelConnection.objects.get().paused_until == later + timedelta(seconds=60)

    server.always = writes(REPLY)
    assert ask(later + timedelta(seconds=61))[0] == [REPLY]
    row = LanguageModelConnection.objects.get()
    assert (row.failures, row.last_failure, row.paused_until) == (0, "", None)


def test_pauses_double_up_to_ten_minutes(merchant: Merchant) -> None:
    assert [pause_after(n).total_seconds() for n in (3, 4, 5, 30)] == [30, 60, 120, 600]
    row = make_connection(merchant, "https://models.example.com/v1")
    for _ in range(5):
        note_outcome(row, failure="too_long", now=NOW)
    assert LanguageModelConnection.objects.get().paused_until is None


def test_the_key_and_the_prompt_are_in_no_log(
    merchant: Merchant, server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_connection(merchant, server.url)
    with caplog.at_level("INFO"):
        server.always = fails(400)
        ask()
    assert "gave no candidate" in caplog.text
    assert KEY not in caplog.text and "Shopper:" not in caplog.text


def test_a_draft_tells_what_became_of_each_model(desk: Desk, server: ModelServer) -> None:
    make_connection(desk.merchant, "https://10.0.0.8/v1", "Away")
    make_connection(desk.merchant, server.url, "Spare")
    payload = {"draft": desk.draft.pk, "generation": 1}
    jobs.enqueue("add_candidates", key="k", merchant_id=desk.merchant.pk, payload=payload, now=timezone.now())
    run_due(["model"], keep=False)
    with scope(merchant=desk.merchant):
        desk.draft.refresh_from_db()
        draft = desk.draft
        assert (draft.model_state, draft.model_note, draft.model_version) == ("done", "", "small-1+reply_v2")
        first, second = draft.model_attempts
        assert (first["name"], first["failure"], first["made"]) == ("Away", "address", 0)
        assert (second["name"], second["failure"], second["made"]) == ("Spare", "", 1)
        assert draft.candidates.filter(source="language_model").get().text == REPLY
        assert not any(KEY in str(row) for row in (*AuditEntry.objects.values(), *Job.objects.values()))


def test_when_every_model_fails_the_composed_reply_stays_and_says_why(desk: Desk, server: ModelServer) -> None:
    server.always = fails(401)
    make_connection(desk.merchant, server.url)
    payload = {"draft": desk.draft.pk, "generation": 1}
    jobs.enqueue("add_candidates", key="k", merchant_id=desk.merchant.pk, payload=payload, now=timezone.now())
    run_due(["model"], keep=False)
    with scope(merchant=desk.merchant):
        desk.draft.refresh_from_db()
        assert (desk.draft.model_state, desk.draft.model_note) == ("failed", "not_authorised")
        assert desk.draft.candidates.count() == 2
