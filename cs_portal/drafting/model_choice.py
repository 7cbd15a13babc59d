"""The language models that drafts of a language are tried with, in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cs_portal.drafting import engine
from cs_portal.drafting.models import LanguageModelConnection, ModelChoice, ModelKind, ModelUsage
from cs_portal.merchants.models import Locale


def models_in_order(locale: str) -> list[LanguageModelConnection]:
    """Those that are switched on, and the portal's own only where it is installed. Empty leaves the composer alone."""
    choices = ModelChoice.objects.filter(locale=locale).select_related("connection")
    chosen = [choice.connection for choice in choices]
    if not chosen and not LanguageModelConnection.objects.exists():
        chosen = [LanguageModelConnection(kind=ModelKind.LOCAL)]
    return [each for each in chosen if each.enabled and (not each.is_local or engine.has_language_model())]


def connected_models(locale: str) -> list[LanguageModelConnection]:
    """Those of :func:`models_in_order` that can rewrite and translate: the portal's own is too small for it."""
    return [each for each in models_in_order(locale) if not each.is_local]


def has_model(locale: str | None = None) -> bool:
    """Whether drafts of ``locale``, or of any language, get wordings of a language model."""
    return any(models_in_order(each) for each in ([locale] if locale else Locale.values))


def chosen_models() -> tuple[list[LanguageModelConnection], dict[str, list[LanguageModelConnection]]]:
    """Every model of the merchant, and the order of each language, those that are not asked included. Two queries."""
    every = list(LanguageModelConnection.objects.order_by("-kind", "pk"))
    by_pk = {row.pk: row for row in every}
    chosen: dict[str, list[LanguageModelConnection]] = {}
    for locale, pk in ModelChoice.objects.values_list("locale", "connection_id"):
        chosen.setdefault(locale, []).append(by_pk[pk])
    return every, chosen


def remote_models(rows: Iterable[LanguageModelConnection]) -> list[LanguageModelConnection]:
    return [row for row in rows if not row.is_local]


def usage_of_day(day: date) -> dict[int, ModelUsage]:
    """By connection; one query."""
    return {row.connection_id: row for row in ModelUsage.objects.filter(day=day)}
