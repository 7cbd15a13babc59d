"""The composer says what is known and hands over what is not; whatever it says passes the guard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.composing.composer import compose_grounded, plan_reply
from bots.guard.check import check
from bots.types import (
    INTENTS,
    ComposeRequest,
    Entity,
    FaqEntry,
    FaqHit,
    IntentGuess,
    Language,
    LineFacts,
    OrderFacts,
    ProductFacts,
    RefundFacts,
    ShipmentFacts,
    Turn,
    Understanding,
    VerdictFacts,
)
from tests.bots.requests import LAMP, NOW, POLES, request, understood, verdict

STATUSES = (
    "pending",
    "processing",
    "shipped",
    "delivered",
    "return_requested",
    "exchange_requested",
    "returned",
    "cancelled",
    "closed",
)
ACTIONS = (
    "refund",
    "return",
    "exchange",
    "cancel",
    "change_address",
    "change_items",
    "change_payment",
    "resend",
    "place_order",
)
REASONS = ("damaged", "wrong_item", "missing_item", "not_as_described", "never_arrived", "arrived_late", None)


def text_of(made: ComposeRequest) -> str:
    return compose_grounded(made).text


def test_an_allowed_refund_names_amount_order_and_method() -> None:
    made = request("en", "refund", verdict=verdict("refund", "allow"), answers=())
    text = text_of(made)
    assert "¥86.00" in text
    assert "#10533" in text
    assert "WeChat Pay" in text


def test_an_allowed_refund_in_chinese() -> None:
    text = text_of(request("zh-hans", "refund", verdict=verdict("refund", "allow"), answers=()))
    assert "¥86.00" in text
    assert "10533" in text
    assert "微信支付" in text


def test_money_that_goes_to_another_method_than_the_payment_is_said_so() -> None:
    text = text_of(request("en", "refund", verdict=verdict("refund", "allow", refund_to=("gift_card",)), answers=()))
    assert "your gift card" in text
    assert "WeChat" not in text


def test_a_denial_gives_the_reason_and_a_way_on() -> None:
    denied = verdict("refund", "deny", reasons={"en": "It was delivered more than 7 days ago."})
    text = text_of(request("en", "refund", verdict=denied, answers=()))
    assert "It was delivered more than 7 days ago." in text
    assert "colleague" in text


def test_a_missing_photo_is_asked_for_and_nothing_is_closed() -> None:
    text = text_of(request("zh-hans", "refund", verdict=verdict("refund", "ask", ask=("photo",)), answers=()))
    assert "照片" in text
    assert "其他问题" not in text


def test_two_questions_get_two_answers() -> None:
    both = understood("en", "refund", "delivery")
    text = text_of(request("en", understanding=both, verdict=verdict("refund", "allow")))
    assert "¥86.00" in text
    assert "30 days" in text or "3-5 business days" in text


def _asked(*questions: tuple[str, str], language: Language = "en", **fields: object) -> Understanding:
    guesses = tuple(IntentGuess(name, 0.9, question) for name, question in questions)
    return Understanding(language, guesses, **fields)  # type: ignore[arg-type]


def test_a_statement_beside_a_decided_wish_is_not_answered() -> None:
    """ "The jacket is too small, can I swap it?" is one wish; what holds in general would contradict its verdict."""
    said = _asked(("return_exchange", "can I swap it"), ("size_advice", "The jacket is too small"))
    made = request(understanding=said, verdict=verdict("exchange", "escalate", None))
    assert "30 days" not in text_of(made)
    assert "colleague" in text_of(made)
    asked = _asked(("return_exchange", "swap it please"), ("size_advice", "how do the sizes run?"))
    assert "30 days" in text_of(replace(made, understanding=asked))


@pytest.mark.parametrize(
    ("question", "answered"), [("I will never buy here again", False), ("where do I complain?", True)]
)
def test_an_outburst_is_handed_over_and_only_its_questions_are_answered(question: str, answered: bool) -> None:
    said = _asked(("cancel", question), ("complaint", "What a terrible shop"))
    text = text_of(request(understanding=said, order=None, orders=()))
    assert ("30 days" in text) is answered
    assert ("who will look into it" in text) is not answered


def test_a_parcel_that_never_came_gets_the_answer_for_it() -> None:
    """Where the parcel was last is what the shopper knows already."""
    shipped = replace(POLES, status="shipped", shipped_at=NOW - timedelta(days=18))
    asked = _asked(("order_status", "where is it?"), reason="never_arrived")
    made = request(understanding=asked, order=shipped)
    assert "30 days" in text_of(made)
    assert "30 days" not in text_of(replace(made, understanding=replace(asked, reason=None)))


@pytest.mark.parametrize(
    ("question", "probability", "suggests"),
    [
        ("Which lamp do you recommend?", 0.8, True),
        ("Which lamp do you recommend?", 0.52, False),
        ("Could you gift wrap a lamp?", 0.8, False),
    ],
)
def test_an_unsure_reading_as_a_wish_for_suggestions_yields_to_an_answer(
    question: str, probability: float, suggests: bool
) -> None:
    asked = Understanding("en", (IntentGuess("recommendation", probability, question),))
    text = text_of(request(understanding=asked, order=None))
    assert ("Reading Lamp" in text, "30 days" in text) == (suggests, not suggests)


def test_a_price_is_told_before_what_an_answer_says_of_the_thing() -> None:
    lamp = (Entity("product", LAMP.id, 0, 4),)
    asked = Understanding("en", (IntentGuess("product_question", 0.9, "How much is the lamp?"),), lamp)
    assert "30 days" not in text_of(request(understanding=asked, order=None))
    other = replace(asked, intents=(replace(asked.intent, question="Is the lamp bright?"),))
    assert "30 days" in text_of(request(understanding=other, order=None))


def test_how_long_something_takes_is_answered_beside_what_is_done() -> None:
    intents = (("cancel", "Cancel it"), ("refund_status", "how long does the refund take?"))
    asked = _asked(*intents, requested_action="cancel")
    verdict = VerdictFacts("cancel", "allow", 8600, "CNY", order_number=POLES.number)
    assert "30 days" in text_of(request(understanding=asked, verdict=verdict))


@pytest.mark.parametrize("question", ["is anybody there?", "你是机器人吗"])
def test_a_question_about_a_person_gets_more_than_a_greeting(question: str) -> None:
    made = request(understanding=_asked(("wants_a_person", question)), answers=())
    assert "colleague" in text_of(made)
    assert plan_reply(made).hands_over


@pytest.mark.parametrize(
    ("question", "told"), [("I want to return it", False), ("how can I return it", True), ("", True)]
)
def test_how_a_return_works_is_told_where_it_is_asked(question: str, told: bool) -> None:
    made = request(understanding=_asked(("return_exchange", question)), verdict=verdict("return", "allow"))
    assert ("within 30 days" in text_of(made)) is told


@pytest.mark.parametrize("question", ["How much is the cheapest one?", "多少钱？"])
def test_a_price_of_nothing_that_is_known_is_not_answered_by_a_general_answer(question: str) -> None:
    made = request(understanding=_asked(("product_question", question)), products=())
    assert "30 days" not in text_of(made)
    assert plan_reply(made).hands_over


def test_a_price_that_is_asked_for_by_the_way_gets_no_general_answer() -> None:
    made = half_answered()
    made = replace(made, understanding=replace(made.understanding, unread=("多少钱？",)))
    hits = tuple(replace(hit, query="多少钱？") for hit in made.answers[1:])
    assert plan_reply(replace(made, answers=(*made.answers[:1], *hits))).unanswered == ("多少钱？",)


def half_answered() -> ComposeRequest:
    """Two questions, an answer to the first."""
    base = request(understanding=_asked(("delivery", "how fast?"), unread=("and why?",)))
    return replace(base, answers=tuple(replace(hit, query="how fast?") for hit in base.answers))


@pytest.mark.parametrize(
    ("made", "score"),
    [
        (request("en", "other", answers=()), 1.0),  # handed to a person
        (request("en", "order_status", order=None, answers=()), 1.0),  # asked back
        (half_answered(), 0.5),
    ],
    ids=["handed over", "asked back", "half answered"],
)
def test_a_reply_that_says_all_that_is_known_cannot_be_bettered(made: ComposeRequest, score: float) -> None:
    assert compose_grounded(made).score == score


def test_each_answer_goes_to_the_question_it_was_found_for() -> None:
    base = request("en")
    returns, delivery = base.answers
    asked = Understanding(
        "en", (IntentGuess("delivery", 0.9, "how fast is it"), IntentGuess("return_exchange", 0.9, "can I return it"))
    )
    hits = (
        FaqHit(returns.entry, 0.95, "", 0, 0, "can I return it"),
        FaqHit(delivery.entry, 0.9, "", 0, 0, "how fast is it"),
    )
    text = text_of(request("en", understanding=asked, answers=hits))
    assert text.index("3-5 business days") < text.index("30 days")


def test_a_hit_below_the_threshold_is_not_used() -> None:
    weak = FaqHit(FaqEntry("x", 1, "en", "Q", "Something unrelated."), 0.01, "", 0, 0)
    text = text_of(request("en", "account", answers=(weak,)))
    assert "unrelated" not in text
    assert "colleague" in text


def test_the_state_of_an_order_with_its_parcel() -> None:
    text = text_of(request("en", "order_status", answers=()))
    assert "delivered on November 18" in text
    assert "SF1234567890" in text


def test_dates_are_those_of_the_merchants_time_zone() -> None:
    late = OrderFacts("1", "cancelled", "JPY", 1200, NOW, cancelled_at=NOW.replace(hour=23))
    shanghai = request("en", "order_status", order=late, orders=(late,), answers=())
    new_york = request("en", "order_status", order=late, orders=(late,), answers=(), timezone="America/New_York")
    assert "November 25" in text_of(shanghai)
    assert "November 24" in text_of(new_york)


def test_an_amount_without_minor_units() -> None:
    order = OrderFacts("7", "delivered", "JPY", 1200, NOW, refunds=(RefundFacts(1200, NOW),))
    text = text_of(request("en", "refund_status", order=order, orders=(order,), answers=()))
    assert "JP¥1,200 " in text


def test_several_orders_are_offered_and_none_is_guessed() -> None:
    candidate = compose_grounded(request("en", "order_status", order=None, answers=()))
    assert "#10533" in candidate.text
    assert "#10777" in candidate.text
    assert [link.evidence for link in candidate.links if link.evidence] == ["order:10777", "order:10533"]


def test_a_stranger_is_asked_to_sign_in_and_told_nothing() -> None:
    made = request("en", "order_status", order=None, orders=(), identified=False, answers=())
    assert "sign in" in text_of(made)


def test_an_order_of_somebody_else_is_never_repeated() -> None:
    asked = understood("en", "order_status", entities=(Entity("order_number", "20881", 0, 5),))
    text = text_of(request("en", understanding=asked, order=None, answers=()))
    assert "20881" not in text
    assert "10533" not in text


def test_a_denied_action_on_somebody_elses_order_says_nothing_about_it() -> None:
    asked = understood("en", "refund", entities=(Entity("order_number", "20881", 0, 5),), requested_action="refund")
    foreign = VerdictFacts("refund", "deny", reasons={"en": "Order 20881 belongs to Bob."}, order_number="20881")
    text = text_of(request("en", understanding=asked, order=None, answers=(), verdict=foreign))
    assert "20881" not in text
    assert "Bob" not in text


def test_a_fault_word_in_another_question_is_no_reason_to_be_sorry() -> None:
    """ "My code does not work" holds a word of damage."""
    asked = understood("en", "discount_coupon", reason="damaged")
    assert "sorry" not in text_of(request("en", "discount_coupon", understanding=asked)).lower()
    broken = understood("en", "damaged_or_wrong_item", reason="damaged")
    assert "sorry" in text_of(request("en", "damaged_or_wrong_item", understanding=broken)).lower()
    by_the_way = understood("en", "delivery", reason="damaged")
    assert "sorry" not in text_of(request("en", "delivery", understanding=by_the_way)).lower()


def test_how_an_order_was_paid_is_told() -> None:
    number = (Entity("order_number", "10533", 0, 5),)
    for language, method in (("en", "WeChat Pay"), ("zh-hans", "微信支付")):
        asked = understood(language, "payment", entities=number)
        made = request(language, "payment", understanding=asked, answers=())
        assert method in text_of(made)
        assert check(text_of(made), made) == ()


def test_a_greeting_is_greeted_and_thanks_are_welcomed() -> None:
    hello = request("en", "greeting_thanks", turns=(Turn("shopper", "hi"),))
    thanks = request("en", "greeting_thanks", turns=(Turn("shopper", "thank you!"),))
    assert text_of(hello).endswith("?")
    assert "eply" in text_of(thanks) or "welcome" in text_of(thanks) or "pleasure" in text_of(thanks)


def test_only_the_first_reply_greets() -> None:
    first = request("en", "order_status", answers=())
    later = request(
        "en", "order_status", answers=(), turns=(Turn("shopper", "a"), Turn("operator", "b"), Turn("shopper", "c"))
    )
    assert text_of(first).startswith(("Hello", "Hi"))
    assert text_of(later).startswith("Our records")


CANCELLED = VerdictFacts("cancel", "allow", 129900, "CNY", order_number="10777")


@pytest.mark.parametrize("name", ["discount_coupon", "order_status", "refund_status", "change_address", "account"])
def test_after_a_deed_nothing_is_said_against_it(name: str) -> None:
    """The reason for a wish is no question of its own: "cancelled" and "passed on" contradict each other."""
    guesses = (
        IntentGuess("cancel", 0.9, "Please cancel order 10777"),
        IntentGuess(name, 0.7, "I found it cheaper elsewhere"),
    )
    understanding = Understanding("en", guesses, requested_action="cancel")
    turns = (Turn("shopper", "Please cancel order 10777, I found it cheaper elsewhere"),)
    text = text_of(request(turns=turns, understanding=understanding, order=POLES, verdict=CANCELLED, answers=()))
    assert "10777 has been cancelled" in text
    assert "colleague" not in text
    assert "being prepared" not in text


def test_a_question_beside_a_deed_is_still_handed_over() -> None:
    guesses = (
        IntentGuess("cancel", 0.9, "Please cancel order 10777"),
        IntentGuess("invoice", 0.9, "where do I find the invoice?"),
    )
    understanding = Understanding("en", guesses, requested_action="cancel")
    turns = (Turn("shopper", "Please cancel order 10777. And where do I find the invoice?"),)
    text = text_of(request(turns=turns, understanding=understanding, order=POLES, verdict=CANCELLED, answers=()))
    assert "10777 has been cancelled" in text
    assert "For your other question" in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_was_asked_before_is_not_asked_again(language: Language) -> None:
    """Of strangers, and of shoppers whose number is not there: then a person goes on."""
    strangers = request(language, "order_status", identified=False, orders=(), order=None, answers=())
    unknown = request(language, understanding=_naming(language, "99999"), order=None, answers=())
    for made in (strangers, unknown, replace(strangers, identified=True)):
        first = text_of(made)
        again = replace(made, turns=(Turn("shopper", "…"), Turn("bot", first), Turn("shopper", "…")))
        second = text_of(again)
        assert not {s for s in first.splitlines() if s} & {s for s in second.splitlines() if s}
        assert ("同事" if language == "zh-hans" else "colleague") in second
        assert plan_reply(again).order_to_person
        assert not plan_reply(made).order_to_person


def _naming(language: Language, number: str) -> Understanding:
    return understood(language, "order_status", entities=(Entity("order_number", number, 0, len(number)),))


def test_no_address_of_a_page_stands_in_a_reply() -> None:
    for name in ("recommendation", "product_question", "place_order", "stock"):
        assert "https://" not in text_of(request("en", name, answers=()))


def test_an_injection_gets_no_facts() -> None:
    attacked = understood("en", "order_status", injection=True)
    text = text_of(request("en", understanding=attacked))
    assert "10533" not in text


@pytest.mark.parametrize(
    ("made", "hands_over"),
    [
        (request("en", "complaint", answers=()), True),
        (request("zh-hans", "complaint", answers=()), True),
        (request("en", understanding=understood("en", "wants_a_person", wants_person=True)), True),
        (request("en", "invoice", answers=()), True),
        (request("en", "delivery", "invoice", answers=()), True),
        (request("en", "refund", understanding=understood("en", "refund", requested_action="refund")), True),
        (request("en", "refund", verdict=verdict("refund", "escalate")), True),
        (request("en", "refund", verdict=verdict("refund", "allow", amount=0)), True),
        (request("en", understanding=understood("en", "refund", injection=True)), True),
        (request("en", "payment", understanding=understood("en", "payment"), answers=()), True),
        (request("en", "stock", products=(), answers=()), False),  # asks which product
        (request("en", "refund", verdict=verdict("refund", "allow")), False),
        (request("en", "refund", verdict=verdict("refund", "deny", reasons={"en": "Too late."})), False),
        (request("en", "delivery"), False),
        (request("en", "greeting_thanks"), False),
    ],
)
def test_the_plan_tells_whether_a_person_is_promised(made: ComposeRequest, hands_over: bool) -> None:
    assert plan_reply(made).hands_over is hands_over


def test_a_person_who_is_asked_for_brings_no_answer_to_something_else() -> None:
    said = "Can I talk to a real person please? My lamp return is stuck"
    person, rest = said.split("? ")
    guesses = (IntentGuess("wants_a_person", 0.97, said), IntentGuess("return_exchange", 0.8, rest))
    plug = FaqHit(FaqEntry("plug", 1, "en", "Which plug do lamps have?", "220 V with a Chinese plug."), 0.92, "", 0, 0)
    made = request(
        turns=(Turn("shopper", said),),
        understanding=Understanding("en", guesses, wants_person=True),
        answers=tuple(replace(plug, query=query) for query in (said, person, rest)),
    )
    assert "220 V" not in text_of(made)
    asking = Understanding(
        "en", (guesses[0], IntentGuess("product_question", 0.8, "which plug do lamps have")), wants_person=True
    )
    besides = replace(made, understanding=asking, answers=(replace(plug, query="which plug do lamps have"),))
    assert "220 V" in text_of(besides)


def test_a_question_nobody_could_read_is_answered_by_an_faq_or_marked() -> None:
    hours = FaqHit(
        FaqEntry("hours", 1, "en", "When are you open?", "From 9 to 18 o'clock."), 0.9, "", 0, 0, "when do you close"
    )
    understanding = Understanding("en", (IntentGuess("cancel", 0.9, "cancel my order"),), unread=("when do you close",))
    cancelled = request(understanding=understanding, verdict=verdict("cancel", "allow"), answers=(hours,))
    assert "From 9 to 18" in text_of(cancelled)
    assert plan_reply(cancelled).unanswered == ()
    left_open = replace(cancelled, answers=(replace(hours, score=0.2),))
    assert plan_reply(left_open).unanswered == ("when do you close",)


def _hours(**fields: object) -> FaqHit:
    entry = FaqEntry("hours", 1, "en", "When are you open?", "From 9 to 18 o'clock.")
    return FaqHit(replace(entry, **fields), 0.9, "", 0, 0, "when do you open")  # type: ignore[arg-type]


def _asks(*questions: str) -> Understanding:
    first, *unread = questions
    return Understanding("en", (IntentGuess("account", 0.9, first),), unread=tuple(unread))


def test_one_answer_to_two_questions_stands_once_and_leaves_none_open() -> None:
    first = _hours()
    both = (first, replace(first, query="when do you close"))
    made = request(understanding=_asks("when do you open", "when do you close"), answers=both)
    assert text_of(made).count("From 9 to 18") == 1
    assert plan_reply(made).unanswered == ()


@pytest.mark.parametrize("answer", ["From 9 to 18 o'clock.", ""])
def test_an_answer_that_wants_a_person_promises_one(answer: str) -> None:
    made = request(understanding=_asks("when do you open"), answers=(_hours(answer=answer, hand_over=True),))
    plan = plan_reply(made)
    assert (plan.hands_over, plan.by_answer) == (True, True)
    assert ("From 9 to 18" in text_of(made)) is bool(answer)
    assert "colleague" in text_of(made)
    assert check(text_of(made), made) == ()


def test_an_answer_that_hangs_on_an_order_asks_which_one() -> None:
    asking = replace(_asks("when do you open"), intents=(IntentGuess("delivery", 0.9, "when do you open"),))
    made = request(understanding=asking, answers=(_hours(answer="", needs_order=True),), orders=(), order=None)
    assert "order number" in text_of(made)
    assert not plan_reply(made).hands_over


def test_a_list_stands_in_a_paragraph_of_its_own() -> None:
    made = request(understanding=_asks("when do you open"), answers=(_hours(answer="Open:\n- Monday\n- Friday"),))
    assert "\n\nOpen:\n- Monday\n- Friday\n\n" in text_of(made)


@pytest.mark.parametrize("for_order", [True, False])
def test_only_what_was_written_for_such_an_order_follows_its_state(for_order: bool) -> None:
    made = request("en", "order_status", answers=(replace(_hours(for_order=for_order), query=""),))
    assert ("From 9 to 18" in text_of(made)) is for_order


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_which_items_are_meant_is_asked_twice_and_then_left_to_a_person(language: Language) -> None:
    made = request(language, "refund", verdict=verdict("refund", "ask", ask=("lines",)), answers=())
    for _ in range(2):
        assert not plan_reply(made).hands_over
        made = replace(made, turns=(*made.turns, Turn("bot", text_of(made)), Turn("shopper", "the thing")))
    assert plan_reply(made).order_to_person
    assert "•" not in text_of(made)


def test_an_accepted_return_lists_its_items() -> None:
    accepted = verdict("return", "allow", lines=(LineFacts("Mug", 1, 4300),))
    made = request("en", "return_exchange", verdict=accepted, answers=())
    assert "These items go back:\n• Mug × 1" in text_of(made)
    assert check(text_of(made), made) == ()


def test_the_seed_decides_the_wording_and_nothing_else_does() -> None:
    texts = {
        seed: text_of(request("en", "refund", verdict=verdict("refund", "allow"), answers=(), seed=seed))
        for seed in range(8)
    }
    again = {
        seed: text_of(request("en", "refund", verdict=verdict("refund", "allow"), answers=(), seed=seed))
        for seed in range(8)
    }
    assert texts == again
    assert len(set(texts.values())) > 1


moments = st.integers(-500, 0).map(lambda hours: NOW + timedelta(hours=hours))
english = st.sampled_from(
    (
        "Returns are free within 30 days, see https://pine.example/returns or call 400-820-8820.",
        "We refund you within 3-5 business days once your parcel is back.\n\nWrite to help@pine.example.",
        "Use code WELCOME10 for 10% off orders over $50!",
        "- Step 1: open My Orders\n- Step 2: choose Return. We guarantee a reply in 24 hours.",
    )
)
chinese = st.sampled_from(
    (
        "签收后七天无理由退货，运费8元起。",
        "退款审核通过后，我们会在3-5个工作日内为您退款到支付宝。",
        "满99元包邮，最晚明天发货！",
        "“露营节”全场八折，客服电话400-820-8820。",
    )
)
currencies = st.sampled_from(("CNY", "USD", "JPY", "EUR", "KWD", "THB"))


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    placed = draw(moments)
    later = st.none() | st.just(placed + timedelta(hours=5))
    shipment = ShipmentFacts(
        draw(st.sampled_from(("SF", "顺丰", "UPS", "Local Courier", ""))),
        draw(st.sampled_from(("SF1234567890", "1Z999AA10123456784", "88001234", ""))),
        draw(later),
        draw(later),
    )
    return OrderFacts(
        number=draw(st.from_regex(r"\A(?:#?[A-Z]{1,3}-?)?[1-9][0-9]{3,9}\Z")),
        status=draw(st.sampled_from(STATUSES)),
        currency=draw(currencies),
        total_minor=draw(st.integers(0, 10_000_000)),
        placed_at=placed,
        shipped_at=draw(later),
        delivered_at=draw(later),
        cancelled_at=draw(later),
        lines=(LineFacts("Mug 2.0 – “XL”", draw(st.integers(1, 9)), 4300),),
        shipments=draw(st.sampled_from(((), (shipment,)))),
        refunds=draw(st.sampled_from(((), (RefundFacts(4300, placed),)))),
        payment_methods=draw(st.sampled_from(((), ("paypal",), ("alipay", "gift_card"), ("other",)))),
    )


@st.composite
def compose_requests(draw: st.DrawFn) -> ComposeRequest:
    language = draw(st.sampled_from(("en", "zh-hans")))
    own = tuple({order.number: order for order in draw(st.lists(orders(), max_size=3))}.values())
    order = draw(st.sampled_from((None, *own)))
    names = draw(st.lists(st.sampled_from(INTENTS), min_size=1, max_size=3, unique=True))
    decision = draw(
        st.none()
        | st.builds(
            VerdictFacts,
            action=st.sampled_from(ACTIONS),
            outcome=st.sampled_from(("allow", "deny", "escalate", "ask")),
            amount_minor=st.none() | st.integers(0, 10_000_000),
            currency=currencies,
            ask=st.lists(st.sampled_from(("photo", "confirmation", "variant", "anything")), max_size=2).map(tuple),
            reasons=st.sampled_from(({}, {"en": "More than 7 days have passed.", "zh-hans": "已超过7天。"})),
            order_number=st.just(order.number if order else ""),
            refund_to=st.sampled_from(((), ("gift_card",), ("wechat_pay", "alipay"))),
        )
    )
    answers = st.builds(
        FaqHit,
        entry=st.builds(
            FaqEntry,
            id=st.uuids().map(str),
            revision=st.just(1),
            language=st.just(language),
            question=st.just("Q?" if language == "en" else "问题？"),
            answer=english if language == "en" else chinese,
        ),
        score=st.sampled_from((0.05, 0.95)),
        phrasing=st.just(""),
        lexical=st.just(0.0),
        dense=st.just(0.0),
    )
    product = ProductFacts(
        "p",
        {"en": "Pro Tent 3", "zh-hans": "三人帐篷"},
        129900,
        draw(currencies),
        draw(st.integers(0, 3)),
        "https://a.example/p?id=3",
    )
    return ComposeRequest(
        language=language,
        turns=(Turn("shopper", "我要退款 $99 for order 4711"),),
        understanding=Understanding(
            language,
            tuple(IntentGuess(name, 0.8) for name in names),
            requested_action=draw(st.sampled_from((None, *ACTIONS))),
            reason=draw(st.sampled_from(REASONS)),
            wants_person=draw(st.booleans()),
        ),
        store_name="Pine & Co",
        now=NOW,
        answers=tuple(draw(st.lists(answers, max_size=3))),
        orders=own,
        order=order,
        verdict=decision,
        products=draw(st.sampled_from(((), (product,)))),
        identified=draw(st.booleans()) or bool(own),
        seed=draw(st.integers(0, 20)),
    )


@settings(max_examples=150, deadline=None)
@given(compose_requests())
def test_the_composer_always_passes_the_guard(made: ComposeRequest) -> None:
    candidate = compose_grounded(made)
    assert check(candidate.text, made) == (), candidate.text


@settings(max_examples=60, deadline=None)
@given(compose_requests())
def test_every_statement_is_linked_and_every_link_points_at_evidence(made: ComposeRequest) -> None:
    candidate = compose_grounded(made)
    known = {f"order:{order.number}" for order in made.orders} | {f"product:{product.id}" for product in made.products}
    known |= {f"faq:{hit.entry.id}:{hit.entry.revision}" for hit in made.answers} | {""}
    known |= {f"verdict:{made.verdict.action}"} if made.verdict else set()
    assert {link.evidence for link in candidate.links} <= known
    position = 0
    for link in candidate.links:
        assert candidate.text[position : link.start].strip() == ""
        position = link.end
    assert position == len(candidate.text)
    assert 0.0 <= candidate.score <= 1.0


def test_a_new_address_that_was_not_told_is_asked_for_where_it_can_be_changed() -> None:
    understanding = Understanding(
        "en", (IntentGuess("change_address", 0.9, "change my address"),), requested_action="change_address"
    )
    turns = (Turn("shopper", "change my address"),)
    made = request(turns=turns, understanding=understanding, order=POLES, answers=())
    assert "Please send us the full new address" in text_of(made)
    assert "colleague" not in text_of(made)
    again = (*turns, Turn("bot", text_of(made)), Turn("shopper", "my new one"))
    assert "colleague" in text_of(replace(made, turns=again))


def test_a_price_is_no_reason_to_pass_over_an_answer_that_says_what_was_named() -> None:
    entry = FaqEntry("course", 1, "en", "Pottery course", "Every Sunday, $35 with all materials.")
    understanding = Understanding("en", (IntentGuess("product_question", 0.6, "how much"),))
    hit = FaqHit(entry, 0.8, "Pottery course", 0.5, 0.8, query="how much")
    made = request(understanding=understanding, answers=(hit,), products=())
    assert "$35" in text_of(replace(made, turns=(Turn("shopper", "next pottery course? how much"),)))
    assert "$35" not in text_of(replace(made, turns=(Turn("shopper", "how much"),)))
