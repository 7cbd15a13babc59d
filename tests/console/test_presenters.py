"""Cutting replies into statements, and saying what an approval does."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.commerce.models import Order
from cs_portal.console.presenters.candidates import Segment, segments
from cs_portal.console.presenters.effects import effect_of
from cs_portal.console.presenters.evidence import anchor
from cs_portal.console.presenters.queue import confidence_of
from cs_portal.core.tenancy import scope
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


ALLOW = {"outcome": "allow", "amount_minor": 8600, "payments": [{"id": "pay-1", "amount_minor": 8600}]}


@pytest.mark.parametrize(
    ("request_", "verdict", "sentence", "button"),
    [
        (None, {}, "Only sends the reply; nothing happens to an order.", "Send reply"),
        ({"action": "refund"}, {}, "Only sends the reply; nothing happens to an order.", "Send reply"),
        ({"action": "refund"}, ALLOW, "Refunds ¥86.00 of order 7 to WeChat Pay.", "Refund ¥86.00 and send"),
        ({"action": "cancel"}, ALLOW, "Cancels order 7 and refunds ¥86.00 to WeChat Pay.", "Cancel order and send"),
        ({"action": "cancel"}, {"outcome": "allow"}, "Cancels order 7.", "Cancel order and send"),
        (
            {"action": "change_address"},
            {"outcome": "allow"},
            "Changes the delivery address of order 7.",
            "Change address and send",
        ),
        ({"action": "return"}, {"outcome": "allow"}, "Opens a return for order 7.", "Open return and send"),
        (
            {"action": "resend"},
            {"outcome": "allow"},
            "Allowed, but the portal does not carry it out: Resend. Do it in the shop.",
            "Send reply",
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


def test_effects_in_chinese(cast: Cast) -> None:
    order = make_order(cast.merchant, number="7")
    with scope(merchant=cast.merchant), translation.override("zh-hans"):
        effect = effect_of(request={"action": "refund"}, verdict=ALLOW, order=order, member=cast.olaf)
    assert (effect.sentence, effect.button) == ("将为订单 7 退款 ¥86.00，退回微信支付。", "退款 ¥86.00 并发送")
