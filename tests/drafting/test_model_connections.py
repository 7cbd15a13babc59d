"""Connecting, changing, arranging and testing language models: who may, what is kept, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import decrypt
from cs_portal.core.tenancy import scope
from cs_portal.drafting.model_choice import models_in_order
from cs_portal.drafting.models import LanguageModelConnection, ModelChoice, ModelKind, ModelUsage
from cs_portal.drafting.services.model_connections import (
    MOST_CONNECTIONS,
    arrange_model,
    change_model,
    connect_model,
    disconnect_model,
    try_model,
)
from cs_portal.merchants.models import Member, Role
from tests.drafting.models_at_hand import KEY, a_change, make_connection
from tests.factories import make_member, make_merchant
from tests.model_server import ModelServer, fails, model_server, writes

NOW: datetime = timezone.now()


@pytest.fixture
def ann(transactional_db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN, name="Ann")
    with scope(merchant=merchant):
        yield member


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    with model_server() as running:
        settings.LANGUAGE_MODEL_HOSTS = [running.host]
        yield running


def connected() -> LanguageModelConnection:
    row: LanguageModelConnection = LanguageModelConnection.objects.get(kind=ModelKind.OPENAI_COMPATIBLE)
    return row


def test_a_new_server_is_kept_encrypted_and_asked_for_nothing_yet(ann: Member, settings: Any) -> None:
    settings.LANGUAGE_MODEL = "fake"
    connect_model(change=a_change(base_url="https://models.example.com/v1/chat/completions/"), by=ann, now=NOW)
    row = connected()
    assert (row.name, row.base_url, decrypt(row.key_encrypted)) == ("Hosted", "https://models.example.com/v1", KEY)
    assert KEY not in str(list(LanguageModelConnection.objects.values()))
    # What was understood before stays: the portal's own model, in both languages.
    assert [each.kind for each in models_in_order("en")] == ["local"]
    assert [each.kind for each in models_in_order("zh-hans")] == ["local"]
    (entry,) = AuditEntry.objects.filter(action="model.connected")
    assert entry.target == f"model:{row.public_id}" and KEY not in str(entry.data)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("base_url", {"base_url": ""}),
        ("base_url", {"base_url": "nonsense"}),
        ("base_url", {"base_url": "ftp://models.example.com"}),
        ("base_url", {"base_url": "https://user:pw@models.example.com/v1"}),
        ("base_url", {"base_url": "https://models.example.com/v1?key=1"}),
        ("base_url", {"base_url": "http://models.example.com/v1"}),
        ("base_url", {"base_url": "https://10.0.0.8/v1"}),
        ("base_url", {"base_url": "https://[::ffff:127.0.0.1]/v1"}),
        ("name", {"name": " "}),
        ("model", {"model": ""}),
        ("key", {"key": "two words"}),
        ("key", {"key": "钥匙"}),
        ("key", {"key": "line\nbreak"}),
    ],
)
def test_what_is_refused(ann: Member, field: str, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as raised:
        connect_model(change=a_change(**change), by=ann, now=NOW)
    assert raised.value.field == field
    assert not LanguageModelConnection.objects.exists()


def test_a_private_address_needs_the_machines_leave_and_the_refusal_says_how(ann: Member, settings: Any) -> None:
    private = a_change(base_url="http://127.0.0.1:8080/v1")
    with pytest.raises(Invalid, match="LANGUAGE_MODEL_HOSTS"):
        connect_model(change=private, by=ann, now=NOW)
    settings.LANGUAGE_MODEL_HOSTS = ["127.0.0.1:8080"]
    connect_model(change=private, by=ann, now=NOW)
    with pytest.raises(Invalid):
        connect_model(change=a_change(name="Other", base_url="http://127.0.0.1:8081/v1"), by=ann, now=NOW)


def test_names_are_unique_and_there_is_a_most(ann: Member) -> None:
    connect_model(change=a_change(), by=ann, now=NOW)
    with pytest.raises(Invalid) as raised:
        connect_model(change=a_change(), by=ann, now=NOW)
    assert raised.value.field == "name"
    for number in range(MOST_CONNECTIONS - 2):
        make_connection(ann.merchant, "https://models.example.com/v1", f"m{number}", used=False)
    with pytest.raises(Invalid):
        connect_model(change=a_change(name="one more"), by=ann, now=NOW)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_only_who_may_configure(ann: Member, role: str, server: ModelServer) -> None:
    row = make_connection(ann.merchant, server.url)
    by = make_member(ann.merchant, role)
    one: dict[str, Any] = {"connection_id": row.public_id, "by": by, "now": NOW}
    with pytest.raises(NotAllowed):
        connect_model(change=a_change(), by=by, now=NOW)
    with pytest.raises(NotAllowed):
        change_model(change=a_change(), **one)
    with pytest.raises(NotAllowed):
        disconnect_model(**one)
    with pytest.raises(NotAllowed):
        arrange_model(locale="en", move="out", **one)
    with pytest.raises(NotAllowed):
        try_model(**one)
    assert not server.requests and not AuditEntry.objects.exists()


def test_a_change_keeps_the_key_and_ends_the_pause(ann: Member) -> None:
    row = make_connection(
        ann.merchant, "https://models.example.com/v1", failures=9, paused_until=NOW + timedelta(hours=1)
    )
    change_model(connection_id=row.public_id, change=a_change(key="", model="bigger"), by=ann, now=NOW)
    row = connected()
    assert (row.model, decrypt(row.key_encrypted), row.failures, row.paused_until) == ("bigger", KEY, 0, None)


def test_a_key_is_not_sent_to_another_address_unseen(ann: Member) -> None:
    row = make_connection(ann.merchant, "https://models.example.com/v1")
    elsewhere = {"base_url": "https://attacker.example.net/v1"}
    with pytest.raises(Invalid) as raised:
        change_model(connection_id=row.public_id, change=a_change(key="", **elsewhere), by=ann, now=NOW)
    assert raised.value.field == "key"
    assert connected().base_url == "https://models.example.com/v1"
    change_model(connection_id=row.public_id, change=a_change(key="sk-new", **elsewhere), by=ann, now=NOW)
    assert decrypt(connected().key_encrypted) == "sk-new"


def test_order(ann: Member, settings: Any) -> None:
    settings.LANGUAGE_MODEL = "fake"
    rows = {}
    for name in ("A", "B"):
        rows[name] = connect_model(change=a_change(name=name), by=ann, now=NOW)
    rows["own"] = LanguageModelConnection.objects.get(kind="local")

    def order(*moves: tuple[str, Any]) -> list[str]:
        for name, move in moves:
            arrange_model(connection_id=rows[name].public_id, locale="en", move=move, by=ann, now=NOW)
        return [each.name or "own" for each in models_in_order("en")]

    assert order(("A", "in"), ("B", "in")) == ["own", "A", "B"]
    assert order(("B", "up"), ("B", "up"), ("B", "up")) == ["B", "own", "A"]
    assert order(("B", "down"), ("A", "down")) == ["own", "B", "A"]
    assert order(("own", "out"), ("own", "out"), ("own", "up")) == ["B", "A"]
    assert order(("A", "out"), ("B", "out")) == []
    assert order(("own", "in")) == ["own"]
    assert [each.kind for each in models_in_order("zh-hans")] == ["local"]
    for bad in ({"locale": "fr", "move": "in"}, {"locale": "en", "move": "away"}):
        with pytest.raises(Invalid):
            arrange_model(connection_id=rows["A"].public_id, by=ann, now=NOW, **bad)  # type: ignore[arg-type]


def test_a_server_is_forgotten_with_its_key_and_its_place(ann: Member) -> None:
    row = make_connection(ann.merchant, "https://models.example.com/v1")
    ModelUsage.objects.create(connection=row, day=NOW.date())
    disconnect_model(connection_id=row.public_id, by=ann, now=NOW)
    assert not ModelChoice.objects.exists() and not ModelUsage.objects.exists()
    assert not LanguageModelConnection.objects.exists()


def test_another_merchants_models_do_not_exist(ann: Member) -> None:
    stranger = make_merchant("bikes")
    row = make_connection(stranger, "https://models.example.com/v1")
    one: dict[str, Any] = {"by": ann, "now": NOW}
    for connection_id in (row.public_id, uuid4()):
        with pytest.raises(NotFound):
            change_model(connection_id=connection_id, change=a_change(), **one)
        with pytest.raises(NotFound):
            disconnect_model(connection_id=connection_id, **one)
        with pytest.raises(NotFound):
            try_model(connection_id=connection_id, **one)
        with pytest.raises(NotFound):
            arrange_model(connection_id=connection_id, locale="en", move="in", **one)
    with scope(merchant=stranger):
        assert LanguageModelConnection.objects.count() == 1


def test_the_own_model_is_not_the_merchants_to_change(ann: Member) -> None:
    connect_model(change=a_change(), by=ann, now=NOW)
    own = LanguageModelConnection.objects.get(kind="local")
    with pytest.raises(Conflict):
        change_model(connection_id=own.public_id, change=a_change(), by=ann, now=NOW)
    with pytest.raises(Conflict):
        disconnect_model(connection_id=own.public_id, by=ann, now=NOW)


def test_a_test_is_a_real_call_that_costs_and_ends_a_pause(ann: Member, server: ModelServer) -> None:
    server.always = writes("On Thursday.", usage={"prompt_tokens": 40, "completion_tokens": 10, "total_tokens": 50})
    row = make_connection(
        ann.merchant,
        server.url,
        price_in_micros=1_000_000,
        price_out_micros=2_000_000,
        failures=4,
        paused_until=NOW + timedelta(hours=1),
    )
    tested = try_model(connection_id=row.public_id, by=ann, now=NOW)
    assert (tested.text, tested.failure) == ("On Thursday.", "")
    assert (tested.tokens_in, tested.tokens_out, tested.cost_micros) == (40, 10, 60)
    assert (ModelUsage.objects.get().calls, ModelUsage.objects.get().cost_micros) == (1, 60)
    assert (connected().failures, connected().paused_until) == (0, None)
    server.always = fails(401)
    assert try_model(connection_id=row.public_id, by=ann, now=NOW).failure == "not_authorised"
    assert (connected().failures, connected().last_failure) == (1, "not_authorised")
    assert [entry.data for entry in AuditEntry.objects.order_by("pk")] == [{"code": ""}, {"code": "not_authorised"}]


def test_tests_are_within_the_budget_and_not_many(ann: Member, server: ModelServer) -> None:
    row = make_connection(ann.merchant, server.url, daily_tokens=10)
    for _ in range(10):
        assert try_model(connection_id=row.public_id, by=ann, now=NOW).failure == "budget"
    with pytest.raises(TooMany):
        try_model(connection_id=row.public_id, by=ann, now=NOW)
    assert not server.requests
