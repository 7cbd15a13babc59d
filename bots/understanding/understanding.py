"""One call that says what a shopper wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bots.retrieval.subjects import subjects_of, words_of
from bots.types import Entity, IntentGuess, Language, ProductFacts, Turn, Understanding
from bots.understanding.actions import Wish, read_wish, refused_actions
from bots.understanding.advice import wants_advice
from bots.understanding.clauses import asks_something, split_clauses
from bots.understanding.context import is_follow_up
from bots.understanding.entities import find_entities
from bots.understanding.injection import SURELY, SUSPICIOUS, InjectionScanner
from bots.understanding.intents import IntentClassifier, Scored
from bots.understanding.language import detect_language
from bots.understanding.persons import wants_person
from bots.understanding.typos import put_right

#: What is answered first when a message holds several questions; what is not named comes in order of appearance.
_URGENCY = {"wants_a_person": 0, "other": 8, "complaint": 6, "greeting_thanks": 9}
_URGENCY_OF_QUESTIONS = 3
_MOST_INTENTS = 3
_SURE_CLAUSE = 0.5  # a part of a message must be surer than the whole, since it lacks the context
_LONGEST_TEXT = 4_000
_EARLIER_TURNS = 3
#: A message of emoji or question marks alone asks for nothing but attention.
_SAYS_SOMETHING = re.compile(r"\w")
#: Where the money of a refund goes and how much it is: no question about ways to pay.
_MONEY_BACK = re.compile(
    r"\b(?:get|have|receive|paid|pay)\b[^.?!]{0,20}\bback\b|\brefund|退(?:到|回|多少|给)", re.IGNORECASE
)
#: Guesses at a statement below this are none where something is asked.
#: What is no question about paying, whatever the classifier reads: somebody believes to be robbed.
_ACCUSES = re.compile(
    r"\b(?:charged|billed|paid|debited)\b[^.?!]{0,20}\btwice\b|\bdouble[- ]?(?:charged|billed)\b"
    r"|\b(?:fraud|scam(?:mers?)?|rip[- ]?off|thieves)\b"
    r"|(?:重复|多)扣|扣了?[两二]次|[两二]次扣款|盗刷|骗子|诈骗|骗钱",
    re.IGNORECASE,
)
_SHOPPING = {"recommendation", "product_question", "size_advice", "stock", "place_order"}
_SURE_STATEMENT = 0.7
#: So sure a reading as a wish for suggestions needs no words for it.
_SURE_WISH = 0.8
#: What the words beside an order's number are taken for where they say little.
_VAGUE = {"other", "stock", "product_question", "greeting_thanks"}
#: How English questions begin that ask for a yes or a no.
_INVERTED = re.compile(
    r"^\W*(?:(?:and|also|so|or)\W+)?(?:do|does|did|is|are|was|can|could|will|would|has|have|should)\b|吗\W*$",
    re.IGNORECASE,
)
#: Whether a thing can be had now: whatever else the words resemble.
_IN_STOCK = re.compile(
    r"还有(?:货|现货)?(?:吗|没有?|么|不)\W*$|有(?:现)?货(?:吗|没有?|么|不)|\bin stock\b|\bsold out\b"
    r"|\b(?:any|got any)\b.{0,40}\bleft\b",
    re.IGNORECASE,
)
#: How Chinese questions end that have no mark.
_ASKED = re.compile(r"(?:[?？吗呢么哪]|到哪(?:了|里了?|儿了?)|[了到有好]没有?|[能行可好]不|几天|多少)[\s~。.]*$")
_ACCUSATION = 0.9
#: A second question on one of these may have another answer; on an order it is the same question in other words.
_SEVERAL_ANSWERS = {"invoice", "payment", "delivery", "product_question", "discount_coupon", "account"}
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


#: Goods that arrived broken or wrong are what a wish for money, or for others, is about.
_FOR_WRONG_GOODS = {"refund", "return", "exchange", "resend"}
_WRONG_GOODS = {"damaged", "wrong_item", "missing_item"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads messages with a classifier of intents and a scanner for injection; safe to share between threads."""

    classifier: IntentClassifier
    scanner: InjectionScanner = field(default_factory=InjectionScanner)

    def understand(
        self,
        turns: Sequence[Turn],
        *,
        locale_hint: Language | None,
        products: Sequence[ProductFacts],
        now: datetime,
        timezone: str,
        order_numbers: Sequence[str] = (),
    ) -> Understanding:
        """What the last shopper turn wants; an earlier turn counts where the last one only completes it."""
        shopper_turns = [turn for turn in turns if turn.author == "shopper"]
        language = detect_language(turns, locale_hint)
        if not shopper_turns:
            return Understanding(language, (IntentGuess("other", 1.0),))
        text = put_right(shopper_turns[-1].text[:_LONGEST_TEXT])
        today = now.astimezone(ZoneInfo(timezone)).date()
        entities = find_entities(text, language=language, products=products, today=today, order_numbers=order_numbers)
        understanding = _of_a_thing(self._read(text, language, entities), text, products)
        earlier = shopper_turns[-1 - _EARLIER_TURNS : -1]
        if earlier and is_follow_up(shopper_turns[-1], understanding):
            named = partial(
                find_entities, language=language, products=products, today=today, order_numbers=order_numbers
            )
            understanding = self._completed(understanding, earlier, named)
        likely = max(self.scanner.probability(turn.text[:_LONGEST_TEXT]) for turn in shopper_turns[-2:])
        return replace(understanding, injection=likely >= (SURELY if _is_plain(understanding) else SUSPICIOUS))

    def _read(self, text: str, language: Language, entities: tuple[Entity, ...]) -> Understanding:
        if not _SAYS_SOMETHING.search(text):
            return Understanding(language, (IntentGuess("greeting_thanks", 1.0, text),), entities)
        clauses = split_clauses(text)
        wish = read_wish(clauses or [text], text)
        person = wants_person(text)
        numbers = [text[each.start : each.end] for each in entities if each.kind == "order_number"]
        guesses, unread = self._intents(text, clauses, wish, numbers)
        if wish.action is None and any(entity.kind == "order_number" for entity in entities):
            guesses = _about_the_order(guesses, text)
        if not person and guesses[0].name == "wants_a_person":  # "are your colleagues asleep?" asks for none
            guesses = [each for each in guesses if each.name == "complaint"] or guesses
        if person:
            others = [guess for guess in guesses if guess.name not in {"wants_a_person", "other", "greeting_thanks"}]
            kept = [guess for guess in others if guess.probability >= _SURE_CLAUSE]
            guesses = [IntentGuess("wants_a_person", 0.97, text), *kept]
        return Understanding(
            language, tuple(guesses[:_MOST_INTENTS]), entities, wish.action, wish.reason, person, unread=unread
        )

    def _intents(
        self, text: str, clauses: list[str], wish: Wish, numbers: Sequence[str]
    ) -> tuple[list[IntentGuess], tuple[str, ...]]:
        """Ranked intents, each once, ``other`` alone when nothing is likely enough; and the questions left unread.

        ``numbers`` are those of orders, as they stand in the text.
        """
        parts = [text, *(clauses if len(clauses) > 1 else [])]
        scored = list(map(_of_stock, self.classifier.classify(parts), parts))
        if wish.action is None:
            scored = [scored[0], *map(partial(_of_an_order, numbers), scored[1:], parts[1:])]
        whole = _guess(scored[0], text)
        guesses = [
            _guess(result, clause)
            for result, clause in zip(scored[1:], parts[1:], strict=True)
            if not result.refused and result.probability >= _SURE_CLAUSE and result.label != "other"
        ]
        names = {guess.name for guess in guesses}
        unread = tuple(
            clause
            for result, clause in zip(scored[1:], parts[1:], strict=True)
            if (names or wish.action is not None) and _is_unread(result, names) and asks_something(clause)
        )
        if not any(guess.name not in {"greeting_thanks", "complaint"} for guess in guesses):
            guesses.insert(0, whole)
        guesses += _wished(wish, scored[0], text, guesses)
        if _ACCUSES.search(text):
            guesses.append(IntentGuess("complaint", _ACCUSATION, text))
        guesses = [_of_a_recommendation(guess) for guess in _as_wished(guesses, wish)]
        if wish.action is None:
            guesses = _without_refused(guesses, clauses, scored[1:], parts[1:])
        best: dict[str, IntentGuess] = {}
        for guess in guesses:
            if guess.name not in best or guess.probability > best[guess.name].probability:
                best[guess.name] = guess
        # What was told ("I cancelled it") comes after what is asked.
        ranked = sorted(
            best.values(), key=lambda guess: (_urgency(guess, wish), wish.action is None and not _asks(guess, guesses))
        )
        asking = [guess for guess in ranked if guess.name not in {"other", "greeting_thanks"}]
        kept = (asking or ranked[:1])[:_MOST_INTENTS]
        passed_over = [guess.question for guess in guesses if _is_passed_over(guess, kept)]
        return kept, tuple(dict.fromkeys((*unread, *passed_over)))

    def _completed(
        self, understanding: Understanding, earlier: Sequence[Turn], named: Callable[[str], tuple[Entity, ...]]
    ) -> Understanding:
        """``understanding`` of a follow-up, with what the turns before it asked for, and for which things.

        Entities of those turns have no place in this one.
        """
        for turn in reversed(earlier):
            before = self._read(put_right(turn.text[:_LONGEST_TEXT]), understanding.language, ())
            if before.intent.name not in {"other", "greeting_thanks"} or before.requested_action:
                things = [each for each in named(turn.text[:_LONGEST_TEXT]) if each.kind in {"product", "quantity"}]
                return replace(
                    understanding,
                    entities=(*understanding.entities, *(replace(each, start=0, end=0) for each in things)),
                    intents=before.intents,
                    requested_action=understanding.requested_action or before.requested_action,
                    reason=understanding.reason or before.reason,
                )
        return understanding


def _of_a_thing(understanding: Understanding, text: str, products: Sequence[ProductFacts]) -> Understanding:
    """A question that is understood as nothing, with words for a thing of the shop in it, is one about that thing."""
    if understanding.intent.name != "other" or understanding.requested_action or not _is_question(text):
        return understanding
    titles = [title for product in products for title in product.title.values()]
    if not understanding.values("product") and not words_of(text) & subjects_of(titles):
        return understanding
    guess = replace(understanding.intent, name="product_question", probability=_SURE_CLAUSE)
    return replace(understanding, intents=(guess, *understanding.intents[1:]))


def _of_a_recommendation(guess: IntentGuess) -> IntentGuess:
    """ "Which bulb does it take?" only resembles a wish for suggestions: without words for one it asks of a thing."""
    if guess.name != "recommendation" or guess.probability >= _SURE_WISH or wants_advice(guess.question):
        return guess
    return replace(guess, name="product_question")


def _is_question(text: str) -> bool:
    return _is_asked(text) or _INVERTED.search(text) is not None


def _of_an_order(numbers: Sequence[str], scored: Scored, part: str) -> Scored:
    """A part of a message that names an order and says nothing that is understood asks how the order stands."""
    vague = scored.refused or scored.label in _VAGUE
    if not vague or not any(number and number in part for number in numbers):
        return scored
    return replace(scored, label="order_status", probability=max(scored.probability, _SURE_CLAUSE), refused=False)


def _of_stock(scored: Scored, part: str) -> Scored:
    """A part that asks whether there is something left does so, whatever else it resembles."""
    sure_of_else = scored.label not in _SHOPPING and scored.probability >= _SURE_STATEMENT
    if sure_of_else or not _IN_STOCK.search(part):
        return scored
    return replace(scored, label="stock", probability=max(scored.probability, _SURE_STATEMENT), refused=False)


def _as_wished(guesses: list[IntentGuess], wish: Wish) -> list[IntentGuess]:
    """``guesses`` in the light of what is asked and wished: "I have a small balcony" before a question is none itself,
    who ordered the wrong thing received no wrong thing, and "how much will I get back?" asks for the refund."""
    if any(asks_something(guess.question) for guess in guesses):
        guesses = [guess for guess in guesses if not _is_background(guess)]
    if wish.reason == "ordered_by_mistake":
        guesses = [guess for guess in guesses if guess.name != "damaged_or_wrong_item"] or guesses
    if wish.action in {"refund", "return", "cancel"}:
        guesses = [
            replace(guess, name="refund") if guess.name == "payment" and _MONEY_BACK.search(guess.question) else guess
            for guess in guesses
        ]
    return guesses


def _about_the_order(guesses: list[IntentGuess], text: str) -> list[IntentGuess]:
    """Who names an order and says nothing that is understood wants to know how it stands."""
    if guesses[0].name not in _VAGUE or (guesses[0].probability >= _SURE_STATEMENT and guesses[0].name != "other"):
        return guesses
    return [IntentGuess("order_status", _SURE_CLAUSE, text), *(each for each in guesses if each.name not in _VAGUE)]


def _is_plain(understanding: Understanding) -> bool:
    """Whether a message speaks of what shops are asked for: who is angry orders about, and attacks nobody."""
    return bool(
        understanding.requested_action
        or understanding.reason
        or understanding.values("order_number")
        or understanding.values("product")
        or understanding.intent.probability >= _SURE_STATEMENT
    )


def _without_refused(
    guesses: list[IntentGuess], clauses: list[str], scored: Sequence[Scored], parts: Sequence[str]
) -> list[IntentGuess]:
    """``guesses`` but for what is said not to be done: "don't cancel it, I only ask" is about what comes after."""
    refused = {_INTENT_OF_ACTION.get(action) for action in refused_actions(clauses)} - {None}
    if not refused:
        return guesses
    rest = [_guess(result, part) for result, part in zip(scored, parts, strict=True) if not result.refused]
    rest = sorted((each for each in rest if each.name not in refused), key=lambda each: -each.probability)
    return [guess for guess in guesses if guess.name not in refused] or rest[:1] or guesses


def _asks(guess: IntentGuess, guesses: list[IntentGuess]) -> bool:
    """Whether the guess was read from a question, or nothing was."""
    return _is_asked(guess.question) or not any(_is_asked(other.question) for other in guesses)


def _is_asked(question: str) -> bool:
    return asks_something(question) or _ASKED.search(question) is not None


def _is_background(guess: IntentGuess) -> bool:
    """Whether it is a guess at a statement only, as a wish to buy."""
    return guess.name in _SHOPPING and guess.probability < _SURE_STATEMENT and not asks_something(guess.question)


def _is_passed_over(guess: IntentGuess, kept: list[IntentGuess]) -> bool:
    """Whether no intent of ``kept`` stands for the question of ``guess``, of too many or the second on a subject."""
    if any(guess.question == other.question for other in kept):
        return False
    if not (asks_something(guess.question) or (guess.name in _SEVERAL_ANSWERS and _INVERTED.search(guess.question))):
        return False
    return guess.name in _SEVERAL_ANSWERS or all(guess.name != other.name for other in kept)


def _guess(scored: Scored, question: str) -> IntentGuess:
    if scored.refused:
        return IntentGuess("other", 1.0 - scored.probability, question)
    return IntentGuess(scored.label, scored.probability, question)


def _is_unread(scored: Scored, names: set[str]) -> bool:
    """Whether the intents ``names`` of the message hold nothing of this part."""
    if scored.refused or scored.label == "other":
        return True
    return scored.probability < _SURE_CLAUSE and scored.label not in names


def _wished(wish: Wish, whole: Scored, text: str, guesses: list[IntentGuess]) -> list[IntentGuess]:
    """The intent of a clear wish that the classifier missed; goods that arrived damaged stay that intent."""
    name = _INTENT_OF_ACTION.get(wish.action or "")
    names = {guess.name for guess in guesses}
    if wish.action in _FOR_WRONG_GOODS and wish.reason in _WRONG_GOODS and "damaged_or_wrong_item" not in names:
        return [IntentGuess("damaged_or_wrong_item", 0.6, text)]
    if name is None or name in names or "damaged_or_wrong_item" in names:
        return []
    return [IntentGuess(name, max(0.6, whole.probabilities.get(name, 0.0)), text)]


def _urgency(guess: IntentGuess, wish: Wish) -> int:
    if wish.action is not None and guess.name == "damaged_or_wrong_item":
        return 1
    if wish.action is not None and guess.name == _INTENT_OF_ACTION.get(wish.action):
        return 2
    return _URGENCY.get(guess.name, _URGENCY_OF_QUESTIONS)
