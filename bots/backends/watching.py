"""What is looked at while a model writes: the clock, and whether anyone still waits for it."""

from __future__ import annotations

from collections.abc import Callable

from bots.backends.base import Progress, Unwanted

#: Between two reports, so that whoever is told can keep up.
_SECONDS_BETWEEN = 0.25


class Watch:
    """``end`` is the deadline on ``clock``; ``passed`` tells that it was seen to be over."""

    def __init__(
        self, name: str, *, clock: Callable[[], float], end: float | None, on_progress: Progress | None
    ) -> None:
        self.passed = False
        self._name = name
        self._clock = clock
        self._end = end
        self._on_progress = on_progress
        self._next_report = float("-inf")

    def check(self, written: Callable[[], str]) -> bool:
        """Whether the deadline is over. Reports what is ``written`` when it is time to; raises ``Unwanted``."""
        if self._end is None and self._on_progress is None:
            return False
        now = self._clock()
        if self._end is not None and now >= self._end:
            self.passed = True
        elif self._on_progress is not None and now >= self._next_report:
            self._next_report = now + _SECONDS_BETWEEN
            if not self._on_progress(written()):
                raise Unwanted(f"Nobody waits for {self._name} any more.")
        return self.passed
