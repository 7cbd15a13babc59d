"""Candidates of a language model: prompted, restored, cleaned, checked, linked and scored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bots.backends.base import BackendError, FailureReason, Generation, LanguageModel, Progress
from bots.composing.linking import link_sentences
from bots.composing.prompts.builder import VERSION, MaskedPrompt, build_prompt
from bots.composing.ranking import scores
from bots.composing.signals import SignalReader
from bots.expressions.folding import without_format_characters
from bots.guard.check import Guard
from bots.types import Candidate, ComposeRequest

#: What the small default model is given: longer replies of it are not better, only slower.
MAX_NEW_TOKENS = 120
_LONGEST_REPLY = 4_000
_LABEL = re.compile(
    r"^(?:reply(?: to the shopper)?|store|shop|assistant|给顾客的回复|商家|客服|回复)\s*[:：]\s*", re.IGNORECASE
)
_HALF_PLACEHOLDER = re.compile(r"\[[A-Z]*_?\d*$")


@dataclass(frozen=True, slots=True)
class GenerationFailed:
    """Why a language model gave no (more) candidates; ``detail`` is one sentence for an operator, without any text."""

    reason: FailureReason
    detail: str


class ModelDrafter:
    """Drafts with one language model."""

    def __init__(self, backend: LanguageModel, *, max_new_tokens: int = MAX_NEW_TOKENS) -> None:
        self._backend = backend
        self._max_new_tokens = max_new_tokens

    def draft(
        self,
        request: ComposeRequest,
        *,
        candidates: int,
        deadline_seconds: float | None,
        on_progress: Progress | None = None,
    ) -> Iterator[Candidate]:
        """Up to ``candidates`` distinct candidates. Raises what the backend raises.

        ``on_progress`` hears of the first one as it will read, as far as it is written; nothing of it is checked yet.
        """
        masked = build_prompt(request)
        guard = Guard.of(request)
        reader = SignalReader(request)
        seen: set[str] = set()
        generations = self._backend.generate(
            masked.prompt,
            n=candidates,
            max_new_tokens=self._max_new_tokens,
            seed=request.seed,
            deadline_seconds=deadline_seconds,
            on_progress=None if on_progress is None else lambda text: on_progress(_so_far(text, masked)),
        )
        for generation in generations:
            candidate = self._candidate(request, masked, guard, reader, generation)
            if candidate.text not in seen:
                seen.add(candidate.text)
                yield candidate

    def _candidate(
        self, request: ComposeRequest, masked: MaskedPrompt, guard: Guard, reader: SignalReader, generation: Generation
    ) -> Candidate:
        text, _ = masked.masker.restore(cleaned(generation.text))
        candidate = Candidate(
            text=text,
            source="language_model",
            model=f"{self._backend.name}+{VERSION}",
            score=0.0,
            links=link_sentences(text, request),
            violations=guard.check(text),
            log_probability=generation.log_probability,
            tokens=generation.tokens,
            seconds=generation.seconds,
        )
        signals = reader.read(candidate)
        return replace(candidate, signals=signals, score=scores([signals])[0])


def failure_of(error: Exception) -> GenerationFailed:
    """What an operator is told about an error of the backend."""
    if isinstance(error, BackendError):
        return GenerationFailed(error.reason, str(error))
    # Messages of foreign errors may quote the prompt; their kind is enough.
    return GenerationFailed("unavailable", f"The language model failed ({type(error).__name__}).")


def _so_far(text: str, masked: MaskedPrompt) -> str:
    """An unfinished text with its placeholders restored, without what may yet become one or a label."""
    text, _ = masked.masker.restore(_HALF_PLACEHOLDER.sub("", cleaned(text.rstrip("\ufffd"))))
    return text


def cleaned(text: str) -> str:
    """Without a label before it, characters that nobody sees, and gaps."""
    text = without_format_characters(text[:_LONGEST_REPLY]).strip()
    text = _LABEL.sub("", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
