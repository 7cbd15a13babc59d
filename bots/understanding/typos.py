"""Chinese words that input methods get wrong: what sounds or looks the same, in the words that wishes hang on.

A list, not a model: no entry means anything by itself where it stands. Each is as long as what is meant, so that
offsets keep.
"""

from __future__ import annotations

import re

_MEANT = {
    **dict.fromkeys(("取肖", "取销", "去消"), "取消"),
    **dict.fromkeys(("推款", "腿款"), "退款"),
    **dict.fromkeys(("推货", "腿货", "退贷"), "退货"),
    **dict.fromkeys(("换贷",), "换货"),
    **dict.fromkeys(("快第", "快弟", "块递"), "快递"),
    **dict.fromkeys(("丁单",), "订单"),
    **dict.fromkeys(("发漂", "发飘"), "发票"),
    **dict.fromkeys(("物硫",), "物流"),
}
#: "退贷款" is about a loan.
_MISTYPED = re.compile("|".join(rf"{wrong}(?!款)" if wrong.endswith("贷") else wrong for wrong in _MEANT))


def put_right(text: str) -> str:
    """``text`` with its mistyped words as they were meant; ``len(put_right(text)) == len(text)``."""
    return _MISTYPED.sub(lambda found: _MEANT[found.group()], text)
