"""Which models the bot is made of."""

from __future__ import annotations

from typing import Any

import pytest

from bots.api import HashingEmbedder
from cs_portal.drafting import engine


@pytest.mark.parametrize("name", ["none", "hashing"])
def test_without_an_embedder_words_are_hashed(settings: Any, name: str) -> None:
    settings.EMBEDDER = name
    assert isinstance(engine._embedder.__wrapped__(), HashingEmbedder)
