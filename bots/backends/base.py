"""The protocol of a language model: a prompt in, several independent generations out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class BackendError(Exception):
    """A model could not do what was asked; the message is one sentence for an operator."""


class BackendTimeout(BackendError):
    """The deadline passed before one generation was finished."""


class ModelMissing(BackendError):
    """The named model is neither a folder nor a file here, nor can the hub give it."""


class PromptTooLong(BackendError):
    """Prompt and new tokens together exceed the model's context."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """``system`` holds the instructions, ``user`` the data; kept apart where the model's template allows."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Generation:
    """One sampled continuation.

    ``log_probability`` is the sum of ln P(token | prefix) over its ``tokens`` tokens, the end-of-text token included,
    under the model's own distribution (temperature 1, no truncation), so it is at most 0 and comparable between
    samplings. ``seconds`` is the wall time of the whole call that made it. ``finished`` is False when the token limit
    cut the text off.
    """

    text: str
    log_probability: float
    tokens: int
    seconds: float
    finished: bool = True


class LanguageModel(Protocol):
    """Safe to call from several threads; calls on one model run one after another."""

    @property
    def name(self) -> str:
        """Stable name, recorded with every candidate."""

    def generate(
        self, prompt: Prompt, *, n: int, max_new_tokens: int, seed: int, deadline_seconds: float | None = None
    ) -> list[Generation]:
        """Up to ``n`` generations, in no particular order; the same arguments give the same texts.

        ``deadline_seconds`` counts from the call, waiting for the model included. When it passes, the generations
        finished by then are returned and the cut ones dropped; ``BackendTimeout`` when none was finished.
        """
