"""One reader for all tests of the package: training takes seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bots.api import Bot, HashingEmbedder
from bots.types import Turn, Understanding
from tests.bots.requests import ENAMEL_MUG, NOW, POLES_FOR_SALE


@pytest.fixture(scope="session")
def read() -> Callable[..., Understanding]:
    bot = Bot(embedder=HashingEmbedder())

    def understand(*texts: str, **options: object) -> Understanding:
        turns = tuple(Turn("shopper", text) for text in texts)
        return bot.understand(turns, products=(ENAMEL_MUG, POLES_FOR_SALE), now=NOW, **options)  # type: ignore[arg-type]

    return understand
