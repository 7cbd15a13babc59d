"""Whether a shopper looks for something to buy."""

from __future__ import annotations

import re

#: A free gift, gift wrapping and "which bulb fits" ask for no suggestion.
_ADVICE = re.compile(
    r"推荐|介绍|有什么|有没有|哪[款个种些]|送.{0,8}(?:什么|啥|礼)|礼物|适合|挑|选|看看|搭|类似|便宜|热卖|爆款"
    r"|\b(?:recommend\w*|suggest\w*|advice|looking for|ideas?|gifts? for|a gift|presents?|which|best|something"
    r"|similar|alternatives?|popular|bestsell\w*|what (?:do you have|should|would|else|goes)|goes? (?:well )?with"
    r"|need an?|choose|cheaper|show me)\b",
    re.IGNORECASE,
)


def wants_advice(question: str) -> bool:
    """Whether the words look for something to buy."""
    return not question or bool(_ADVICE.search(question))
