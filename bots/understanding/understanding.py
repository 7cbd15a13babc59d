"""One call that says what a shopper wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bots.types import Entity, IntentGuess, Language, ProductFacts, Turn, Understanding
from bots.understanding.actions import Wish, read_wish
from bots.understanding.clauses import split_clauses
from bots.understanding.context import is_follow_up
from bots.understanding.entities import find_entities
from bots.understanding.injection import looks_like_injection
from bots.understanding.intents import IntentClassifier, Scored
from bots.understanding.language import detect_language
from bots.understanding.persons import wants_person

#: What is answered first when a message holds several questions; what is not named comes in order of appearance.
_URGENCY = {"wants_a_person": 0, "other": 8, "complaint": 6, "greeting_thanks": 9}
_URGENCY_OF_QUESTIONS = 3
_MOST_INTENTS = 3
_SURE_CLAUSE = 0.5  # a part of a message must be surer than the whole, since it lacks the context
_LONGEST_TEXT = 4_000
_EARLIER_TURNS = 3
_INTENT_OF_ACTION = {
    "refund": "refund",
    "return": "return_exchange",
    "exchange": "return_exchange",
    "cancel": "cancel",
    "change_address": "change_address",
    "change_items": "place_order",
    "change_payment": "payment",
    "place_order": "place_order",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads messages with one classifier; safe to share between threads."""

    classifier: IntentClassifier

    def understand(
        self,
        turns: Sequence[Turn],
        *,
        locale_hint: Language | None,
        products: Sequence[ProductFacts],
        now: datetime,
        timezone: str,
    ) -> Understanding:
        """What the last shopper turn wants; an earlier turn counts where the last one only completes it."""
        shopper_turns = [turn for turn in turns if turn.author == "shopper"]
        language = detect_language(turns, locale_hint)
        if not shopper_turns:
            return Understanding(language, (IntentGuess("other", 1.0),))
        text = shopper_turns[-1].text[:_LONGEST_TEXT]
        today = now.astimezone(ZoneInfo(timezone)).date()
        entities = find_entities(text, language=language, products=products, today=today)
        understanding = self._read(text, language, entities)
        earlier = shopper_turns[-1 - _EARLIER_TURNS : -1]
        if earlier and is_follow_up(shopper_turns[-1], understanding):
            understanding = self._completed(understanding, earlier)
        return replace(understanding, injection=any(looks_like_injection(turn.text) for turn in shopper_turns[-2:]))

    def _read(self, text: str, language: Language, entities: tuple[Entity, ...]) -> Understanding:
        clauses = split_clauses(text)
        wish = read_wish(clauses or [text], text)
        person = wants_person(text)
        guesses = self._intents(text, clauses, wish)
        if person:
            others = [guess for guess in guesses if guess.name not in {"wants_a_person", "other", "greeting_thanks"}]
            kept = [guess for guess in others if guess.probability >= _SURE_CLAUSE]
            guesses = [IntentGuess("wants_a_person", 0.97, text), *kept]
        return Understanding(language, tuple(guesses[:_MOST_INTENTS]), entities, wish.action, wish.reason, person)

    def _intents(self, text: str, clauses: list[str], wish: Wish) -> list[IntentGuess]:
        """Ranked intents, each once; ``other`` alone when nothing is likely enough."""
        parts = [text, *(clauses if len(clauses) > 1 else [])]
        scored = self.classifier.classify(parts)
        whole = _guess(scored[0], text)
        guesses = [
            _guess(result, clause)
            for result, clause in zip(scored[1:], parts[1:], strict=True)
            if not result.refused and result.probability >= _SURE_CLAUSE and result.label != "other"
        ]
        if not any(guess.name not in {"greeting_thanks", "complaint"} for guess in guesses):
            guesses.insert(0, whole)
        guesses += _wished(wish, scored[0], text, guesses)
        best: dict[str, IntentGuess] = {}
        for guess in guesses:
            if guess.name not in best or guess.probability > best[guess.name].probability:
                best[guess.name] = guess
        ranked = sorted(best.values(), key=lambda guess: _urgency(guess, wish))
        asking = [guess for guess in ranked if guess.name not in {"other", "greeting_thanks"}]
        return asking or ranked[:1]

    def _completed(self, understanding: Understanding, earlier: Sequence[Turn]) -> Understanding:
        """``understanding`` of a follow-up, with what the turns before it asked for."""
        for turn in reversed(earlier):
            before = self._read(turn.text[:_LONGEST_TEXT], understanding.language, ())
            if before.intent.name not in {"other", "greeting_thanks"} or before.requested_action:
                return replace(
                    understanding,
                    intents=before.intents,
                    requested_action=understanding.requested_action or before.requested_action,
                    reason=understanding.reason or before.reason,
                )
        return understanding


def _guess(scored: Scored, question: str) -> IntentGuess:
    if scored.refused:
        return IntentGuess("other", 1.0 - scored.probability, question)
    return IntentGuess(scored.label, scored.probability, question)


def _wished(wish: Wish, whole: Scored, text: str, guesses: list[IntentGuess]) -> list[IntentGuess]:
    """The intent of a clear wish that the classifier missed; goods that arrived damaged stay that intent."""
    name = _INTENT_OF_ACTION.get(wish.action or "")
    names = {guess.name for guess in guesses}
    if name is None or name in names or "damaged_or_wrong_item" in names:
        return []
    return [IntentGuess(name, max(0.6, whole.probabilities.get(name, 0.0)), text)]


def _urgency(guess: IntentGuess, wish: Wish) -> int:
    if wish.action is not None and guess.name in {_INTENT_OF_ACTION.get(wish.action), "damaged_or_wrong_item"}:
        return 1
    return _URGENCY.get(guess.name, _URGENCY_OF_QUESTIONS)
