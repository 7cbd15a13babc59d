"""The grounded composer: a reply out of the FAQ's own words, facts and the verdict. No model, no invention."""

from __future__ import annotations

import time

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
from bots.composing.verdict import ANSWERED_INTENTS, say_verdict
from bots.composing.writer import ReplyWriter
from bots.types import Candidate, ComposeRequest, IntentGuess

NAME = "grounded-composer-1"
_SORRY_BY_REASON = {
    "damaged": "sorry_damaged",
    "wrong_item": "sorry_wrong_item",
    "missing_item": "sorry_missing_item",
    "not_as_described": "sorry_not_as_described",
    "arrived_late": "sorry_late",
    "never_arrived": "sorry_late",
}
#: A reason is a reason to be sorry where something did go wrong: "the code does not work" is no damage.
_WENT_WRONG = {
    *("damaged_or_wrong_item", "refund", "refund_status", "return_exchange"),
    *("order_status", "delivery", "complaint"),
}
#: Questions about one's own order, once an action was asked for without a verdict being there.
_ABOUT_AN_ORDER = {"cancel", "change_address", "refund", "return_exchange", "damaged_or_wrong_item"}


def compose_grounded(request: ComposeRequest) -> Candidate:
    """The composer's candidate. Deterministic by ``request.seed``; ``score`` is the share of questions answered."""
    started = time.perf_counter()
    composition = _Composition(request)
    composition.write()
    text, links = composition.writer.build()
    return Candidate(
        text=text,
        source="composer",
        model=NAME,
        score=composition.answered_share,
        links=links,
        seconds=time.perf_counter() - started,
    )


class _Composition:
    def __init__(self, request: ComposeRequest) -> None:
        self.request = request
        self.understanding = request.understanding
        self.writer = ReplyWriter(request.language, request.seed)
        self.answers = AnswerPicker(request)
        self.order = subject_order(request)
        self.handed_over = False
        self.waiting = False
        self.asked = 0
        self.answered = 0
        self._answered_this = False

    @property
    def answered_share(self) -> float:
        return self.answered / self.asked if self.asked else 1.0

    def write(self) -> None:
        intents = [intent for intent in self.understanding.intents if intent.name != "greeting_thanks"]
        if self.understanding.injection:
            self._open(sorry=False)
            self.writer.say("deflect")
            return
        if not intents and self.request.verdict is None and not self.understanding.wants_person:
            self._answer_greeting()
            return
        self._open(sorry=True)
        self._answer_verdict(intents)
        questions = self._open_questions(intents)
        for intent in questions:
            if len(questions) > 1 or self.asked:
                self.writer.paragraph()
            self._answer_one(intent)
        if self.understanding.wants_person:
            if self.asked:
                self.writer.paragraph()
            self.writer.say("handover_person")
            self.handed_over = True
        if self.answered and not self.handed_over and not self.waiting:
            self.writer.paragraph()
            self.writer.say("closing")

    def _open(self, *, sorry: bool) -> None:
        """Greet in the first reply only; say sorry where something went wrong."""
        names = {intent.name for intent in self.understanding.intents}
        key = _SORRY_BY_REASON.get(self.understanding.reason or "") if names & _WENT_WRONG else None
        if key is None and "complaint" in names:
            key = "sorry_complaint"
        apologises = sorry and key is not None
        if not any(turn.author in {"bot", "operator"} for turn in self.request.turns):
            self.writer.say("hello_sorry" if apologises or self.understanding.wants_person else "hello")
        if apologises and key is not None:
            self.writer.say(key)

    def _answer_greeting(self) -> None:
        words = self.request.turns[-1].text.lower() if self.request.turns else ""
        thanked = any(word in words for word in ("thank", "thx", "cheers", "谢", "辛苦", "感谢"))
        self.writer.say("thanks" if thanked else "greeting")

    def _answer_verdict(self, intents: list[IntentGuess]) -> None:
        verdict = self.request.verdict
        if verdict is None or verdict.action == "none":
            return
        self.asked += 1
        self.answered += 1
        say_verdict(self.writer, self.request, verdict)
        self.handed_over = verdict.outcome == "escalate"
        self.waiting = verdict.outcome != "allow"
        how_to = next((intent for intent in intents if intent.name == "return_exchange"), None)
        if verdict.outcome == "allow" and verdict.action in {"return", "exchange"} and how_to is not None:
            self._quote_answer(how_to)

    def _open_questions(self, intents: list[IntentGuess]) -> list[IntentGuess]:
        """The intents that the verdict has not answered yet, a complaint or a wish for a person aside."""
        verdict = self.request.verdict
        covered = set() if verdict is None else ANSWERED_INTENTS.get(verdict.action, set())
        open_questions = [intent for intent in intents if intent.name not in covered | {"wants_a_person"}]
        others = [intent for intent in open_questions if intent.name not in {"complaint", "other"}]
        if others or covered:
            return others
        return [] if self.understanding.wants_person else open_questions[:1]

    def _answer_one(self, intent: IntentGuess) -> None:
        self.asked += 1
        self._answered_this = False
        self._answer(intent)
        self.answered += self._answered_this

    def _answer(self, intent: IntentGuess) -> None:
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
            if not unknown_number(self.request):
                self._quote_answer(intent)
            self._ask_which_order()
            return
        self._answered_this = True
        if intent.name != "refund_status":
            say_status(self.writer, self.request, self.order)
            return
        quoted = self._quote_answer(intent) if self.request.verdict is not None else False
        if not quoted:
            say_refunds(self.writer, self.request, self.order)
            self._quote_answer(intent)

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
        else:
            self._hand_over("escalate")

    def _ask_about_damage(self) -> None:
        if self.order is None:
            self._ask_which_order()
            self.writer.paragraph()
        self.writer.say("damaged_next")
        self.waiting = True
        self._answered_this = True

    def _answer_about_product(self, intent: IntentGuess) -> None:
        speakers = {
            "recommendation": say_suggestions,
            "stock": say_stock,
            "place_order": say_where_to_order,
            "product_question": say_details,
        }
        facts_first = intent.name in {"recommendation", "stock", "place_order"}
        speak = speakers.get(intent.name)
        if facts_first and speak is not None and speak(self.writer, self.request):
            self._answered_this = True
        elif self._quote_answer(intent):
            return
        elif not facts_first and speak is not None and speak(self.writer, self.request):
            self._answered_this = True
        elif intent.name == "recommendation":
            self._ask("recommend_ask")
        elif intent.name in {"stock", "place_order"} and not self.understanding.values("product"):
            self._ask("which_product")
        else:
            self._hand_over("handover_unknown")

    def _quote_answer(self, intent: IntentGuess) -> bool:
        hit = self.answers.take(intent)
        if hit is None or not hit.entry.answer.strip():
            return False
        self.writer.quote(hit.entry.answer, faq_evidence(hit))
        self._answered_this = True
        return True

    def _ask(self, key: str) -> None:
        self.waiting = True
        self.writer.say(key)

    def _hand_over(self, key: str) -> None:
        """An honest hand-over, said once however many questions need it."""
        if self.handed_over:
            return
        self.handed_over = True
        self.writer.say("handover_part" if self.answered and key == "handover_unknown" else key)
