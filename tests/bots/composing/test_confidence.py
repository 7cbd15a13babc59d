"""The prior of "sent as it is", its parts, and what calibration may do to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.api import Bot, HashingEmbedder
from bots.composing.confidence import Factor, calibrated, factors, prior
from bots.types import ComposeRequest, IntentGuess, Violation
from tests.bots.requests import request, verdict


def of(made: ComposeRequest, *, unanswered: int = 0, **fields: object) -> dict[str, float]:
    composed = next(Bot(embedder=HashingEmbedder()).compose(made))
    return {part.code: part.share for part in factors(made, replace(composed, **fields), unanswered=unanswered)}  # type: ignore[arg-type]


def test_a_verdict_on_a_record_is_surer_than_a_denial_or_an_escalation() -> None:
    sure, denied, left = (
        of(request("en", "refund", verdict=verdict("refund", o))) for o in ("allow", "deny", "escalate")
    )
    assert "records" in sure and sure["verdict_allow"] > denied["verdict_deny"] > left["verdict_escalate"]


def test_an_faq_counts_as_surely_as_it_was_found() -> None:
    made = request("en", "delivery")
    near = of(made)["faq"]
    assert near == min(hit.score for hit in made.answers[:1])
    far = replace(made, answers=tuple(replace(hit, score=0.55) for hit in made.answers))
    assert of(far)["faq"] == 0.55


def test_what_is_passed_over_marked_or_wrong_costs() -> None:
    made = request("en", "delivery")
    assert of(made, unanswered=1)["unanswered"] == 0.4
    assert of(made, unanswered=2)["unanswered"] < 0.4
    assert "mark" in of(made, violations=(Violation("unsupported", "x", 0, 1),))
    assert "violation" in of(made, violations=(Violation("amount", "x", 0, 1),))


def test_thanks_need_no_evidence() -> None:
    thanked = request("en", "greeting_thanks", answers=())
    thanked = replace(
        thanked, understanding=replace(thanked.understanding, intents=(IntentGuess("greeting_thanks", 0.96),))
    )
    composed = next(Bot(embedder=HashingEmbedder()).compose(thanked))
    assert prior(factors(thanked, composed)) > 0.9


@given(st.lists(st.builds(Factor, code=st.just("c"), share=st.floats(0, 1)), max_size=8))
def test_a_prior_is_a_probability(parts: list[Factor]) -> None:
    assert 0.01 <= prior(parts) <= 0.99


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5), st.floats(-5, 5))
def test_calibration_keeps_the_order(first: float, second: float, slope: float, intercept: float) -> None:
    low, high = sorted((first, second))
    assert calibrated(low, slope=slope, intercept=intercept) <= calibrated(high, slope=slope, intercept=intercept)


def test_no_calibration_changes_nothing() -> None:
    assert calibrated(0.37, slope=1.0, intercept=0.0) == pytest.approx(0.37, abs=1e-4)
