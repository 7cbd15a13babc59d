"""Language models as the settings and the review show them: their state, what they took today, what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.console.presenters.wording import MODEL_FAILURES, word
from cs_portal.drafting import engine
from cs_portal.drafting.model_choice import models_in_order
from cs_portal.drafting.models import LanguageModelConnection, ModelUsage
from cs_portal.drafting.models.connections import MICROS
from cs_portal.merchants.models import Locale


@dataclass(frozen=True, slots=True)
class Budget:
    """``percent`` of ``most`` that is used; None and empty without a limit."""

    spent: str
    most: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    id: UUID
    name: str
    model: str
    host: str
    tone: str
    icon: str
    state: str
    why: str
    calls: int
    failures: int
    seconds: float | None
    tokens: Budget
    money: Budget | None


@dataclass(frozen=True, slots=True)
class Place:
    """A model in the order of a language; ``state`` is empty where it is asked."""

    id: UUID | None
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Order:
    """The models of a language, and those that are left out of it."""

    locale: str
    label: str
    places: list[Place]
    others: list[Place]


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """``text`` in one line: who, and what came or why nothing did."""

    text: str
    failed: bool


def connection_row(row: LanguageModelConnection, usage: ModelUsage | None, *, now: datetime) -> ConnectionRow:
    tone, icon, state, why = _state(row, now)
    calls = usage.calls if usage else 0
    tokens = usage.tokens_in + usage.tokens_out if usage else 0
    micros = usage.cost_micros if usage else 0
    paid = bool(row.price_in_micros or row.price_out_micros)
    return ConnectionRow(
        id=row.public_id,
        name=row.name,
        model=row.model,
        host=row.base_url.partition("//")[2].partition("/")[0],
        tone=tone,
        icon=icon,
        state=state,
        why=why,
        calls=calls,
        failures=usage.failures if usage else 0,
        seconds=usage.seconds / calls if usage and calls else None,
        tokens=_budget(tokens, row.daily_tokens, grouped),
        money=_budget(micros, row.daily_micros, lambda each: money_text(each, row.currency)) if paid else None,
    )


def orders(
    connections: Sequence[LanguageModelConnection], chosen: Mapping[str, Sequence[LanguageModelConnection]]
) -> list[Order]:
    """``chosen`` holds the order of each language."""
    return [
        Order(
            locale=locale,
            label=str(Locale(locale).label),
            places=[_place(each) for each in chosen.get(locale, ())],
            others=[_place(each) for each in connections if each not in chosen.get(locale, ())],
        )
        for locale in Locale.values
    ]


def asked_models() -> list[tuple[str, list[str]]]:
    """For each language the names of those that are asked, in order."""
    return [(str(label), [_place(each).name for each in models_in_order(locale)]) for locale, label in Locale.choices]


def attempts_worth_telling(attempts: Sequence[Mapping[str, Any]]) -> list[AttemptLine]:
    """Every model that a draft was tried with, in order; none where the portal's own did what it always does."""
    lines = [_attempt(attempt) for attempt in attempts]
    return (
        lines if any(line.failed or attempt.get("name") for line, attempt in zip(lines, attempts, strict=True)) else []
    )


def money_text(micros: int, currency: str) -> str:
    """``0.0042 USD``, ``12.30 USD``: fractions of a cent where there is no more."""
    amount = Decimal(micros) / MICROS
    digits = 2 if amount >= 1 or not amount else 4
    if 0 < amount < Decimal("0.0001"):
        digits = 6
    return f"{number_format(amount, decimal_pos=digits, force_grouping=True)} {currency}"


def grouped(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def model_name(recorded: str) -> str:
    """The model's name without the version of the prompt that is recorded with it."""
    return recorded.rpartition("+")[0] or recorded


def _attempt(attempt: Mapping[str, Any]) -> AttemptLine:
    name = str(attempt.get("name") or _("This portal's own model"))
    failure, made = str(attempt.get("failure") or ""), int(attempt.get("made") or 0)
    if not made:
        return AttemptLine(_("%(name)s: %(why)s") % {"name": name, "why": word(MODEL_FAILURES, failure)}, failed=True)
    seconds = number_format(float(attempt.get("seconds") or 0), decimal_pos=1)
    words = ngettext("%(count)s wording in %(seconds)s s", "%(count)s wordings in %(seconds)s s", made)
    came = words % {"count": made, "seconds": seconds}
    return AttemptLine(_("%(name)s: %(why)s") % {"name": name, "why": came}, failed=False)


def _state(row: LanguageModelConnection, now: datetime) -> tuple[str, str, str, str]:
    why = word(MODEL_FAILURES, row.last_failure) if row.last_failure else ""
    if not row.enabled:
        return "", "ban", _("Switched off"), ""
    if row.paused_until is not None and row.paused_until > now:
        return "bad", "player-pause", _("Paused after failures"), why
    if row.failures:
        return "warn", "alert-triangle", _("Failed last"), why
    return "good", "check", _("Ready"), ""


def _place(row: LanguageModelConnection) -> Place:
    if row.is_local:
        state = "" if engine.has_language_model() else _("Not installed")
        return Place(row.public_id, _("This portal's own model"), state)
    return Place(row.public_id, row.name, "" if row.enabled else _("Switched off"))


def _budget(spent: int, most: int | None, shown: Any) -> Budget:
    if most is None:
        return Budget(shown(spent), "", None)
    return Budget(shown(spent), shown(most), min(100, round(100 * spent / most)))
