"""The protocol of a language model: a prompt in, several independent generations out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

#: Why a model gave nothing; the console has the words.
FailureReason = Literal[
    "timeout",
    "too_long",
    "unavailable",
    "budget",
    "rate_limited",
    "not_authorised",
    "unknown_model",
    "refused",
    "redirected",
    "garbled",
    "address",
    "unwanted",
]

#: Told every now and then how far the first generation is; answers whether any is still wanted. Called by the thread
#: that generates.
Progress = Callable[[str], bool]


class BackendError(Exception):
    """A model could not do what was asked; the message is one sentence for an operator, without any text or key."""

    reason: ClassVar[FailureReason] = "unavailable"


class BackendTimeout(BackendError):
    """The deadline passed before one generation was finished."""

    reason = "timeout"


class ModelMissing(BackendError):
    """The named model is neither a folder nor a file here, nor can the hub give it."""


class PromptTooLong(BackendError):
    """Prompt and new tokens together exceed the model's context."""

    reason = "too_long"


class BudgetUsedUp(BackendError):
    """The meter does not admit the call."""

    reason = "budget"


class RateLimited(BackendError):
    """The server takes no more calls for now."""

    reason = "rate_limited"


class NotAuthorised(BackendError):
    """The server does not accept the key."""

    reason = "not_authorised"


class UnknownModel(BackendError):
    """The server has no such model, or no such path."""

    reason = "unknown_model"


class CallRefused(BackendError):
    """The server refuses the request, or to write about it."""

    reason = "refused"


class Redirected(BackendError):
    """The server names another address, which is not followed."""

    reason = "redirected"


class AddressRefused(BackendError):
    """The server's address is one that is not called."""

    reason = "address"


class GarbledAnswer(BackendError):
    """The answer is not what the protocol says, too long, or broke off."""

    reason = "garbled"


class Unwanted(BackendError):
    """Whoever asked does not want the generations any more."""

    reason = "unwanted"


@dataclass(frozen=True, slots=True)
class Prompt:
    """``system`` holds the instructions, ``user`` the data; kept apart where the model's template allows.

    ``fixed`` is the beginning of ``system`` that other prompts share, so that a model may keep what it made of it.
    """

    system: str
    user: str
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """One sampled continuation.

    ``log_probability`` is the sum of ln P(token | prefix) over its ``tokens`` tokens, the end-of-text token included,
    under the model's own distribution (temperature 1, no truncation), so it is at most 0 and comparable between
    samplings; None where a server tells no probabilities. ``seconds`` is the wall time of the whole call that made it.
    ``finished`` is False when the token limit cut the text off.
    """

    text: str
    log_probability: float | None
    tokens: int
    seconds: float
    finished: bool = True


class LanguageModel(Protocol):
    """Safe to call from several threads; calls on one model run one after another."""

    @property
    def name(self) -> str:
        """Stable name, recorded with every candidate."""

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
        """Up to ``n`` generations, in no particular order; the same arguments give the same texts.

        ``deadline_seconds`` counts from the call, waiting for the model included. When it passes, the generations
        finished by then are returned and the cut ones dropped; ``BackendTimeout`` when none was finished.
        ``Unwanted`` as soon as ``on_progress`` says no.
        """


@runtime_checkable
class ScoringModel(LanguageModel, Protocol):
    """A language model that also says how likely it finds a text that somebody else wrote."""

    def per_token(
        self, prompt: Prompt | None, texts: Sequence[str], *, deadline_seconds: float | None = None
    ) -> list[float]:
        """ln P of each text, divided by its tokens (the one that ends it included), as the reply to ``prompt`` or, for
        None, by itself.

        ``deadline_seconds`` bounds the wait for the model; a forward pass is not broken off. An empty list for none.
        """


class Meter(Protocol):
    """Counts the tokens of a model that is paid for, and stops it in time. Called by the thread that generates."""

    def admit(self, *, tokens_in: int, tokens_out: int) -> bool:
        """Whether a call of at most so many tokens may be made; they count as spent from now on."""

    def settle(self, *, tokens_in: int, tokens_out: int) -> None:
        """What the admitted call took instead."""
