"""A GPT-2 and a Llama of a few thousand random weights, and ten pairs to teach them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.backends.transformers import OpenModel, open_model
from bots.training.pairs import Pair
from tests.bots.backends.conftest import save_tiny_model

PAIRS = [Pair(f"Where is order {number}?", f"It is in van {number}.") for number in range(10)]


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("gpt2"), gpt2=True)


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("llama"))


@pytest.fixture(params=["gpt2_folder", "llama_folder"])
def folder(request: pytest.FixtureRequest) -> Path:
    """Each kind in turn: the one keeps its weights as (in, out), the other as (out, in)."""
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened(folder: Path) -> OpenModel:
    return open_model(str(folder), precision="float32")
