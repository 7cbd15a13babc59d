from __future__ import annotations

import pytest

from bots.backends.transformers import OpenModel
from bots.training.learning import loss_of
from bots.training.pairs import Pair, example_of, prompt_of
from bots.training.scoring import likelihoods


def by_hand(opened: OpenModel, question: list[int], reply: list[int]) -> float:
    """Σ log softmax over the whole sequence, read at once."""
    import torch

    with torch.inference_mode():
        logits = opened.model(input_ids=torch.tensor([[*question, *reply]])).logits[0, len(question) - 1 : -1]
    return float(logits.log_softmax(-1).gather(1, torch.tensor(reply)[:, None]).sum())


def test_likelihoods_are_the_sum_of_the_log_softmax(opened: OpenModel) -> None:
    question = prompt_of(Pair("Where is it?", ""), opened.chat)
    replies = [opened.chat.reply(text) for text in ("Here.", "In the second van.", "x")]
    found = likelihoods(opened.model, question, replies)
    assert [each.total for each in found] == pytest.approx([by_hand(opened, question, each) for each in replies])
    assert [each.tokens for each in found] == [6, 19, 2]
    assert found[0].per_token == found[0].total / 6


def test_a_question_of_one_token_can_be_scored(opened: OpenModel) -> None:
    (found,) = likelihoods(opened.model, [5], [[6, 7]])
    assert found.total == pytest.approx(by_hand(opened, [5], [6, 7]))


def test_the_loss_of_training_is_minus_the_likelihood(opened: OpenModel) -> None:
    pairs = [Pair("Where?", "Here."), Pair("Where is the parcel?", "In the second van.")]
    total, tokens = loss_of(opened.model, [example_of(pair, opened.chat) for pair in pairs])
    scored = [
        likelihoods(opened.model, prompt_of(pair, opened.chat), [opened.chat.reply(pair.reply)])[0] for pair in pairs
    ]
    assert tokens == sum(each.tokens for each in scored)
    assert total.item() == pytest.approx(-sum(each.total for each in scored), rel=1e-4)
