"""Connections to a model server of the tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cs_portal.core.secrets import encrypt
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import LanguageModelConnection, ModelChoice, ModelKind
from cs_portal.drafting.services.model_connections import ConnectionChange
from cs_portal.merchants.models import Locale, Merchant

KEY = "sk-VERYSECRETKEY"


def make_connection(
    merchant: Merchant, base_url: str, name: str = "House model", *, used: bool = True, **fields: Any
) -> LanguageModelConnection:
    """A server, last in the order of both languages where it is ``used``."""
    now = timezone.now()
    given: dict[str, Any] = {
        "kind": ModelKind.OPENAI_COMPATIBLE,
        "model": "small-1",
        "key_encrypted": encrypt(KEY),
        "deadline_seconds": 5,
        "created_at": now,
        "updated_at": now,
        **fields,
    }
    with scope(merchant=merchant):
        row: LanguageModelConnection = LanguageModelConnection.objects.create(name=name, base_url=base_url, **given)
        for locale in Locale.values if used else ():
            position = ModelChoice.objects.filter(locale=locale).count() + 1
            ModelChoice.objects.create(connection=row, locale=locale, position=position)
    return row


def a_change(**fields: Any) -> ConnectionChange:
    given: dict[str, Any] = {
        "name": "Hosted",
        "base_url": "https://models.example.com/v1",
        "model": "gpt-small",
        "key": KEY,
        "structured": False,
        "deadline_seconds": 20,
        "currency": "USD",
        "price_in_micros": 150_000,
        "price_out_micros": 600_000,
        "daily_tokens": None,
        "daily_micros": None,
        "enabled": True,
        **fields,
    }
    return ConnectionChange(**given)
