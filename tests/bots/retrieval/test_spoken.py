from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.retrieval.spoken import as_written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("亲，在吗？请问咋退钱啊😭😭", "怎么退款啊"),
        ("几时发货", "什么时候发货"),
        ("我要cancel订单", "我要取消订单"),
        ("有冇Coupon", "有没有优惠券"),
        ("行不？", "行吗?"),
        ("u ship 2 canada pls??", "you ship 2 canada please?"),
        ("Dont   shout!!!", "don't shout!"),
        ("ＶＩＰ会员[微笑]", "会员会员"),
        # What only looks like chat language stays.
        ("能不能退", "能不能退"),
        ("可不可以换", "可不可以换"),
        ("行不行啊", "行不行啊"),
        ("怎么得到优惠券", "怎么得到优惠券"),
        ("亲子装有没有", "亲子装有没有"),
        ("客服电话是多少", "客服电话是多少"),
        ("问题件是什么意思", "问题件是什么意思"),
        ("你好", "你好"),
        ("😀👍", ""),
        ("?!", ""),
    ],
)
def test_chat_language_is_written_out(said: str, written: str) -> None:
    assert as_written(said) == written


@given(st.text(alphabet="咋啥行不能可得退换货a1 ,!?😀亲你好", max_size=30))
def test_nothing_is_lost_but_pictures_greetings_and_marks(text: str) -> None:
    written = as_written(text)
    assert written == written.strip()
    assert ("退" in written) == ("退" in text)
    assert "😀" not in written
