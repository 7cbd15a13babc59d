"""``train`` and ``evaluate reply-model`` on a model of a few thousand weights: what they print, write and refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bots.backends.base import ModelMissing
from bots.backends.transformers import open_model
from cs_portal.drafting import engine
from cs_portal.learning.training.choosing import Chosen, chosen_model
from tests.bots.backends.conftest import save_tiny_model

PAIRS = "question,reply,extra\n" + "".join(f"Where is {n}?,It is in van {n}.,x\n" for n in range(12))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return written(tmp_path / "pairs.csv", PAIRS)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ran(*arguments: Any, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*map(str, arguments), "--json", stdout=out, stderr=io.StringIO(), **options)
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


def taught(model: Path, pairs: Path, out: Path, *more: Any) -> dict[str, Any]:
    plan = ("--steps", 80, "--batch", 4, "--rank", 4, "--learning-rate", 0.02)
    return ran("train", "reply-model", "--model", model, "--pairs", pairs, "--out", out, *plan, *more)


def test_pairs_are_learned_and_the_evaluation_shows_it(model: Path, pairs: Path, tmp_path: Path) -> None:
    record = taught(model, pairs, tmp_path / "replies")
    assert record["last_loss"] < record["first_loss"] / 3
    assert record["data"][0]["name"] == "pairs.csv" and len(record["data"][0]["sha256"]) == 64
    figures = ran(
        *("evaluate", "reply-model", "--model", tmp_path / "replies", "--pairs", pairs),
        predictions=tmp_path / "out.jsonl",
    )
    assert list(figures) == [
        *("n", "nll_per_token", "perplexity", "recall_at_1_of_10"),
        *("base_nll_per_token", "base_perplexity", "base_recall_at_1_of_10"),
    ]
    assert figures["n"] == 12
    assert figures["nll_per_token"] < figures["base_nll_per_token"] / 3
    assert figures["perplexity"] < figures["base_perplexity"]
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["row"] for row in rows] == list(range(1, 13))
    total, tokens = sum(row["log_probability"] for row in rows), sum(row["tokens"] for row in rows)
    assert -total / tokens == pytest.approx(figures["nll_per_token"], abs=1e-4)
    assert sum(row["first"] for row in rows) / 12 == pytest.approx(figures["recall_at_1_of_10"], abs=1e-4)


def test_a_model_without_adapter_is_its_own_base(model: Path, pairs: Path) -> None:
    figures = ran("evaluate", "reply-model", "--model", model, "--pairs", pairs)
    assert figures["base_nll_per_token"] == figures["nll_per_token"]
    assert figures["base_recall_at_1_of_10"] == figures["recall_at_1_of_10"]


def test_the_same_reply_is_no_better_than_itself(model: Path, tmp_path: Path) -> None:
    pairs = written(tmp_path / "pairs.csv", "question,reply\nWhere?,Here.\nWhere is it?,Here.\n")
    assert ran("evaluate", "reply-model", "--model", model, "--pairs", pairs)["recall_at_1_of_10"] == 1.0


def test_texts_are_learned(model: Path, tmp_path: Path) -> None:
    texts = [written(tmp_path / f"{name}.txt", f"{name} is fine. " * 20) for name in ("one", "two")]
    record = ran(
        *("train", "language-model", "--model", model, "--texts", *texts, "--out", tmp_path / "shop"),
        *("--steps", 60, "--learning-rate", 0.02, "--max-tokens", 32),
    )
    assert record["last_loss"] < record["first_loss"] / 2
    assert [each["name"] for each in record["data"]] == ["one.txt", "two.txt"]
    # 259 characters and an end token, twice, in blocks of 32.
    assert record["examples"] == 17


def test_training_goes_on_from_an_adapter(model: Path, pairs: Path, tmp_path: Path) -> None:
    first = taught(model, pairs, tmp_path / "one")
    second = taught(tmp_path / "one", pairs, tmp_path / "two", "--steps", 1)
    assert second["first_loss"] < first["first_loss"] / 3
    assert second["base"] == first["base"] == str(model)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("question,answer\nWhere?,Here.\n", "line 1: column reply is missing"),
        ("question,reply\nWhere?,Here.\nWhere?,\n", "line 3: reply: is required"),
        ("question,reply\n,Here.\n", "line 2: question: is required"),
        ("question,reply\n", "holds no pair"),
        (f"question,reply\nWhere?,{'x' * 300}\n", r"line 2: has \d+ tokens"),
    ],
)
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_bad_file_is_refused_with_its_line(
    model: Path, tmp_path: Path, command: str, text: str, problem: str
) -> None:
    pairs = written(tmp_path / "pairs.csv", text)
    more = ["--out", tmp_path / "out"] if command == "train" else []
    with pytest.raises(CommandError, match=problem) as refused:
        ran(command, "reply-model", "--model", model, "--pairs", pairs, *more)
    assert refused.value.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]


def test_json_lines_are_read_with_their_instructions(model: Path, tmp_path: Path) -> None:
    rows = [{"question": f"Where is {n}?", "reply": "Here.", "system": "Be brief."} for n in range(3)]
    pairs = written(tmp_path / "pairs.jsonl", "\n".join(map(json.dumps, rows)))
    bare = written(tmp_path / "bare.jsonl", "\n".join(json.dumps(row | {"system": None}) for row in rows))
    with_system, without = (ran("evaluate", "reply-model", "--model", model, "--pairs", each) for each in (pairs, bare))
    assert with_system["nll_per_token"] != without["nll_per_token"]


def test_an_adapter_is_never_overwritten(model: Path, pairs: Path, tmp_path: Path) -> None:
    kept = written(tmp_path / "replies", "mine")
    with pytest.raises(CommandError, match="never overwritten") as refused:
        taught(model, pairs, kept)
    assert refused.value.returncode == 2
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("option", [("--steps", 0), ("--rank", "x"), ("--learning-rate", 2)])
def test_a_plan_that_makes_no_sense_is_refused(model: Path, pairs: Path, tmp_path: Path, option: tuple[Any]) -> None:
    with pytest.raises(CommandError, match=f"argument {option[0]}"):
        taught(model, pairs, tmp_path / "out", *option)


def test_a_missing_model_is_named(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^No language model is named") as refused:
        ran("evaluate", "reply-model", "--pairs", pairs)
    assert refused.value.returncode == 2
    broken = tmp_path / "broken"
    broken.mkdir()
    written(broken / "adapter_config.json", "[]")
    with pytest.raises(CommandError, match="is no object"):
        ran("evaluate", "reply-model", "--model", broken, "--pairs", pairs)


def test_an_adapter_names_an_installed_model_without_its_path(model: Path, tmp_path: Path, settings: Any) -> None:
    settings.MODELS_DIR = model.parent
    assert chosen_model("tiny") == chosen_model(str(model)) == Chosen(str(model), "tiny")
    assert chosen_model("owner/name") == Chosen("owner/name", "owner/name")
    written(tmp_path / "adapter_config.json", json.dumps({"base_model_name_or_path": "tiny"}))
    assert chosen_model(str(tmp_path)) == Chosen(str(model), "tiny", tmp_path)
    settings.LANGUAGE_MODEL, settings.LANGUAGE_MODEL_ADAPTER = "owner/name", str(tmp_path)
    assert chosen_model(None) == Chosen("owner/name", "owner/name", tmp_path)
    settings.LANGUAGE_MODEL = "none"
    with pytest.raises(ModelMissing):
        chosen_model(None)


def test_drafting_loads_the_adapter_of_the_settings(model: Path, pairs: Path, tmp_path: Path, settings: Any) -> None:
    taught(model, pairs, tmp_path / "replies-1", "--steps", 1)
    settings.LANGUAGE_MODEL, settings.LANGUAGE_MODEL_ADAPTER = str(model), str(tmp_path / "replies-1")
    engine._language_model.cache_clear()
    try:
        made = engine._language_model()
        assert made is not None and made.name == "tiny+replies-1"
    finally:
        engine._language_model.cache_clear()


@pytest.mark.models
def test_the_default_model_can_be_taught(pairs: Path, tmp_path: Path, settings: Any) -> None:
    """One step: that its layers are found, the file is small enough, and loads again."""
    settings.MODELS_DIR = settings.INSTALLED_MODELS_DIR
    taught(Path("smollm2-135m-instruct"), pairs, tmp_path / "replies", "--steps", 1, "--rank", 16)
    assert (tmp_path / "replies" / "adapter_model.safetensors").stat().st_size <= 12_000_000
    chosen = chosen_model(str(tmp_path / "replies"))
    assert chosen.base == "smollm2-135m-instruct"
    changed = open_model(chosen.model, adapter=chosen.adapter).model.state_dict()
    name = "model.layers.0.mlp.up_proj.weight"
    assert not changed[name].equal(open_model(chosen.model).model.state_dict()[name])
