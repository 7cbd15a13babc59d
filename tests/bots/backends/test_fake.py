from __future__ import annotations

import pytest

from bots.backends.base import BackendError, BackendTimeout, Generation, Prompt
from bots.backends.fake import FakeLanguageModel

PROMPT = Prompt("system", "user")


def test_answers_come_from_the_queue_until_it_is_empty() -> None:
    model = FakeLanguageModel(["one", "two words", "three"])
    first = model.generate(PROMPT, n=2, max_new_tokens=10, seed=1)
    assert first == [Generation("one", -1.0, 1, 0.0), Generation("two words", -2.0, 2, 0.0)]
    assert [generation.text for generation in model.generate(PROMPT, n=2, max_new_tokens=10, seed=1)] == ["three"]
    assert model.generate(PROMPT, n=2, max_new_tokens=10, seed=1) == []
    assert model.prompts == [PROMPT] * 3


def test_an_answer_beyond_the_token_limit_is_unfinished() -> None:
    (generation,) = FakeLanguageModel(["a b c"]).generate(PROMPT, n=1, max_new_tokens=2, seed=0)
    assert not generation.finished


def test_a_delay_beyond_the_deadline_times_out_and_keeps_the_answers() -> None:
    model = FakeLanguageModel(["late"], delay=30.0)
    with pytest.raises(BackendTimeout, match="fake gave no answer within 0 s"):
        model.generate(PROMPT, n=1, max_new_tokens=10, seed=0, deadline_seconds=0.0)
    assert list(model.answers) == ["late"]


def test_the_error_is_raised_by_every_call() -> None:
    model = FakeLanguageModel(["x"], error=BackendError("out of memory"))
    for _ in range(2):
        with pytest.raises(BackendError, match="out of memory"):
            model.generate(PROMPT, n=1, max_new_tokens=10, seed=0)
