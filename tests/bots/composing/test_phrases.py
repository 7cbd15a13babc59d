"""Both languages can say the same things with the same facts."""

from __future__ import annotations

from string import Formatter

import pytest

from bots.composing.composer import PROMISES_A_PERSON
from bots.composing.phrases import TABLES


def fields(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}


@pytest.mark.parametrize("key", sorted(TABLES["en"].phrases))
def test_every_wording_of_a_phrase_states_the_same_facts(key: str) -> None:
    wordings = TABLES["en"].phrases[key] + TABLES["zh-hans"].phrases[key]
    assert len({frozenset(fields(wording)) for wording in wordings}) == 1


def test_the_tables_hold_the_same_names() -> None:
    english, chinese = TABLES["en"], TABLES["zh-hans"]
    assert english.phrases.keys() == chinese.phrases.keys()
    assert english.statuses.keys() == chinese.statuses.keys()
    assert english.actions.keys() == chinese.actions.keys()
    assert english.payment_methods.keys() == chinese.payment_methods.keys()


#: They name a colleague who comes if the shopper does something first.
CONDITIONAL = {"sign_in", "deny_appeal", "not_received"}


def test_whatever_promises_a_colleague_is_known_to_do_so() -> None:
    """A phrase with a colleague in it is either a promise, which calls one, or says what calls one."""
    naming = {key for key, wordings in TABLES["en"].phrases.items() if any("colleague" in each for each in wordings)}
    naming |= {key for key, wordings in TABLES["zh-hans"].phrases.items() if any("同事" in each for each in wordings)}
    assert naming == PROMISES_A_PERSON | CONDITIONAL
