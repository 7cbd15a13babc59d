"""Placeholder until the engine's door lands (helper B replaces this file whole)."""

from __future__ import annotations

from bots.retrieval.embedders import Embedder


class GenerationFailed(Exception):
    pass


class Bot:
    def __init__(self, *, embedder: Embedder, backend=None) -> None:
        self.embedder, self.backend = embedder, backend

    def warm_up(self) -> None: ...


def rank(candidates):
    return tuple(candidates)
