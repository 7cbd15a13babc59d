"""The composer says what is known and hands over what is not; whatever it says passes the guard."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bots.composing.composer import compose_grounded
from bots.guard.check import check
from bots.types import (
    INTENTS,
    ComposeRequest,
    Entity,
    FaqEntry,
    FaqHit,
    IntentGuess,
    LineFacts,
    OrderFacts,
    ProductFacts,
    RefundFacts,
    ShipmentFacts,
    Turn,
    Understanding,
    VerdictFacts,
)
from tests.bots.requests import NOW, request, understood, verdict

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


def test_an_injection_gets_no_facts() -> None:
    attacked = understood("en", "order_status", injection=True)
    text = text_of(request("en", understanding=attacked))
    assert "10533" not in text


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
