"""Cutting replies into statements, and saying what an approval does."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.commerce.models import Order
from cs_portal.console.presenters.candidates import Segment, segments
from cs_portal.console.presenters.effects import effect_of
from cs_portal.console.presenters.evidence import anchor, pieces
from cs_portal.console.presenters.queue import confidence_of
from cs_portal.core.tenancy import scope
from cs_portal.drafting.carrying import carried_by
from cs_portal.drafting.models import Draft
from tests.console.conftest import Cast
from tests.factories import make_order

spans = st.lists(
    st.fixed_dictionaries(
        {"start": st.integers(-3, 40), "end": st.integers(-3, 40), "evidence": st.sampled_from(["a", "b", ""])}
    ),
    max_size=4,
)


def test_segments_cut_at_every_border() -> None:
    pieces = segments(
        "Sorry! ¥86 is refunded.",
        [{"start": 7, "end": 23, "evidence": "verdict:refund"}],
        [{"kind": "amount", "start": 7, "end": 10}],
        {"verdict:refund"},
    )
    assert pieces == [
        Segment("Sorry! "),
        Segment("¥86", "verdict:refund", "Amount without evidence"),
        Segment(" is refunded.", "verdict:refund"),
    ]


@given(text=st.text(max_size=30), links=spans, wrong=spans)
def test_no_span_adds_or_loses_a_character(text: str, links: list[dict], wrong: list[dict]) -> None:
    violations = [{"kind": "date", "start": span["start"], "end": span["end"]} for span in wrong]
    assert "".join(piece.text for piece in segments(text, links, violations, {"a", "b"})) == text


@pytest.mark.parametrize(("share", "percent", "band"), [(0.8, 80, "high"), (0.796, 80, "medium"), (0.49, 49, "low")])
def test_confidence_bands(share: float, percent: int, band: str) -> None:
    assert (confidence_of(share).percent, confidence_of(share).band) == (percent, band)


def test_anchors_are_plain_ids() -> None:
    assert anchor("faq:reset-password:3") == "evidence-faq-reset-password-3"
    assert anchor('order:"><script>') == "evidence-order-script"


def test_an_answer_that_two_questions_found_stands_once_with_both_passages() -> None:
    found = {"kind": "faq", "title": {"en": "Delivery"}, "text": {"en": "Three days."}}
    evidence = [
        {**found, "ref": "faq:1:2", "score": 0.4, "phrasing": "How long does it take?"},
        {**found, "ref": "faq:9:1", "score": 0.7, "phrasing": "Do you gift wrap?"},
        {**found, "ref": "faq:1:2", "score": 0.9, "phrasing": "When will it arrive?"},
        {"kind": "order", "ref": "order:7", "title": {"en": "Order 7"}},
    ]
    once, other = pieces(evidence, "faq")
    assert (once.ref, once.percent, once.revision) == ("faq:1:2", 90, "2")
    assert once.phrasings == ("When will it arrive?", "How long does it take?")
    assert (other.ref, other.phrasings) == ("faq:9:1", ("Do you gift wrap?",))


ALLOW = {"outcome": "allow", "amount_minor": 8600, "payments": [{"id": "pay-1", "amount_minor": 8600}]}


@pytest.mark.parametrize(
    ("request_", "verdict", "sentence", "button"),
    [
        (None, {}, "Only sends the reply; nothing happens to an order.", "Send reply"),
        ({"action": "refund"}, {}, "Only sends the reply; nothing happens to an order.", "Send reply"),
        (
            {"action": "refund"},
            ALLOW,
            "Refunds ¥86.00 of order 7 to WeChat Pay. Items: 2 × Mug.",
            "Refund ¥86.00 and send",
        ),
        ({"action": "cancel"}, ALLOW, "Cancels order 7 and refunds ¥86.00 to WeChat Pay.", "Cancel order and send"),
        ({"action": "cancel"}, {"outcome": "allow"}, "Cancels order 7.", "Cancel order and send"),
        (
            {"action": "change_address"},
            {"outcome": "allow"},
            "Changes the delivery address of order 7.",
            "Change address and send",
        ),
        (
            {"action": "return"},
            {"outcome": "allow"},
            "Opens a return for order 7. Items: 2 × Mug.",
            "Open return and send",
        ),
        (
            {"action": "return", "lines": [{"id": "l-1", "quantity": 1}]},
            ALLOW,
            "Opens a return for order 7, worth ¥86.00 to WeChat Pay. Items: 1 × Mug.",
            "Open return and send",
        ),
        (
            {"action": "resend"},
            {"outcome": "allow"},
            "Sends items of order 7 again.",
            "Send again and reply",
        ),
        (
            {"action": "refund"},
            {"outcome": "ask", "ask": ["photo"]},
            "Asks the shopper for a photo; nothing happens to the order.",
            "Send reply",
        ),
        (
            {"action": "refund"},
            {"outcome": "deny"},
            "The request is refused; nothing happens to the order.",
            "Send reply",
        ),
        (
            {"action": "refund"},
            {"outcome": "escalate"},
            "The rules leave this to a person; nothing happens to the order.",
            "Send reply",
        ),
    ],
)
def test_effects_in_words(cast: Cast, request_: dict | None, verdict: dict, sentence: str, button: str) -> None:
    order = make_order(cast.merchant, number="7")
    with scope(merchant=cast.merchant):
        effect = effect_of(request=request_, verdict=verdict, order=Order.objects.get(pk=order.pk), member=cast.olaf)
    assert (effect.sentence, effect.button) == (sentence, button)
    assert effect.moves_order is (button not in {"Send reply"})


def test_an_effect_is_told_step_by_step_as_the_plan_has_it(cast: Cast) -> None:
    draft, order, _conversation = cast.refund_draft()
    with scope(merchant=cast.merchant):
        draft = Draft.objects.get(pk=draft.pk)
        order = Order.objects.get(pk=order.pk)
        given = {"request": draft.request, "verdict": draft.standing_verdict, "order": order, "member": cast.olaf}
        effect = effect_of(**given, carried=carried_by(draft))
        assert effect.steps == ["¥86.00 goes back by WeChat Pay.", "Settled by it: 2 × Mug."]
        order.payments.update(refunded_minor=8600)
        effect = effect_of(**given, carried=carried_by(draft))
        assert (effect.moves_order, effect.barred) == (False, "The payment does not hold that much any more.")
        effect = effect_of(**given, withheld=True)
        assert not effect.moves_order and "order's page" in effect.sentence


def test_where_a_parcel_goes_is_read_before_it_is_approved(cast: Cast) -> None:
    order = make_order(cast.merchant, number="7")
    wish = {"action": "change_address", "address": {"name": "Ben", "line1": "12 Rosewood Lane", "city": "Beijing"}}
    with scope(merchant=cast.merchant):
        given = {"verdict": {"outcome": "allow"}, "order": order, "member": cast.olaf}
        assert effect_of(request=wish, **given).steps == ["Address: Ben, 12 Rosewood Lane, Beijing"]
        assert effect_of(request={"action": "cancel"}, **given).steps == []


def test_effects_in_chinese(cast: Cast) -> None:
    order = make_order(cast.merchant, number="7")
    with scope(merchant=cast.merchant), translation.override("zh-hans"):
        effect = effect_of(request={"action": "refund"}, verdict=ALLOW, order=order, member=cast.olaf)
    assert (effect.sentence, effect.button) == (
        "将为订单 7 退款 ¥86.00，退回微信支付。商品：2 × Mug。",
        "退款 ¥86.00 并发送",
    )
