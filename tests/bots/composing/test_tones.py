"""The same reply in other tones: its facts, evidence and guard stay; only what frames them changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bots.composing.composer import compose_grounded
from bots.guard.check import Guard
from bots.types import LANGUAGES, ComposeRequest, Language, Tone
from tests.bots.requests import request, verdict

TONES: tuple[Tone, ...] = ("brief", "warm", "formal")
CASES = {
    "an answer": lambda language: request(language),
    "an order": lambda language: request(language, "order_status", answers=()),
    "a refund": lambda language: request(language, "refund", verdict=verdict("refund", "allow")),
    "a refusal": lambda language: request(language, "refund", verdict=verdict("refund", "deny")),
    "a complaint": lambda language: request(language, "complaint", answers=()),
    "no answer": lambda language: request(language, "invoice", answers=()),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tone_adds_nothing_that_the_guard_minds_and_loses_no_evidence(
    language: Language, tone: Tone, case: str, seed: int
) -> None:
    plain: ComposeRequest = replace(CASES[case](language), seed=seed)
    made, before = compose_grounded(replace(plain, tone=tone)), compose_grounded(plain)
    assert [each for each in Guard.of(plain).check(made.text) if each.blocks] == []
    assert {link.evidence for link in made.links} - {""} == {link.evidence for link in before.links} - {""}
    if tone == "brief" and case == "a complaint":
        assert made.text == before.text, "nothing in it can go"
    elif tone == "brief":
        assert len(made.text) < len(before.text)
    else:
        assert made.text != before.text


def test_the_plain_tone_is_the_houses_way() -> None:
    assert compose_grounded(request("en", tone="plain")).text == compose_grounded(request("en")).text
