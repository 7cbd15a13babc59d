"""The only door from drafting to ``bots``: one bot per process, loaded when first needed or by :func:`warm_up`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import cache

from django.conf import settings

from bots.api import Bot, Candidate, ComposeRequest, GenerationFailed
from bots.backends.base import LanguageModel
from bots.models import embedder_folder, language_model_folder
from bots.retrieval.embedders import Embedder, load_embedder
from cs_portal.core.models import Queue

logger = logging.getLogger(__name__)

_loading = threading.RLock()


@cache
def _embedder() -> Embedder:
    """``EMBEDDER``, else the installed default, else the dependency-free hashing embedder."""
    if settings.EMBEDDER == "hashing":
        return load_embedder(None)
    folder = embedder_folder(settings.MODELS_DIR)
    return load_embedder(settings.EMBEDDER or (str(folder) if folder else None))


@cache
def _language_model() -> LanguageModel | None:
    if not has_language_model():
        return None
    from bots.backends.transformers import TransformersLanguageModel

    return TransformersLanguageModel(settings.LANGUAGE_MODEL or str(language_model_folder(settings.MODELS_DIR)))


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


def compose(request: ComposeRequest) -> Candidate:
    """The grounded composer's candidate: milliseconds, no model."""
    return next(bot().compose(request))


def generate(request: ComposeRequest) -> tuple[list[Candidate], str]:
    """The language model's candidates, and why there are none or fewer ("" when nothing went wrong)."""
    failures: list[GenerationFailed] = []
    made = drafting_bot().generate(
        request,
        candidates=settings.MODEL_CANDIDATES,
        deadline_seconds=settings.MODEL_DEADLINE_SECONDS,
        on_failure=failures.append,
    )
    return list(made), failures[0].detail if failures else ""


def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Best first."""
    return Bot.rank(candidates)


def has_language_model() -> bool:
    """Whether a language model is configured and installed; says nothing about a worker having loaded it."""
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
