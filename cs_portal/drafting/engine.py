"""The only door from drafting to ``bots``: one bot per process, loaded when first needed or by :func:`warm_up`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from bots.api import Bot, Candidate, ComposeRequest, GenerationFailed, HashingEmbedder
from bots.backends.base import (
    AddressRefused,
    BackendError,
    GarbledAnswer,
    Generation,
    LanguageModel,
    Meter,
    Progress,
    Prompt,
)
from bots.backends.openai_compatible import OpenAICompatibleModel, OpenAIServer
from bots.composing.drafting import failure_of
from bots.composing.rewriting import Translation, Wish, reword, translate
from bots.models import language_model_folder
from bots.retrieval.bert import Precision, best_precision
from bots.retrieval.defaults import default_embedder
from bots.retrieval.embedders import Embedder, load_embedder
from bots.types import Language, PersonalValues
from cs_portal.core.models import Queue
from cs_portal.core.outbound import Broken, NotReached, OutboundRefused

logger = logging.getLogger(__name__)

Made = TypeVar("Made")

_loading = threading.RLock()
#: A capable model is not cut off in the middle of a reply; a paid one has a limit nevertheless.
REMOTE_MAX_NEW_TOKENS = 400
#: A message may have as many characters as the chat takes.
TRANSLATION_MAX_NEW_TOKENS = 1500
_LONGEST_ANSWER_BYTES = 2_000_000
#: Of a model's name as candidates record it, with the version of the prompt.
_LONGEST_NAME = 100
_TRIAL = Prompt(
    "You answer in one short sentence.", "A parcel takes three days. When does it arrive, if sent on Monday?"
)


@cache
def _embedder() -> Embedder:
    """``EMBEDDER``, else the installed defaults joined, else (or for ``none``) the hashing embedder without a model."""
    if settings.EMBEDDER in {"none", "hashing"}:
        return load_embedder(None)
    chosen: dict[str, Precision] = {"float32": "float32", "bfloat16": "bfloat16"}
    precision = chosen.get(settings.EMBEDDER_PRECISION) or best_precision()
    batch = settings.EMBEDDER_BATCH
    if settings.EMBEDDER:
        return load_embedder(settings.EMBEDDER, precision=precision, batch=batch)
    cache = settings.ENGINE_CACHE_DIR
    return default_embedder(settings.MODELS_DIR, precision=precision, batch=batch, cache=cache)


@cache
def _language_model() -> LanguageModel | None:
    if not has_language_model():
        return None
    from bots.backends.transformers import TransformersLanguageModel

    adapter = Path(settings.LANGUAGE_MODEL_ADAPTER) if settings.LANGUAGE_MODEL_ADAPTER else None
    name = settings.LANGUAGE_MODEL or str(language_model_folder(settings.MODELS_DIR))
    return TransformersLanguageModel(name, adapter=adapter)


@cache
def _bot(with_model: bool) -> Bot:
    backend = _language_model() if with_model else None
    return Bot(embedder=_embedder(), backend=backend, cache=settings.ENGINE_CACHE_DIR)


def bot() -> Bot:
    """Understands, searches and composes; holds no language model."""
    with _loading:
        return _bot(False)


def drafting_bot() -> Bot:
    """The bot of the model queue, with the language model (seconds to load the first time)."""
    with _loading:
        return _bot(True)


def measured_bot() -> Bot:
    """The bot without its cache: what it learns is learned anew, and nothing that it reads is kept."""
    with _loading:
        return Bot(embedder=_embedder())


def compose(request: ComposeRequest) -> Candidate:
    """The grounded composer's candidate: milliseconds, no model."""
    return next(bot().compose(request))


def generate(request: ComposeRequest, *, on_progress: Progress | None = None) -> tuple[list[Candidate], str]:
    """The own language model's candidates, and the code of why there are none or fewer ("" when nothing went wrong)."""
    failures: list[GenerationFailed] = []
    made = drafting_bot().generate(
        request,
        candidates=settings.MODEL_CANDIDATES,
        deadline_seconds=settings.MODEL_DEADLINE_SECONDS,
        on_failure=failures.append,
        on_progress=on_progress,
    )
    return list(made), _reported(failures)


@dataclass(frozen=True, slots=True)
class Server:
    """A model behind OpenAI's protocol. ``key`` in the clear, so it is kept out of every representation."""

    base_url: str
    model: str
    key: str
    structured: bool
    deadline_seconds: float

    def __repr__(self) -> str:
        return f"Server({self.model})"


def generate_remotely(
    request: ComposeRequest, *, server: Server, meter: Meter, on_progress: Progress | None = None
) -> tuple[list[Candidate], str]:
    """As :func:`generate`, by a model behind a server. Loads no model library. No transaction may be open."""
    failures: list[GenerationFailed] = []
    made = _wording_bot().generate(
        request,
        candidates=settings.MODEL_CANDIDATES,
        deadline_seconds=server.deadline_seconds,
        on_failure=failures.append,
        backend=_RemoteModel(server, meter),
        max_new_tokens=REMOTE_MAX_NEW_TOKENS,
        on_progress=on_progress,
    )
    return list(made), _reported(failures)


@dataclass(frozen=True, slots=True)
class Tried:
    """``failure`` is a code, empty when the model answered with ``text``."""

    text: str
    failure: str
    seconds: float


def try_server(*, server: Server, meter: Meter) -> Tried:
    """One short call that holds nothing of any merchant. No transaction may be open."""
    started = time.monotonic()
    text, failure = "", ""
    try:
        (made,) = _RemoteModel(server, meter).generate(
            _TRIAL, n=1, max_new_tokens=REMOTE_MAX_NEW_TOKENS, seed=1, deadline_seconds=server.deadline_seconds
        )
        text = made.text
    except Exception as error:  # as in Bot.generate: a backend is foreign code
        failure = _reported([failure_of(error)])
    return Tried(text, failure, time.monotonic() - started)


def reword_remotely(
    request: ComposeRequest, text: str, *, wish: Wish, server: Server, meter: Meter
) -> tuple[Candidate | None, str]:
    """``text`` as wished by a model behind a server, checked, or the code of why not. No transaction may be open."""
    return _asked(
        lambda: reword(
            _RemoteModel(server, meter),
            request,
            text,
            wish=wish,
            max_new_tokens=REMOTE_MAX_NEW_TOKENS,
            deadline_seconds=server.deadline_seconds,
        )
    )


def translate_remotely(
    text: str, *, language: Language, personal: PersonalValues, today: date, server: Server, meter: Meter
) -> tuple[Translation | None, str]:
    """A message in ``language``, or the code of why not. No transaction may be open."""
    return _asked(
        lambda: translate(
            _RemoteModel(server, meter),
            text,
            language=language,
            personal=personal,
            today=today,
            max_new_tokens=TRANSLATION_MAX_NEW_TOKENS,
            deadline_seconds=server.deadline_seconds,
        )
    )


def _asked(ask: Callable[[], Made]) -> tuple[Made | None, str]:
    try:
        return ask(), ""
    except Exception as error:  # as in Bot.generate: a backend is foreign code
        return None, _reported([failure_of(error)])


class _RemoteModel:
    """A language model whose calls go through our door, with the door's refusals in the engine's words."""

    def __init__(self, server: Server, meter: Meter) -> None:
        hosts = frozenset(settings.LANGUAGE_MODEL_HOSTS)
        self._model = OpenAICompatibleModel(
            _openai_server(server.base_url, server.model, server.key, server.structured, hosts), meter=meter
        )
        self.name = server.model[-_LONGEST_NAME:]

    def generate(
        self,
        prompt: Prompt,
        *,
        n: int,
        max_new_tokens: int,
        seed: int,
        deadline_seconds: float | None = None,
        on_progress: Progress | None = None,
    ) -> list[Generation]:
        try:
            return self._model.generate(
                prompt,
                n=n,
                max_new_tokens=max_new_tokens,
                seed=seed,
                deadline_seconds=deadline_seconds,
                on_progress=on_progress,
            )
        except OutboundRefused as refused:
            raise AddressRefused(f"The address of {self.name} is never called ({refused}).") from None
        except NotReached as failed:
            raise BackendError(f"{self.name} cannot be reached ({failed}).") from None
        except Broken as failed:
            raise GarbledAnswer(f"{self.name} gave no usable answer ({failed}).") from None


@lru_cache(maxsize=64)
def _openai_server(
    base_url: str, model: str, key: str, structured: bool, private_hosts: frozenset[str]
) -> OpenAIServer:
    """Kept, so that the dialect of a server is found out once."""
    from cs_portal.core.outbound_http import GuardedTransport

    transport = GuardedTransport(private_hosts=private_hosts, max_bytes=_LONGEST_ANSWER_BYTES)
    return OpenAIServer(base_url, model, api_key=key, structured=structured, transport=transport)


@cache
def _wording_bot() -> Bot:
    """For words only: it never searches, so it needs no embedder that knows meanings."""
    return Bot(embedder=HashingEmbedder())


def _reported(failures: Sequence[GenerationFailed]) -> str:
    for failure in failures:
        if failure.reason == "unwanted":
            continue
        logger.warning("The language model gave no candidate (%s): %s", failure.reason, failure.detail)
    return failures[0].reason if failures else ""


def judge(request: ComposeRequest, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with their likelihood under the own language model; unchanged where it fails."""
    return drafting_bot().judge(request, candidates, deadline_seconds=settings.MODEL_DEADLINE_SECONDS)


def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Best first, by the default weights."""
    return Bot.rank(candidates)


def has_language_model() -> bool:
    """Whether the own language model is configured and installed; says nothing about a worker having loaded it."""
    if settings.LANGUAGE_MODEL:
        return bool(settings.LANGUAGE_MODEL != "none")
    return language_model_folder(settings.MODELS_DIR) is not None


def warm_up(queue: str) -> Callable[[], None] | None:
    """What a worker of ``queue`` should load before its first job."""
    if queue == Queue.FAST:
        return lambda: bot().warm_up()
    if queue == Queue.MODEL:
        return lambda: drafting_bot().warm_up()
    return None
