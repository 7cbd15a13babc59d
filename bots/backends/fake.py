"""A language model that says what it was told to say: for tests, demonstrations and trying out a console."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from bots.backends.base import BackendTimeout, Generation, Progress, Prompt, Unwanted


class FakeLanguageModel:
    """Answers from a queue, ``n`` at a time, and remembers the prompts it was given.

    An empty queue gives fewer generations than asked for, finally none. ``delay`` is the seconds a call takes
    (``BackendTimeout`` after ``deadline_seconds`` if that is shorter); ``error`` is raised by every call. Progress is
    told after the delay, word by word.
    Log-probabilities are -1 per whitespace-separated word, so they are exact in tests.
    """

    def __init__(
        self, answers: Iterable[str] = (), *, delay: float = 0.0, error: Exception | None = None, name: str = "fake"
    ) -> None:
        self.name = name
        self.answers: deque[str] = deque(answers)
        self.prompts: list[Prompt] = []
        self._delay = delay
        self._error = error
        self._lock = threading.Lock()

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
        del seed
        with self._lock:
            self.prompts.append(prompt)
            if self._error is not None:
                raise self._error
            if deadline_seconds is not None and self._delay > deadline_seconds:
                time.sleep(deadline_seconds)
                raise BackendTimeout(f"{self.name} gave no answer within {deadline_seconds:g} s.")
            time.sleep(self._delay)
            texts = [self.answers.popleft() for _ in range(min(n, len(self.answers)))]
        if on_progress is not None and not all(on_progress(text) for text in _growing(texts[:1])):
            raise Unwanted(f"Nobody waits for {self.name} any more.")
        return [self._generation(text, max_new_tokens) for text in texts]

    def per_token(
        self, prompt: Prompt | None, texts: Sequence[str], *, deadline_seconds: float | None = None
    ) -> list[float]:
        """-1 for the reply to a prompt, as it generates; -2 for a text by itself."""
        del deadline_seconds
        if self._error is not None:
            raise self._error
        return [-1.0 if prompt is not None else -2.0 for _ in texts]

    def _generation(self, text: str, max_new_tokens: int) -> Generation:
        tokens = len(text.split())
        return Generation(text, -1.0 * tokens, tokens, self._delay, finished=tokens <= max_new_tokens)


def _growing(texts: list[str]) -> Iterator[str]:
    for text in texts:
        words = text.split()
        for number in range(1, len(words) + 1):
            yield " ".join(words[:number])
