"""The grounded composer: a reply out of the FAQ's own words, facts and the verdict. No model, no invention."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bots.composing.answers import AnswerPicker, faq_evidence
from bots.composing.order_facts import (
    ask_which_order,
    say_payments,
    say_refunds,
    say_status,
    subject_order,
    unknown_number,
)
from bots.composing.product_facts import say_details, say_stock, say_suggestions, say_where_to_order
from bots.composing.questions import (
    asks,
    asks_price,
    asks_when,
    gives_thanks,
    is_price_alone,
    is_question,
)
from bots.composing.repeating import awaits_proof_check, replies_before, said_before
from bots.composing.verdict import ANSWERED_INTENTS, LATE, say_verdict
from bots.composing.writer import ReplyWriter
from bots.types import Candidate, ComposeRequest, FaqHit, IntentGuess, OrderFacts
from bots.understanding.advice import wants_advice
from bots.understanding.persons import wants_person

NAME = "grounded-composer-1"
_SORRY_BY_REASON = {
    "damaged": "sorry_damaged",
    "wrong_item": "sorry_wrong_item",
    "missing_item": "sorry_missing_item",
    "not_as_described": "sorry_not_as_described",
    "arrived_late": "sorry_late",
    "never_arrived": "sorry_late",
}
#: A reason is a reason to be sorry where something did go wrong: "the code does not work" is no damage, and beside a
#: question on delivery only the parcel can be late.
_WENT_WRONG = {
    *("damaged_or_wrong_item", "refund", "refund_status", "return_exchange"),
    *("order_status", "delivery", "complaint"),
}
_ON_THE_WAY = {"order_status", "delivery"}
#: "What offers do you have?" may be read as a wish for suggestions; less sure than this, an answer comes first.
_SURE_WISH = 0.6
#: What a question for the price of a thing may be read as.
_MAY_ASK_PRICE = {"product_question", "discount_coupon", "recommendation", "stock", "other"}
#: Questions about one's own order, once an action was asked for without a verdict being there.
_ABOUT_AN_ORDER = {"cancel", "change_address", "refund", "return_exchange", "damaged_or_wrong_item"}


#: Phrases by which a reply promises that a person goes on.
PROMISES_A_PERSON = frozenset(
    {
        *("escalate", "proof_given", "proof_stuck", "order_stuck", "lines_stuck", "deflect"),
        *("handover_unknown", "handover_part", "handover_person", "handover_complaint", "handover_faq"),
    }
)
#: Those of them by which a person finds out which order, or which of its items, is meant.
_ORDER_TO_PERSON = frozenset({"proof_given", "proof_stuck", "order_stuck", "lines_stuck"})


def compose_grounded(request: ComposeRequest) -> Candidate:
    """The composer's candidate. Deterministic by ``request.seed``.

    ``score`` is the share of questions that it answers; a reply that asks back or hands over says all that is known.
    """
    started = time.perf_counter()
    composition = _Composition(request)
    composition.write()
    text, links = composition.writer.build()
    return Candidate(
        text=text,
        source="composer",
        model=NAME,
        score=composition.score,
        links=links,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """What the composer's reply leaves open.

    ``hands_over``: it promises a person; ``order_to_person``: who finds out which order is meant, or whose;
    ``complaint``: who looks into a complaint; ``by_answer``: because the answer says so. ``unanswered`` are the
    questions that it does not answer itself.
    """

    hands_over: bool
    order_to_person: bool
    complaint: bool
    by_answer: bool
    unanswered: tuple[str, ...]


def plan_reply(request: ComposeRequest) -> ReplyPlan:
    """The plan of :func:`compose_grounded`'s reply."""
    composition = _Composition(request)
    composition.write()
    said = composition.writer.keys
    return ReplyPlan(
        hands_over=bool(said & PROMISES_A_PERSON),
        order_to_person=bool(said & _ORDER_TO_PERSON),
        complaint="handover_complaint" in said,
        by_answer="handover_faq" in said,
        unanswered=tuple(composition.unanswered),
    )


class _Composition:
    def __init__(self, request: ComposeRequest) -> None:
        self.request = request
        self.understanding = request.understanding
        self.writer = ReplyWriter(request.language, request.seed, request.tone)
        self.answers = AnswerPicker(request)
        self.order = subject_order(request)
        self.waiting = False
        self.carried_out = False
        self.unanswered: list[str] = []
        self.asked = 0
        self.answered = 0
        self._answered_this = False

    @property
    def score(self) -> float:
        if self.waiting or self.handed_over or not self.asked:
            return 1.0
        return self.answered / (self.asked + len(self.unanswered))

    @property
    def handed_over(self) -> bool:
        return bool(self.writer.keys & PROMISES_A_PERSON)

    def write(self) -> None:
        intents = [intent for intent in self.understanding.intents if intent.name != "greeting_thanks"]
        if self.understanding.injection:
            self._open(sorry=False)
            self.writer.say("deflect")
            return
        if awaits_proof_check(self.request):
            self.writer.say("proof_given")
            return
        if not intents and self.request.verdict is None and not self.understanding.wants_person:
            self._answer_greeting()
            return
        self._open(sorry=True)
        self._answer_verdict(intents)
        decided = self.asked > 0
        questions = self._open_questions(intents)
        for intent in questions:
            if decided and not is_question(intent, self.request):
                continue
            if self.understanding.wants_person and not self._asks_besides(intent):
                continue
            if len(questions) > 1 or self.asked:
                self.writer.paragraph()
            self._answer_one(intent)
        self._answer_unread()
        if self.understanding.wants_person:
            if self.asked:
                self.writer.paragraph()
            self.writer.say("handover_person")
        if self.answered and not self.handed_over and not self.waiting and self.request.tone != "brief":
            self.writer.paragraph()
            self.writer.say("closing")

    def _open(self, *, sorry: bool) -> None:
        """Greet in the first reply only; say sorry where something went wrong."""
        names = {intent.name for intent in self.understanding.intents}
        reason = self.understanding.reason or ""
        wrong = names & _WENT_WRONG - (set() if reason in LATE else _ON_THE_WAY)
        key = _SORRY_BY_REASON.get(reason) if wrong else None
        if key is None and "complaint" in names:
            key = "sorry_complaint"
        apologises = sorry and key is not None
        if not any(turn.author in {"bot", "operator"} for turn in self.request.turns):
            self.writer.say("hello_sorry" if apologises or self.understanding.wants_person else "hello")
        if apologises and key is not None:
            self.writer.say(key)
        elif sorry and self.request.tone == "warm":
            self.writer.say("empathy")

    def _answer_greeting(self) -> None:
        thanked = bool(self.request.turns) and gives_thanks(self.request.turns[-1].text)
        self.writer.say("thanks" if thanked else "greeting")

    def _answer_verdict(self, intents: list[IntentGuess]) -> None:
        verdict = self.request.verdict
        if verdict is None or verdict.action == "none":
            return
        self.asked += 1
        self.answered += 1
        say_verdict(self.writer, self.request, verdict)
        self.waiting = verdict.outcome != "allow"
        self.carried_out = verdict.outcome == "allow"
        how_to = next((intent for intent in intents if intent.name == "return_exchange"), None)
        how_to = how_to if how_to is not None and asks(how_to) else None
        if verdict.outcome == "allow" and verdict.action in {"return", "exchange"} and how_to is not None:
            self._quote_answer(how_to)

    def _asks_besides(self, intent: IntentGuess) -> bool:
        """Whether ``intent`` is a question beside the wish for a person; what a person is wanted for is theirs."""
        part = intent.question.strip()
        return bool(part) and is_question(intent, self.request) and not wants_person(part)

    def _answer_unread(self) -> None:
        """Questions that were understood as nothing in particular: an FAQ may know them, else they are left open."""
        for question in self.understanding.unread:
            if self.answers.gave_best(question):
                continue
            hit = None if is_price_alone(question) else self.answers.take(IntentGuess("other", 0.0, question))
            if hit is None or not (hit.entry.answer.strip() or hit.entry.hand_over):
                self.unanswered.append(question)
                continue
            self.writer.paragraph()
            self._quote(hit)

    def _open_questions(self, intents: list[IntentGuess]) -> list[IntentGuess]:
        """The intents that the verdict has not answered yet, a complaint or a wish for a person aside."""
        verdict = self.request.verdict
        covered = set() if verdict is None else ANSWERED_INTENTS.get(verdict.action, set())
        covered -= {
            intent.name for intent in intents if is_question(intent, self.request) and asks_when(intent.question)
        }
        open_questions = [intent for intent in intents if intent.name not in covered | {"wants_a_person"}]
        others = [intent for intent in open_questions if intent.name not in {"complaint", "other"}]
        complaints = [intent for intent in open_questions if intent.name == "complaint"]
        if complaints:  # "I'll never buy here again" asks for no answer
            surely = complaints[0].probability
            others = [
                each
                for each in others
                if each.name in _WENT_WRONG or each.probability > surely or is_question(each, self.request)
            ]
        if others or covered:
            return others
        if self.understanding.wants_person:
            return []
        # What is about a person but asks for none ("is anybody there?") is a question after all.
        return (complaints or open_questions or intents)[:1]

    def _answer_one(self, intent: IntentGuess) -> None:
        self.asked += 1
        self._answered_this = False
        self._answer(intent)
        self.answered += self._answered_this

    def _answer(self, intent: IntentGuess) -> None:
        if intent.name in _MAY_ASK_PRICE and asks_price(intent.question) and self.understanding.values("product"):
            self._answered_this = say_details(self.writer, self.request)
            if self._answered_this:
                return
        if intent.name in {"order_status", "refund_status"}:
            self._answer_from_order(intent)
        elif intent.name in _ABOUT_AN_ORDER:
            self._answer_about_order(intent)
        elif intent.name == "complaint":
            self._hand_over("handover_complaint")
        elif intent.name in {"product_question", "size_advice", "stock", "recommendation", "place_order"}:
            self._answer_about_product(intent)
        elif intent.name == "delivery":
            self._answer_delivery(intent)
        elif intent.name == "payment" and self.order is not None and self.understanding.values("order_number"):
            self._answered_this = say_payments(self.writer, self.order)
            if not self._answered_this:
                self._hand_over("handover_unknown")
        elif not self._quote_answer(intent):
            self._hand_over("handover_unknown")

    def _answer_from_order(self, intent: IntentGuess) -> None:
        if self.order is None:
            if not unknown_number(self.request) and not replies_before(self.request):
                self._quote_answer(intent)
            self._ask_which_order()
            return
        if self._is_done(self.order):
            if asks_when(intent.question):
                self.writer.paragraph()
                self._quote_answer(intent)
            return
        self._answered_this = True
        if intent.name != "refund_status":
            say_status(self.writer, self.request, self.order)
            if self.order.status == "shipped" and self.understanding.reason == "never_arrived":
                self._quote_answer(intent)
            else:
                self._add_what_holds_for_orders_like_this(intent)
            return
        quoted = self._quote_answer(intent) if self.request.verdict is not None else False
        if not quoted:
            say_refunds(self.writer, self.request, self.order)
            self._quote_answer(intent)

    def _add_what_holds_for_orders_like_this(self, intent: IntentGuess) -> None:
        """A general answer adds nothing to where an order is; one for its very state does."""
        hit = self.answers.take(intent)
        if hit is not None and (hit.entry.for_order or hit.entry.hand_over):
            self._quote(hit)

    def _is_done(self, order: OrderFacts) -> bool:
        """What was asked for is done with this order: how it stood before would contradict that."""
        return (
            self.carried_out and self.request.verdict is not None and self.request.verdict.order_number == order.number
        )

    def _answer_delivery(self, intent: IntentGuess) -> None:
        """A question on delivery in general, unless a parcel of the shopper's own is missing or named."""
        own = self.understanding.reason in {"never_arrived", "arrived_late"} or self.understanding.values(
            "order_number"
        )
        if self._quote_answer(intent):
            return
        if own:
            self._answer_from_order(intent)
        else:
            self._hand_over("handover_unknown")

    def _ask_which_order(self) -> None:
        self.waiting = True
        if not self.handed_over:
            ask_which_order(self.writer, self.request)

    def _answer_about_order(self, intent: IntentGuess) -> None:
        if self.understanding.requested_action is None:
            quoted = self._quote_answer(intent)
            if intent.name == "damaged_or_wrong_item" and not quoted:
                self._ask_about_damage()
            elif not quoted:
                self._hand_over("handover_unknown")
        elif self.order is None:
            self._ask_which_order()
        elif self._lacks_address(self.order):
            self._ask("ask_address")
        elif not self._is_done(self.order):
            self._hand_over("escalate")

    def _lacks_address(self, order: OrderFacts) -> bool:
        """Whether a new address is wished for, was not told, and can still be changed."""
        wished = self.understanding.requested_action == "change_address" and self.request.verdict is None
        told = self.understanding.values("address") or said_before(self.request, "ask_address")
        return wished and not told and order.status in {"pending", "processing"}

    def _ask_about_damage(self) -> None:
        if self.order is None:
            self._ask_which_order()
            if self.handed_over:
                return
            self.writer.paragraph()
        self.writer.say("damaged_next")
        self.waiting = True
        self._answered_this = True

    def _answer_about_product(self, intent: IntentGuess) -> None:
        speakers: dict[str, Callable[[ReplyWriter, ComposeRequest], bool]] = {
            "recommendation": say_suggestions,
            "stock": say_stock,
            "place_order": say_where_to_order,
            "product_question": partial(say_details, price=asks_price(intent.question)),
        }
        sure = intent.name != "recommendation" or (intent.probability >= _SURE_WISH and wants_advice(intent.question))
        facts_first = intent.name in {"recommendation", "stock", "place_order"} and sure
        speak = speakers.get(intent.name)
        if facts_first and speak is not None and speak(self.writer, self.request):
            self._answered_this = True
        elif not self._asks_price_alone(intent.question) and self._quote_answer(intent):
            return
        elif not facts_first and speak is not None and speak(self.writer, self.request):
            self._answered_this = True
        elif intent.name == "recommendation":
            self._ask("recommend_ask")
        elif intent.name in {"stock", "place_order"} and not self.understanding.values("product"):
            self._ask("which_product")
        else:
            self._hand_over("handover_unknown")

    def _asks_price_alone(self, question: str) -> bool:
        """Whether a price is all that is asked for; "next course? how much" says of what, and no thing of the shop."""
        said = self.request.turns[-1].text if self.request.turns else ""
        told = question in said and not is_price_alone(said) and not self.request.products
        return is_price_alone(question) and not told

    def _quote_answer(self, intent: IntentGuess) -> bool:
        hit = self.answers.take(intent)
        if hit is None:
            return False
        if hit.entry.needs_order and not hit.entry.answer.strip():
            self._ask_which_order()
            return True
        return self._quote(hit)

    def _quote(self, hit: FaqHit) -> bool:
        """The answer's own words, and a person where the answer wants one. False where it is neither."""
        text = hit.entry.answer
        if text.strip():
            of_lines = "\n" in text.strip()
            if of_lines:  # a list or paragraphs: they stand by themselves
                self.writer.paragraph()
            self.writer.quote(text, faq_evidence(hit))
            if of_lines:
                self.writer.paragraph()
            self._answered_this = True
        if hit.entry.hand_over:
            self._hand_over("handover_faq")
        return bool(text.strip()) or hit.entry.hand_over

    def _ask(self, key: str) -> None:
        self.waiting = True
        self.writer.say(key)

    def _hand_over(self, key: str) -> None:
        """An honest hand-over, said once however many questions need it."""
        if self.handed_over:
            return
        self.writer.say("handover_part" if self.answered and key == "handover_unknown" else key)
