"""Somebody who is told how far a model is."""

from __future__ import annotations


class Hearing(list[str]):
    """The texts heard; wants to hear on until one has ``enough`` characters."""

    def __init__(self, enough: int = 10**9) -> None:
        super().__init__()
        self.enough = enough

    def __call__(self, text: str) -> bool:
        self.append(text)
        return len(text) < self.enough
