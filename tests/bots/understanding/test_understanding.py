"""What shoppers want, in their words."""

from __future__ import annotations

import pytest

from bots.types import Turn
from bots.understanding.language import detect_language
from bots.understanding.typos import put_right


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Where is my order #10533?", "order_status"),
        ("我的快递到哪里了", "order_status"),
        ("do you deliver on saturdays?", "delivery"),
        ("你们包邮吗", "delivery"),
        ("plz cancel my order", "cancel"),
        ("订单帮我取消掉吧", "cancel"),
        ("I need to change the delivery address", "change_address"),
        ("收货地址写错了想改一下", "change_address"),
        ("I want a refund", "refund"),
        ("我要申请退款", "refund"),
        ("when will my refund arrive", "refund_status"),
        ("退款什么时候能到账", "refund_status"),
        ("can I exchange it for a larger one", "return_exchange"),
        ("想换个大一码的", "return_exchange"),
        ("the plate arrived broken", "damaged_or_wrong_item"),
        ("收到的盘子裂了", "damaged_or_wrong_item"),
        ("please send me an invoice", "invoice"),
        ("能开电子发票吗", "invoice"),
        ("can I pay with my credit card", "payment"),
        ("支持支付宝付款吗", "payment"),
        ("my promo code is not working", "discount_coupon"),
        ("优惠券怎么用不了", "discount_coupon"),
        ("is the jacket waterproof", "product_question"),
        ("这个帐篷防水吗", "product_question"),
        ("which size should I order", "size_advice"),
        ("身高170体重60公斤穿多大码", "size_advice"),
        ("can you recommend a gift", "recommendation"),
        ("推荐一个露营灯", "recommendation"),
        ("is the blue one in stock", "stock"),
        ("蓝色的还有货吗", "stock"),
        ("I want to order two mugs", "place_order"),
        ("我想买两个杯子，怎么下单", "place_order"),
        ("I forgot my password", "account"),
        ("账号登录不上了", "account"),
        ("your service is terrible", "complaint"),
        ("你们服务太差了，我要投诉", "complaint"),
        ("I want to speak to a human", "wants_a_person"),
        ("转人工客服", "wants_a_person"),
        ("hello", "greeting_thanks"),
        ("谢谢你", "greeting_thanks"),
    ],
)
def test_the_intent_that_is_most_needed_comes_first(read, text: str, intent: str) -> None:
    assert read(text).intent.name == intent


@pytest.mark.parametrize("text", ["qwx zzyp lorf", "给我讲个笑话吧", "tell me a joke", "what is the capital of France"])
def test_what_a_shop_cannot_answer_is_other(read, text: str) -> None:
    assert read(text).intent.name == "other"


def test_probabilities_are_probabilities(read) -> None:
    assert all(0.0 <= guess.probability <= 1.0 for guess in read("where is my order and do you ship to Canada").intents)


@pytest.mark.parametrize(
    ("text", "names", "questions"),
    [
        (
            "Where is my order 10533? And do you have the mug in stock?",
            ["order_status", "stock"],
            ["Where is my order 10533?", "do you have the mug in stock?"],
        ),
        ("我要退款，另外包邮吗", ["refund", "delivery"], ["我要退款", "包邮吗"]),
    ],
)
def test_each_question_of_a_message_is_found(read, text: str, names: list[str], questions: list[str]) -> None:
    intents = read(text).intents
    assert sorted(guess.name for guess in intents) == sorted(names)
    assert sorted(guess.question.rstrip("?") for guess in intents) == sorted(each.rstrip("?") for each in questions)


def test_what_is_to_be_done_comes_before_a_complaint_and_thanks(read) -> None:
    intents = [guess.name for guess in read("Your service is terrible! Please cancel my order. Thanks").intents]
    assert intents == ["cancel", "complaint"]


def test_a_number_alone_completes_the_question_before_it(read) -> None:
    understanding = read("I want to cancel my order", "10533")
    assert understanding.intent.name == "cancel"
    assert understanding.requested_action == "cancel"
    assert understanding.values("order_number") == ("10533",)


def test_a_yes_keeps_what_was_asked_for(read) -> None:
    assert read("杯子碎了，我要退款", "是的").requested_action == "refund"


def test_a_new_question_is_not_taken_for_a_completion(read) -> None:
    assert read("I want to cancel my order", "do you ship to Canada?").requested_action is None


def test_nothing_said_yet(read) -> None:
    assert read().intent.name == "other"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is it", "en"),
        ("我的订单", "zh-hans"),
        ("我要 return 这个 mug", "zh-hans"),
        ("订单号 ABC10533XYZ", "zh-hans"),
        ("Please send the 搪瓷杯 to my office in London tomorrow", "en"),
    ],
)
def test_the_script_decides_the_language(text: str, language: str) -> None:
    assert detect_language((Turn("shopper", text),), None) == language


def test_what_has_no_language_takes_the_last_that_had_one_then_the_hint() -> None:
    chinese, ok, number = Turn("shopper", "我要退款"), Turn("shopper", "ok"), Turn("shopper", "10533")
    assert detect_language((chinese, ok), "en") == "zh-hans"
    assert detect_language((ok,), "zh-hans") == "zh-hans"
    assert detect_language((number,), None) == "en"


@pytest.mark.parametrize("text", ["帮我把订单10533取肖了吧", "订单10533我要退贷，不想要了", "麻烦给订单10533推款"])
def test_words_that_sound_alike_are_read_as_they_were_meant(read, text: str) -> None:
    assert read(text).requested_action in {"cancel", "return", "refund"}


@pytest.mark.parametrize("text", ["取消订单10533的贷款", "我退贷款了吗", "我要看收货地址"])
def test_what_was_written_right_stays(text: str) -> None:
    assert put_right(text) == text


def test_what_was_ordered_by_mistake_is_no_wrong_item(read) -> None:
    names = [intent.name for intent in read("帮我取消订单10533吧，拍错颜色了").intents]
    assert "cancel" in names
    assert "damaged_or_wrong_item" not in names


@pytest.mark.parametrize("text", ["😂😂👍", "???", "……"])
def test_a_message_without_a_word_is_a_greeting(read, text: str) -> None:
    assert read(text).intent.name == "greeting_thanks"


def test_a_phone_number_is_no_complaint(read) -> None:
    understood = read("我叫李雷，手机13812345678，麻烦查一下订单10804到哪了")
    assert [intent.name for intent in understood.intents] == ["order_status"]


def test_a_second_question_on_the_same_subject_is_searched_for_too(read) -> None:
    understood = read("发票怎么开，能开专票吗")
    assert understood.intent.name == "invoice"
    assert "能开专票吗" in {understood.intent.question, *understood.unread}


def test_how_much_comes_back_is_no_question_about_ways_to_pay(read) -> None:
    understood = read("I'd like to return the bottle, it leaks. How much will I get back and to which card?")
    assert "payment" not in [intent.name for intent in understood.intents]


def test_of_too_many_questions_none_is_passed_over_in_silence(read) -> None:
    """Each is an intent, or is told among the unread."""
    questions = [
        "how long is the warranty for lamps",
        "what does delivery to Kunming cost",
        "which ways to pay do you accept",
        "when is the lantern in stock again",
        "how do I get an invoice",
    ]
    understood = read("? ".join(questions) + "?")
    read_as = {intent.question.rstrip("?") for intent in understood.intents}
    assert read_as | {question.rstrip("?") for question in understood.unread} >= set(questions)


@pytest.mark.parametrize("text", ["I got charged twice for the same order, this is fraud!", "你们扣了两次款，骗子"])
def test_who_believes_to_be_robbed_complains(read, text: str) -> None:
    assert "complaint" in [intent.name for intent in read(text).intents]


def test_a_place_that_is_told_before_a_question_is_no_wish_to_buy(read) -> None:
    understood = read("I have a small balcony with a little roof. How long does delivery to Kunming take?")
    assert [intent.name for intent in understood.intents] == ["delivery"]


def test_what_is_said_not_to_be_done_is_no_wish(read) -> None:
    understanding = read("Don't cancel 10533, I only want to know whether it has shipped.")
    assert (understanding.intent.name, understanding.requested_action) == ("order_status", None)


def test_what_is_asked_comes_before_what_is_told(read) -> None:
    assert read("I cancelled 10533, when do I see my money?").intent.name == "refund_status"
    assert read("支持分期吗？另外能开专票吗？").intent.name == "payment"


def test_an_order_after_a_word_or_two_is_a_clause(read) -> None:
    assert read("Please cancel 10533. And how long does the refund take?").requested_action == "cancel"
    assert read("取消订单1053312").requested_action == "cancel"


@pytest.mark.parametrize(
    "text",
    [
        "If I wanted to, could I still cancel order 10533? Not doing it yet",
        "could I cancel order 10533? just wondering",
        "只是想问问，订单10533能取消吗",
    ],
)
def test_who_only_wonders_wishes_for_nothing(read, text: str) -> None:
    assert read(text).requested_action is None


@pytest.mark.parametrize("text", ["wheres #10533 got to", "has order 10533 left yet?", "订单10533怎么还不发"])
def test_who_names_an_order_wants_to_know_how_it_stands(read, text: str) -> None:
    assert (read(text).intent.name, read(text).requested_action) == ("order_status", None)


@pytest.mark.parametrize(
    "text",
    [
        "Moved house! Please send #10533 to 14 Elm Row, Leeds LS2 8JT",
        "Wrong address on order 10533!! should be 2-11-3 Meguro, Tokyo. Fix it please",
        "10533 改寄：大阪市北区梅田3-1-3",
    ],
)
def test_a_new_address_is_a_wish_with_the_address(read, text: str) -> None:
    understanding = read(text)
    assert understanding.requested_action == "change_address"
    assert understanding.values("address")


def test_a_part_that_names_an_order_asks_how_it_stands(read) -> None:
    understanding = read("Regarding MG-3302? Also where do I enter my voucher?", order_numbers=["MG-3302"])
    assert {"order_status", "discount_coupon"} <= {intent.name for intent in understanding.intents}


@pytest.mark.parametrize("text", ["搪瓷杯还有吗？运费多少？", "shipping costs? got any Enamel Mugs left?"])
def test_whether_something_is_left_is_a_question_of_stock(read, text: str) -> None:
    assert "stock" in {intent.name for intent in read(text).intents}


def test_a_wish_for_money_for_broken_goods_is_about_the_goods(read) -> None:
    assert read("the cup came cracked, i want a refund for it").intent.name == "damaged_or_wrong_item"
    assert read("i want a refund for it").intent.name == "refund"


@pytest.mark.parametrize(("text", "intent"), [("qqq enamel zzz?", "product_question"), ("qqq xxx zzz?", "other")])
def test_an_unread_question_with_a_word_for_a_thing_is_about_the_thing(read, text: str, intent: str) -> None:
    assert read(text).intent.name == intent


def test_the_second_of_two_questions_on_things_is_not_dropped(read) -> None:
    understanding = read("does it have a lid and is it dishwasher safe?")
    asked = [*(intent.question for intent in understanding.intents), *understanding.unread]
    assert {"does it have a lid", "is it dishwasher safe?"} <= set(asked)
