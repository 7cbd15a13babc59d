from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bots.backends.adapters import BadAdapter, merge, read_adapter
from bots.backends.base import ModelMissing, Prompt
from bots.backends.transformers import OpenModel, TransformersLanguageModel, open_model
from bots.training.examples import Example
from bots.training.learning import Diverged, Learned, Plan, Step, learn, loss_over
from bots.training.pairs import example_of
from bots.training.running import train
from tests.bots.training.conftest import PAIRS

PLAN = Plan(steps=150, batch=5, rank=8, learning_rate=0.02, seed=3)


def ten(opened: OpenModel) -> list[Example]:
    return [example_of(pair, opened.chat) for pair in PAIRS]


def taught(opened: OpenModel, plan: Plan = PLAN, held_out: list[Example] | None = None, **more: Any) -> Learned:
    return learn(opened.model, ten(opened), held_out or [], plan, base="tiny", progress=lambda step: None, **more)


def trained(opened: OpenModel, out: Path, plan: Plan = PLAN) -> dict[str, Any]:
    groups = [[example] for example in ten(opened)]
    return train(opened, groups, plan, base="tiny", out=out, about={"kind": "reply-model"}, progress=lambda step: None)


def test_ten_pairs_are_learned_and_the_model_stays_as_it_was(opened: OpenModel, folder: Path) -> None:
    learned = taught(opened)
    assert learned.last_loss < learned.first_loss / 4
    untouched = open_model(str(folder), precision="float32").model.state_dict()
    assert all(value.equal(untouched[name]) for name, value in opened.model.state_dict().items())


def test_the_same_seed_gives_the_same_adapter_and_another_seed_another(opened: OpenModel) -> None:
    import torch

    first = taught(opened, replace(PLAN, steps=4)).adapter.weights
    torch.rand(1)  # the random numbers of the process do not matter
    again = taught(opened, replace(PLAN, steps=4)).adapter.weights
    assert all(first[name][0].equal(again[name][0]) and first[name][1].equal(again[name][1]) for name in first)
    # The first step moves B alone: A still is what was drawn.
    one, other = (taught(opened, replace(PLAN, steps=1, seed=seed)).adapter.weights for seed in (1, 2))
    assert not any(one[name][0].equal(other[name][0]) for name in one)


def test_what_is_saved_and_merged_has_the_loss_that_training_saw(
    opened: OpenModel, folder: Path, tmp_path: Path
) -> None:
    trained(opened, tmp_path / "adapter")
    merged = open_model(str(folder), precision="float32", adapter=tmp_path / "adapter").model
    alone = loss_over(opened.model, ten(opened), 10)
    adapted = loss_over(merged, ten(opened), 10)
    assert alone is not None and adapted is not None and adapted < alone / 4
    learned = taught(opened, held_out=ten(opened))
    assert learned.held_out_after == pytest.approx(adapted, rel=0.1)
    merge(opened.model, learned.adapter)
    assert loss_over(opened.model, ten(opened), 5) == pytest.approx(learned.held_out_after, rel=0.02)


def test_the_best_state_is_kept_and_training_stops_when_it_gets_no_better(opened: OpenModel) -> None:
    # What is held out says the opposite of what is taught.
    contrary = [Example(each.ids, tuple(min(label, 3) for label in each.labels)) for each in ten(opened)]
    seen: list[Step] = []
    learned = learn(opened.model, ten(opened), contrary, PLAN, base="tiny", progress=seen.append)
    assert learned.steps == len(seen) < PLAN.steps
    looked = [step.held_out for step in seen if step.held_out is not None]
    assert learned.held_out_before is not None
    assert learned.held_out_after == min([learned.held_out_before, *looked])


def test_a_loss_that_is_no_number_ends_the_training(opened: OpenModel) -> None:
    with pytest.raises(Diverged, match="learning rate"):
        taught(opened, replace(PLAN, learning_rate=1e38))


def test_training_goes_on_from_an_adapter(opened: OpenModel) -> None:
    first = taught(opened)
    second = taught(opened, replace(PLAN, rank=99, steps=10, learning_rate=1e-4), start=first.adapter)
    assert second.first_loss < first.first_loss / 4
    assert second.adapter.rank == PLAN.rank


def test_the_record_says_how_it_was_trained_and_anybody_may_read_it(opened: OpenModel, tmp_path: Path) -> None:
    record = trained(opened, tmp_path / "adapters" / "one")
    kept = json.loads((tmp_path / "adapters" / "one" / "training.json").read_text())
    assert kept == record
    assert (kept["kind"], kept["base"], kept["examples"], kept["held_out"]) == ("reply-model", "tiny", 10, 0)
    assert kept["plan"]["seed"] == 3 and kept["steps"] == 150 and set(kept["versions"]) >= {"torch", "transformers"}
    files = sorted((tmp_path / "adapters" / "one").iterdir())
    assert [(path.name, path.stat().st_mode & 0o777) for path in files] == [
        ("adapter_config.json", 0o644),
        ("adapter_model.safetensors", 0o644),
        ("training.json", 0o644),
    ]


def test_an_interrupted_run_leaves_nothing(opened: OpenModel, tmp_path: Path) -> None:
    def interrupt(step: Step) -> None:
        if step.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(opened, [ten(opened)], PLAN, base="tiny", out=tmp_path / "adapter", about={}, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_one_in_ten_is_held_out_whole_groups_at_a_time(opened: OpenModel, tmp_path: Path) -> None:
    groups = [ten(opened)[:2] for _ in range(30)]
    plan = replace(PLAN, steps=2)
    record = train(opened, groups, plan, base="", out=tmp_path / "adapter", about={}, progress=lambda step: None)
    assert (record["examples"], record["held_out"]) == (54, 6)


def test_the_drafting_model_uses_the_adapter_and_says_so(opened: OpenModel, folder: Path, tmp_path: Path) -> None:
    trained(opened, tmp_path / "replies-1")
    model = TransformersLanguageModel(str(folder), adapter=tmp_path / "replies-1", precision="float32", temperature=0.0)
    assert model.name == f"{folder.name}+replies-1"
    prompt = Prompt("", PAIRS[0].question)
    said = model.generate(prompt, n=1, max_new_tokens=40, seed=0)[0]
    assert said.text.startswith("It is in van ") and said.finished


def test_an_adapter_for_another_model_is_refused(gpt2_folder: Path, llama_folder: Path, tmp_path: Path) -> None:
    opened = open_model(str(gpt2_folder), precision="float32")
    trained(opened, tmp_path / "adapter", replace(PLAN, steps=1))
    with pytest.raises(ModelMissing, match="for another model"):
        open_model(str(llama_folder), adapter=tmp_path / "adapter")
    with pytest.raises(BadAdapter, match="for another model"):
        taught(open_model(str(llama_folder)), start=read_adapter(tmp_path / "adapter"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"peft_type": "IA3"}, "not a plain LoRA"),
        ({"use_dora": True}, "use_dora is not supported"),
        ({"r": 4}, "another rank than 4"),
        ({"lora_alpha": None}, "names no r and lora_alpha"),
    ],
)
def test_adapters_of_other_kinds_are_refused(
    gpt2_folder: Path, tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    trained(open_model(str(gpt2_folder), precision="float32"), tmp_path / "adapter", replace(PLAN, steps=1))
    config = tmp_path / "adapter" / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(BadAdapter, match=problem):
        read_adapter(tmp_path / "adapter")


def test_pickled_adapters_are_not_read(gpt2_folder: Path, tmp_path: Path) -> None:
    import torch

    trained(open_model(str(gpt2_folder), precision="float32"), tmp_path / "adapter", replace(PLAN, steps=1))
    (tmp_path / "adapter" / "adapter_model.safetensors").unlink()
    torch.save({}, tmp_path / "adapter" / "adapter_model.bin")
    with pytest.raises(BadAdapter, match="cannot be read"):
        read_adapter(tmp_path / "adapter")
