"""Connecting a merchant to language models: their addresses, keys, prices, budgets and order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.outbound import OutboundRefused, check_url
from cs_portal.core.ratelimit import hit
from cs_portal.core.secrets import encrypt
from cs_portal.drafting import engine
from cs_portal.drafting.models import LanguageModelConnection, ModelChoice, ModelKind
from cs_portal.drafting.services.model_breaker import note_outcome
from cs_portal.drafting.services.model_calls import server_of
from cs_portal.drafting.services.model_meter import DailyMeter, today_of_merchant
from cs_portal.merchants.models import Locale, Member
from cs_portal.merchants.services.roles import log, require_configurer

MOST_CONNECTIONS = 20
LONGEST_KEY = 500
LONGEST_MODEL = 200
TRIES_A_MINUTE = 10
#: Seconds that a person waits for a test, whatever drafts may take.
TRY_SECONDS = 15

Move = Literal["up", "down", "out", "in"]


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """What a connection shall be. An empty ``key`` keeps the stored one. Prices are millionths, per million tokens."""

    name: str
    base_url: str
    model: str
    key: str
    structured: bool
    deadline_seconds: int
    currency: str
    price_in_micros: int
    price_out_micros: int
    daily_tokens: int | None
    daily_micros: int | None
    enabled: bool

    def __repr__(self) -> str:
        return f"ConnectionChange({self.name})"


def connect_model(*, change: ConnectionChange, by: Member, now: datetime) -> LanguageModelConnection:
    """Add a server. It is asked for nothing until it is put into the order of a language. Raises :class:`Invalid`."""
    require_configurer(by)
    fields = _checked(change)
    if LanguageModelConnection.objects.count() >= MOST_CONNECTIONS:
        raise Invalid(_("There are enough models. Delete one first."))
    with transaction.atomic():
        _keep_own_model(now)
        try:
            with transaction.atomic():
                row: LanguageModelConnection = LanguageModelConnection.objects.create(
                    kind=ModelKind.OPENAI_COMPATIBLE,
                    key_encrypted=encrypt(change.key) if change.key else "",
                    created_at=now,
                    **fields,
                    updated_at=now,
                )
        except IntegrityError:
            raise Invalid(_("Another model has this name."), field="name") from None
        _log(by, "model.connected", row, now)
    return row


def change_model(*, connection_id: UUID, change: ConnectionChange, by: Member, now: datetime) -> None:
    """Change a server. Its pause ends. Raises :class:`Invalid`, also for another address without its key.

    (Else who may change settings could have a key sent to a server of their own, without knowing it.)
    """
    require_configurer(by)
    row = remote_connection(connection_id)
    fields = _checked(change)
    if row.key_encrypted and not change.key and fields["base_url"] != row.base_url:
        raise Invalid(_("The address changed. Enter the key for it again."), field="key")
    if change.key:
        fields["key_encrypted"] = encrypt(change.key)
    with transaction.atomic():
        try:
            with transaction.atomic():
                LanguageModelConnection.objects.filter(pk=row.pk).update(
                    **fields, failures=0, last_failure="", paused_until=None, updated_at=now
                )
        except IntegrityError:
            raise Invalid(_("Another model has this name."), field="name") from None
        _log(by, "model.changed", row, now)


def disconnect_model(*, connection_id: UUID, by: Member, now: datetime) -> None:
    """Forget a server with its key and its figures."""
    require_configurer(by)
    row = remote_connection(connection_id)
    with transaction.atomic():
        _log(by, "model.disconnected", row, now)
        row.delete()


def arrange_model(*, connection_id: UUID, locale: str, move: Move, by: Member, now: datetime) -> None:
    """Move a model within the order of a language, put it at its end, or leave it out."""
    require_configurer(by)
    row = LanguageModelConnection.by_public_id(connection_id)
    if locale not in Locale.values or move not in {"up", "down", "out", "in"}:
        raise Invalid(_("This cannot be done."))
    with transaction.atomic():
        _keep_own_model(now)
        # One order is arranged at a time.
        list(LanguageModelConnection.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
        order = list(ModelChoice.objects.filter(locale=locale).values_list("connection_id", flat=True))
        arranged = _moved(order, row.pk, move)
        if arranged == order:
            return
        ModelChoice.objects.filter(locale=locale).delete()
        ModelChoice.objects.bulk_create(
            ModelChoice(connection_id=pk, locale=locale, position=position)
            for position, pk in enumerate(arranged, start=1)
        )
        _log(by, "model.arranged", row, now, locale=locale, move=move)


@dataclass(frozen=True, slots=True)
class Tested:
    """``failure`` is a code, empty when the model answered with ``text``."""

    text: str
    failure: str
    milliseconds: int
    tokens_in: int
    tokens_out: int
    cost_micros: int


def try_model(*, connection_id: UUID, by: Member, now: datetime) -> Tested:
    """One real, short call within the budget. No transaction may be open. Raises ``TooMany``.

    A pause does not hold it up, and an answer ends the pause: that is what the test is for.
    """
    require_configurer(by)
    row = remote_connection(connection_id)
    hit(scope="try-model", subject=str(by.merchant_id), limit=TRIES_A_MINUTE, seconds=60, now=now)
    server = server_of(row, at_most_seconds=TRY_SECONDS)
    if server is None:
        return Tested("", "secret_unreadable", 0, 0, 0, 0)
    meter = DailyMeter(row, day=today_of_merchant(now))
    tried = engine.try_server(server=server, meter=meter)
    meter.close(failure=tried.failure, seconds=tried.seconds)
    note_outcome(row, failure=tried.failure, now=now)
    _log(by, "model.server_tried", row, now, code=tried.failure)
    return Tested(
        text=tried.text[:300],
        failure=tried.failure,
        milliseconds=round(tried.seconds * 1000),
        tokens_in=meter.tokens_in,
        tokens_out=meter.tokens_out,
        cost_micros=meter.cost_micros,
    )


def remote_connection(connection_id: UUID) -> LanguageModelConnection:
    """Raises :class:`~cs_portal.core.errors.NotFound`, and :class:`Conflict` for the portal's own model."""
    row = LanguageModelConnection.by_public_id(connection_id)
    if row.is_local:
        raise Conflict(_("The portal's own model is chosen by whoever runs this portal."))
    return row


def _keep_own_model(now: datetime) -> None:
    """Before the first change of what models there are: what was understood so far becomes rows."""
    row, fresh = LanguageModelConnection.objects.get_or_create(
        kind=ModelKind.LOCAL, defaults={"name": "", "created_at": now, "updated_at": now}
    )
    if fresh:
        ModelChoice.objects.bulk_create(
            ModelChoice(connection=row, locale=locale, position=1) for locale in Locale.values
        )


def _checked(change: ConnectionChange) -> dict[str, Any]:
    """The fields to write, without the key."""
    name, model = change.name.strip(), change.model.strip()
    if not name:
        raise Invalid(_("Give it a name."), field="name")
    if not model or len(model) > LONGEST_MODEL:
        raise Invalid(_("Write the model's name as the server knows it."), field="model")
    key = change.key
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise Invalid(_("This is no key."), field="key")
    return {
        "name": name,
        "base_url": _checked_address(change.base_url),
        "model": model,
        "structured": change.structured,
        "deadline_seconds": change.deadline_seconds,
        "currency": change.currency,
        "price_in_micros": change.price_in_micros,
        "price_out_micros": change.price_out_micros,
        "daily_tokens": change.daily_tokens,
        "daily_micros": change.daily_micros,
        "enabled": change.enabled,
    }


def _checked_address(base_url: str) -> str:
    url = base_url.strip().rstrip("/").removesuffix("/chat/completions")
    try:
        check_url(url, private_hosts=settings.LANGUAGE_MODEL_HOSTS)
    except OutboundRefused as refused:
        if str(refused) in {"private_address", "not_https"} and urlsplit(url).scheme in {"http", "https"}:
            raise Invalid(
                _(
                    "Only public addresses over HTTPS are called. For a server in your own network, whoever runs this "
                    "portal lists its host in LANGUAGE_MODEL_HOSTS."
                ),
                field="base_url",
            ) from None
        raise Invalid(_("Write the address of the server: https://…/v1"), field="base_url") from None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise Invalid(_("Write the address without ? and #."), field="base_url")
    return url


def _moved(order: list[int], pk: int, move: Move) -> list[int]:
    if move == "in":
        return order if pk in order else [*order, pk]
    if pk not in order:
        return order
    rest = [each for each in order if each != pk]
    if move == "out":
        return rest
    position = order.index(pk) + (-1 if move == "up" else 1)
    rest.insert(max(0, position), pk)
    return rest


def _log(by: Member, action: str, row: LanguageModelConnection, now: datetime, **data: str) -> None:
    log(by, action, f"model:{row.public_id}", now, data)
