"""The door: a draft without Django, failures that stay outside, ranking, and the time it takes."""

from __future__ import annotations

import doctest
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

import bots.api
from bots.api import Bot, GenerationFailed, HashingEmbedder
from bots.backends.base import BackendError, Generation
from bots.backends.fake import FakeLanguageModel
from bots.composing.ranking import RankingWeights
from bots.types import Candidate, Entity, IntentGuess, PersonalValues, Turn, Understanding, Violation
from tests.bots.hearing import Hearing
from tests.bots.requests import NOW, request, verdict

HONEST = "Your order #[ORDER_1] was delivered on November 18."


@pytest.fixture(scope="module")
def bot() -> Bot:
    made = Bot(embedder=HashingEmbedder())
    made.warm_up()
    return made


def with_model(*answers: str, **options: object) -> Bot:
    return Bot(embedder=HashingEmbedder(), backend=FakeLanguageModel(answers, **options))  # type: ignore[arg-type]


def own(**fields: object):
    return request("en", "order_status", answers=(), personal=PersonalValues(order_numbers=("10533",)), **fields)


def test_the_script_of_the_docstring_runs() -> None:
    result = doctest.testmod(bots.api)
    assert result.attempted >= 10
    assert result.failed == 0


def test_importing_the_door_loads_no_model_library_and_no_django() -> None:
    script = (
        "import sys, bots.api\n"
        "print([name for name in ('torch', 'transformers', 'django', 'celery', 'cs_portal') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_the_composer_comes_first_and_the_models_candidates_are_restored_and_checked() -> None:
    lie = "Your order #[ORDER_1] was delivered on November 19."
    composed, honest, lying = with_model(HONEST, lie).compose(own(), candidates=2)
    assert composed.source == "composer"
    assert composed.violations == ()
    assert honest.text == "Your order #10533 was delivered on November 18."
    assert honest.supported
    assert [link.evidence for link in honest.links] == ["order:10533"]
    assert honest.model == "fake+reply_v2"
    assert [violation.text for violation in lying.violations] == ["November 19"]


def test_an_unrestorable_placeholder_is_a_violation() -> None:
    (candidate,) = with_model("Hello [NAME_4], a colleague will reply.").generate(own(), candidates=1)
    assert [violation.kind for violation in candidate.violations] == ["placeholder"]


def test_what_is_told_on_the_way_is_restored_and_never_ends_in_half_a_placeholder() -> None:
    class LetterByLetter(FakeLanguageModel):
        def generate(self, *args: Any, on_progress: Any = None, **options: Any) -> list[Generation]:
            (made,) = super().generate(*args, **options)
            assert all(on_progress(made.text[:length]) for length in range(len(made.text) + 1))
            return [made]

    heard = Hearing()
    bot = Bot(embedder=HashingEmbedder(), backend=LetterByLetter([f"Reply: {HONEST}"]))
    (made,) = bot.generate(own(), candidates=1, on_progress=heard)
    assert made.text == heard[-1] == "Your order #10533 was delivered on November 18."
    assert "Your order #" in heard
    assert not any("[" in text for text in heard)


def test_the_same_text_twice_is_one_candidate() -> None:
    assert len(list(with_model(HONEST, HONEST).generate(own(), candidates=2))) == 1


def test_a_failing_model_costs_nothing_but_its_candidates() -> None:
    failures: list[GenerationFailed] = []
    broken = with_model(error=BackendError("The model server is away."))
    found = list(broken.compose(own(), candidates=3, on_failure=failures.append))
    assert [candidate.source for candidate in found] == ["composer"]
    assert failures == [GenerationFailed("unavailable", "The model server is away.")]


def test_a_foreign_error_is_reported_without_its_text() -> None:
    failures: list[GenerationFailed] = []
    broken = with_model(error=RuntimeError("prompt was: anna@mail.example"))
    assert list(broken.generate(own(), candidates=1, on_failure=failures.append)) == []
    assert failures == [GenerationFailed("unavailable", "The language model failed (RuntimeError).")]


def test_a_deadline_is_reported_as_such() -> None:
    failures: list[GenerationFailed] = []
    slow = with_model(HONEST, delay=0.05)
    assert list(slow.generate(own(), candidates=1, deadline_seconds=0.001, on_failure=failures.append)) == []
    assert [failure.reason for failure in failures] == ["timeout"]


def test_what_the_guard_reads_between_words_counts_for_models_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (Violation("contradiction", "We", 0, 2), Violation("amount", "$1", 3, 5))
    monkeypatch.setattr(Bot, "check", staticmethod(lambda text, request: found))
    composed = next(with_model().compose(own()))
    assert [each.kind for each in composed.violations] == ["amount"]


def test_without_a_model_there_is_the_composer_alone(bot: Bot) -> None:
    assert [candidate.source for candidate in bot.compose(own(), candidates=3)] == ["composer"]


def candidate(source: str, score: float, *violations: Violation) -> Candidate:
    return Candidate("text", source, "m", score, violations=violations)  # type: ignore[arg-type]


def test_violating_candidates_come_last_and_the_composer_wins_ties() -> None:
    lying = candidate("language_model", 0.99, Violation("amount", "¥1", 0, 2))
    model, composer, weak = (
        candidate("language_model", 0.8),
        candidate("composer", 0.8),
        candidate("language_model", 0.3),
    )
    assert Bot.rank([lying, model, weak, composer]) == (composer, model, weak, lying)


def test_a_server_that_tells_no_probabilities_neither_wins_nor_loses_by_it() -> None:
    def score(log_probability: float | None) -> float:
        class Server(FakeLanguageModel):
            def generate(self, *args: Any, **options: Any) -> list[Generation]:
                return [Generation(HONEST, log_probability, 10, 0.1)]

        return next(Bot(embedder=HashingEmbedder()).generate(own(), candidates=1, backend=Server())).score

    unlikely, likely, untold = score(-1000.0), score(0.0), score(None)
    weights = RankingWeights()
    rest = 1 - weights.fluency
    assert untold == pytest.approx(unlikely * rest / (rest - weights.fit))
    assert unlikely < untold < likely


def test_the_own_model_judges_every_wording_and_its_failure_changes_nothing() -> None:
    bot = with_model(HONEST)
    made = list(bot.compose(own(), candidates=1))
    assert [each.signals.fluency for each in made if each.signals] == [None, None]
    judged = bot.judge(own(), made)
    assert [each.signals.fluency for each in judged if each.signals] == [pytest.approx(1 - 2 / 6)] * 2
    assert [each.signals.fit for each in judged if each.signals] == [pytest.approx(1 - 1 / 6)] * 2
    failures: list[GenerationFailed] = []
    broken = with_model(error=RuntimeError("?"))
    assert broken.judge(own(), made, on_failure=failures.append) == tuple(made)
    assert [failure.reason for failure in failures] == ["unavailable"]
    assert Bot(embedder=HashingEmbedder()).judge(own(), made) == tuple(made)


def test_an_edit_is_checked_against_the_evidence() -> None:
    made = own(verdict=verdict("refund", "allow"))
    assert Bot.check("We are refunding ¥86.00 for order #10533.", made) == ()
    assert [each.kind for each in Bot.check("We are refunding ¥68.00 for order #10533.", made)] == ["amount"]


def test_answers_are_searched_for_each_question(bot: Bot) -> None:
    from tests.bots.requests import ENTRIES

    index = bot.index(ENTRIES)
    turns = (Turn("shopper", "Can I return an item? How long does delivery take?"),)
    understanding = bot.understand(turns, now=NOW)
    hits = bot.answers(index, understanding, k=1)
    assert {hit.query: hit.entry.id for hit in hits} == {
        "Can I return an item?": "returns",
        "How long does delivery take?": "delivery",
    }


def test_what_is_said_around_a_single_question_counts(bot: Bot) -> None:
    from tests.bots.requests import ENTRIES

    said = "About a delivery, how long does it take? Dear me."
    understanding = Understanding("en", (IntentGuess("other", 0.5, "Dear me"),))
    index = bot.index(ENTRIES)
    alone, around = bot.answers(index, understanding), bot.answers(index, understanding, said=said)
    assert around[0].entry.id == "delivery"
    assert around[0].score > max(hit.score for hit in alone)
    assert {hit.query for hit in around} == {"Dear me"}


def test_the_one_thing_that_is_named_is_meant_by_every_question() -> None:
    said = "Is it safe? It's the Enamel Mug."
    mug = Entity("product", "p-mug", said.index("Enamel"), said.index("."[0], 20))
    assert bots.api._thing_named(Understanding("en", (), (mug,)), said) == "Enamel Mug"
    assert bots.api._thing_named(Understanding("en", (), (mug, mug)), said) == ""
    assert bots.api._thing_named(Understanding("en", ()), said) == ""


def test_understanding_and_composing_take_no_second(bot: Bot) -> None:
    """Fifty times what it takes: machines are noisy."""
    turns = (Turn("shopper", "杯子碎了一个，我要退款，订单10533。另外多久能到？"),)
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        understanding = bot.understand(turns, now=NOW)
        next(iter(bot.compose(request("zh-hans", understanding=understanding, verdict=verdict("refund", "allow")))))
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[10] < 1.0


def test_a_trained_classifier_is_kept_in_the_cache(tmp_path) -> None:
    first = Bot(embedder=HashingEmbedder(64), cache=tmp_path)
    first.warm_up()
    (stored,) = (tmp_path / "intents").iterdir()
    written = stored.stat().st_ino
    turns = (Turn("shopper", "where is my order"),)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    second = Bot(embedder=HashingEmbedder(64), cache=tmp_path)
    assert second.understand(turns, now=now).intent.name == first.understand(turns, now=now).intent.name
    assert stored.stat().st_ino == written
    stored.write_bytes(b"broken")
    Bot(embedder=HashingEmbedder(64), cache=tmp_path).warm_up()
    assert stored.stat().st_size > 1000
