"""What each signal says of a wording."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bots.composing.composer import compose_grounded
from bots.composing.linking import link_sentences
from bots.composing.signals import NATS, SignalReader, likeliness
from bots.guard.check import check
from bots.types import Candidate, Signals
from tests.bots.requests import request, verdict

REFUND = request("en", "refund", verdict=verdict("refund", "allow"))


def read(text: str, made=REFUND, **fields: object) -> Signals:
    links, violations = link_sentences(text, made), check(text, made)
    candidate = Candidate(text, "language_model", "m", 0.0, links=links, violations=violations)
    return SignalReader(made).read(replace(candidate, **fields))  # type: ignore[arg-type]


def test_the_composers_own_words_are_the_measure() -> None:
    composed = compose_grounded(REFUND)
    signals = SignalReader(REFUND).read(composed)
    assert (signals.guard, signals.coverage, signals.topic, signals.tone) == (1.0, 1.0, 1.0, 1.0)
    assert (signals.fluency, signals.fit) == (None, None)


def test_a_fact_that_is_missing_costs_coverage_and_one_that_is_invented_the_guard() -> None:
    text = compose_grounded(REFUND).text
    without = read(text.replace("¥86.00", "the money"))
    assert without.coverage is not None and without.coverage < 1.0
    invented = read(f"{text} You get ¥99.00 on top.")
    assert invented.guard is not None and invented.guard < 1.0
    assert invented.coverage == 1.0


def test_beside_the_point_costs_the_topic() -> None:
    signals = read("Hello, our shop loves pottery.")
    assert signals.topic is not None and signals.topic < 0.3
    assert signals.retrieval == 0.0


def test_tone_is_the_composers_greeting_address_length_and_calm() -> None:
    text = compose_grounded(REFUND).text
    polite = read(text).tone
    assert polite == 1.0
    for rude in (text.replace("Hello, ", ""), text * 3, f"{text} NEVER ASK AGAIN!!!"):
        tone = read(rude).tone
        assert tone is not None and tone < 1.0
    chinese = request("zh-hans", "refund", verdict=verdict("refund", "allow"))
    formal = compose_grounded(chinese).text
    assert "您" in formal
    familiar = read(formal.replace("您好", "您 好").replace("您", "你"), chinese).tone
    assert familiar is not None and familiar < 1.0


def test_the_probability_that_the_model_told_is_the_fit() -> None:
    assert read("Hello.", log_probability=-6.0, tokens=3).fit == pytest.approx(1 - 2 / NATS)
    assert read("Hello.", log_probability=None, tokens=3).fit is None
    assert (likeliness(0.0), likeliness(-NATS), likeliness(-100.0)) == (1.0, 0.0, 0.0)
