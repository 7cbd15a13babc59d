"""Asking the language models of a merchant for wordings: one after another, until one gives some."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography.fernet import InvalidToken

from bots.backends.base import Progress
from bots.composing.rewriting import Translation, Wish
from bots.types import Candidate, ComposeRequest, Language, PersonalValues
from cs_portal.core.secrets import decrypt
from cs_portal.drafting import engine
from cs_portal.drafting.model_choice import connected_models, models_in_order
from cs_portal.drafting.models import LanguageModelConnection
from cs_portal.drafting.services.model_breaker import may_call, note_outcome
from cs_portal.drafting.services.model_meter import DailyMeter, today_of_merchant

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one model. ``name`` is empty for the portal's own; ``failure`` is a code, or empty."""

    name: str
    model: str
    made: int
    failure: str
    seconds: float


def word_candidates(
    request: ComposeRequest, *, clock: Callable[[], datetime], on_progress: Progress | None = None
) -> tuple[list[Candidate], list[Attempt]]:
    """The wordings of the first model that gives any, and every attempt. No transaction may be open.

    ``on_progress`` hears what is written, and says no when nobody waits for it: then no further model is asked.
    """
    attempts: list[Attempt] = []
    for connection in models_in_order(request.language):
        started = time.monotonic()
        if connection.is_local:
            made, failure = engine.generate(request, on_progress=on_progress)
        else:
            made, failure = _worded(connection, request, clock, on_progress)
        attempts.append(
            Attempt(
                name="" if connection.is_local else connection.name,
                model=made[0].model if made else connection.model,
                made=len(made),
                failure=failure or ("" if made else "nothing"),
                seconds=round(time.monotonic() - started, 2),
            )
        )
        if made or failure == "unwanted":
            return made, attempts
    return [], attempts


def reword_text(
    request: ComposeRequest, text: str, *, wish: Wish, clock: Callable[[], datetime]
) -> tuple[Candidate | None, str]:
    """``text`` as wished, by the first connected model that does it, else why the last one did not."""
    return _first(
        request.language,
        clock,
        lambda server, meter: engine.reword_remotely(request, text, wish=wish, server=server, meter=meter),
    )


def translate_text(
    text: str, *, language: Language, personal: PersonalValues, clock: Callable[[], datetime]
) -> tuple[Translation | None, str]:
    """A message in ``language``, by the first connected model that does it, else why the last one did not."""
    today = today_of_merchant(clock())
    return _first(
        language,
        clock,
        lambda server, meter: engine.translate_remotely(
            text, language=language, personal=personal, today=today, server=server, meter=meter
        ),
    )


def _first(
    language: str, clock: Callable[[], datetime], call: Callable[[engine.Server, DailyMeter], tuple[Made | None, str]]
) -> tuple[Made | None, str]:
    failure = "no_model"
    for connection in connected_models(language):
        made, failure = _ask(connection, clock, call)
        if made is not None:
            return made, ""
    return None, failure


def _worded(
    connection: LanguageModelConnection,
    request: ComposeRequest,
    clock: Callable[[], datetime],
    on_progress: Progress | None,
) -> tuple[list[Candidate], str]:
    made, failure = _ask(
        connection,
        clock,
        lambda server, meter: engine.generate_remotely(request, server=server, meter=meter, on_progress=on_progress),
    )
    return made or [], failure


def _ask(
    connection: LanguageModelConnection,
    clock: Callable[[], datetime],
    call: Callable[[engine.Server, DailyMeter], tuple[Made, str]],
) -> tuple[Made | None, str]:
    """One call, metered, unless the model is paused."""
    now = clock()
    if not may_call(connection, now=now):
        return None, "paused"
    server = server_of(connection)
    if server is None:
        return None, "secret_unreadable"
    meter = DailyMeter(connection, day=today_of_merchant(now))
    started = time.monotonic()
    made, failure = call(server, meter)
    meter.close(failure=failure, seconds=time.monotonic() - started)
    note_outcome(connection, failure=failure, now=clock())
    return made, failure


def server_of(connection: LanguageModelConnection, *, at_most_seconds: float = 600) -> engine.Server | None:
    """With its key in the clear; None when SECRET_KEY changed since it was stored."""
    try:
        key = decrypt(connection.key_encrypted) if connection.key_encrypted else ""
    except InvalidToken:
        return None
    return engine.Server(
        base_url=connection.base_url,
        model=connection.model,
        key=key,
        structured=connection.structured,
        deadline_seconds=min(connection.deadline_seconds, at_most_seconds),
    )
