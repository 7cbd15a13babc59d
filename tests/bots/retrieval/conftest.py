from __future__ import annotations

from pathlib import Path

import pytest

from bots.models import embedder_folder
from bots.retrieval.embedders import Embedder, load_embedder

MODELS = Path(__file__).resolve().parents[3] / "var" / "models"


@pytest.fixture(scope="session")
def e5() -> Embedder:
    folder = embedder_folder(MODELS)
    if folder is None:
        pytest.skip("multilingual-e5-small is not installed (make models)")
    return load_embedder(str(folder))
