"""Each event once, in order of id, although transactions may commit out of id order."""

from __future__ import annotations

import random

from cs_portal.core.stream.frames import EventRow
from cs_portal.core.stream.sequence import HOLD_SECONDS, LATE_SECONDS, MOST_MISSING, MOST_RELEASED, Sequencer


def row(pk: int) -> EventRow:
    return EventRow(pk, 1, "console", "draft:ready", {})


def rows(*pks: int) -> list[EventRow]:
    return [row(pk) for pk in pks]


def ids(deliveries: list) -> list[tuple[int, bool]]:
    return [(delivery.row.id, delivery.late) for delivery in deliveries]


def fresh(newest: int = 0) -> Sequencer:
    return Sequencer(newest=newest, missing=(), now=0.0)


def test_rows_without_gaps_pass_at_once() -> None:
    assert ids(fresh(4).take(rows(5, 6), now=0.0)) == [(5, False), (6, False)]


def test_a_row_waits_for_the_lower_id_that_commits_later() -> None:
    sequencer = fresh(4)
    assert ids(sequencer.take(rows(6), now=0.0)) == []
    assert sequencer.missing == {5}
    assert ids(sequencer.take(rows(5, 7), now=0.5)) == [(5, False), (6, False), (7, False)]
    assert sequencer.missing == frozenset()


def test_a_row_waits_no_longer_than_the_hold_for_an_id_that_was_rolled_back() -> None:
    sequencer = fresh(4)
    sequencer.take(rows(6), now=0.0)
    assert ids(sequencer.take([], now=HOLD_SECONDS - 0.01)) == []
    assert sequencer.delivered == 4
    assert ids(sequencer.take([], now=HOLD_SECONDS)) == [(6, False)]
    assert sequencer.delivered == 6


def test_an_id_that_was_given_up_comes_late_and_once() -> None:
    sequencer = fresh(4)
    sequencer.take(rows(6), now=0.0)
    sequencer.take([], now=HOLD_SECONDS)
    assert ids(sequencer.take(rows(5), now=HOLD_SECONDS + 1)) == [(5, True)]
    assert sequencer.delivered == 6
    assert ids(sequencer.take(rows(5, 6), now=HOLD_SECONDS + 2)) == []


def test_what_was_missing_at_the_start_holds_nothing_up() -> None:
    sequencer = Sequencer(newest=9, missing=(7,), now=100.0)
    assert ids(sequencer.take(rows(10), now=100.0)) == [(10, False)]
    assert ids(sequencer.take(rows(7), now=101.0)) == [(7, True)]


def test_the_first_row_of_an_empty_table_waits_for_nothing() -> None:
    assert ids(fresh().take(rows(700), now=0.0)) == [(700, False)]


def test_missing_ids_are_forgotten_in_time() -> None:
    sequencer = fresh(4)
    sequencer.take(rows(6), now=0.0)
    sequencer.take([], now=LATE_SECONDS)
    assert sequencer.missing == frozenset()


def test_a_huge_gap_does_not_grow_the_query() -> None:
    sequencer = fresh(4)
    sequencer.take(rows(1_000_000), now=0.0)
    assert len(sequencer.missing) == MOST_MISSING
    assert max(sequencer.missing) == 999_999


def test_a_burst_comes_out_in_portions() -> None:
    sequencer = fresh()
    first = sequencer.take(rows(*range(1, MOST_RELEASED + 11)), now=0.0)
    assert (len(first), sequencer.more, sequencer.delivered) == (MOST_RELEASED, True, MOST_RELEASED)
    assert ids(sequencer.take([], now=0.0)) == [(MOST_RELEASED + pk, False) for pk in range(1, 11)]
    assert not sequencer.more


def test_any_order_of_commits_within_the_hold_gives_every_row_once_in_order() -> None:
    dice = random.Random(7)
    for _ in range(200):
        count = dice.randint(2, 40)
        visible_at = {pk: pk * 0.05 + dice.uniform(0, 0.9 * HOLD_SECONDS) for pk in range(2, count + 2)}
        sequencer, given, now = fresh(1), [], 0.0
        while now < max(visible_at.values()) + HOLD_SECONDS:
            after, missing = sequencer.seen, sequencer.missing
            poll = [row(pk) for pk, at in visible_at.items() if at <= now and (pk > after or pk in missing)]
            given += ids(sequencer.take(poll, now=now))
            now += 0.25
        assert given == [(pk, False) for pk in range(2, count + 2)]
