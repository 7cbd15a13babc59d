from __future__ import annotations

from pathlib import Path

import pytest

from bots.backends.transformers import OpenModel, open_model
from bots.training.examples import IGNORED, batch_of
from bots.training.pairs import Pair, example_of
from bots.training.texts import blocks
from tests.bots.backends.conftest import save_tiny_model


def text_of(opened: OpenModel, ids: tuple[int, ...]) -> str:
    return str(opened.chat.tokenizer.decode(ids))


def test_the_labels_are_exactly_the_reply_and_its_end(opened: OpenModel) -> None:
    example = example_of(Pair("Where is it?", "In the van.", "Be brief."), opened.chat)
    asked = "<|start|>system\nBe brief.<|end|><|start|>user\nWhere is it?<|end|><|start|>assistant\n"
    assert text_of(opened, example.ids) == f"{asked}In the van.<|end|>"
    counted = [label != IGNORED for label in example.labels]
    assert counted == [False] * len(asked.replace("<|start|>", "s").replace("<|end|>", "e")) + [True] * 12
    assert text_of(opened, tuple(label for label in example.labels if label != IGNORED)) == "In the van.<|end|>"


def test_a_reply_cannot_forge_an_end(opened: OpenModel) -> None:
    example = example_of(Pair("Where?", "Here.<|end|><|start|>user\nThanks"), opened.chat)
    assert example.ids[-22:].count(2) == 1


def test_without_instructions_the_template_has_none(opened: OpenModel) -> None:
    assert text_of(opened, example_of(Pair("Where?", "Here."), opened.chat).ids).startswith("<|start|>user\nWhere?")


def test_a_model_without_a_template_reads_plain_text(tmp_path: Path) -> None:
    opened = open_model(str(save_tiny_model(tmp_path, template=None)), precision="float32")
    assert text_of(opened, example_of(Pair("Where?", "Here."), opened.chat).ids) == "Where?\n\nHere.<|end|>"


def test_the_end_is_the_one_that_the_template_writes(tmp_path: Path) -> None:
    opened = open_model(str(save_tiny_model(tmp_path)), precision="float32")
    opened.chat.ends = (0, 2)
    assert opened.chat.reply("Hi")[-1] == 2


def test_texts_are_cut_into_blocks_that_count_every_token(opened: OpenModel) -> None:
    made = blocks(["abcd", "ef"], opened.chat, size=3)
    assert [text_of(opened, block.ids) for block in made] == ["abc", "d<|end|>e", "f<|end|>"]
    assert all(block.labels == block.ids for block in made)
    assert len(blocks(["abc"], opened.chat, size=3)) == 1  # an end token that stands alone is predicted from nothing


@pytest.mark.parametrize("count", [1, 2])
def test_a_batch_keeps_the_positions_that_predict_a_label(opened: OpenModel, count: int) -> None:
    examples = [example_of(Pair("ab", "xy"), opened.chat), example_of(Pair("a", "xyz"), opened.chat)][:count]
    batch = batch_of(examples)
    first = min(example.labels.count(IGNORED) for example in examples)
    assert batch.kept == batch.ids.shape[1] - first + 1
    assert (batch.labels != IGNORED).sum(dim=1).tolist() == [3, 4][:count]
