"""Whether words ask something, and what kind of answer they want."""

from __future__ import annotations

import re

from bots.types import ComposeRequest, IntentGuess

#: What makes a part of a message a question of its own, not the reason for a wish.
_ASKS = re.compile(
    r"[?？]|吗|呢|什么|怎么|如何|多久|多少|几|哪|是否|能不能|可以|\b(?:how|what|when|where|which|why|who|do you|does"
    r"|can i|can you|could you|is there|are there|tell me)\b",
    re.IGNORECASE,
)
_PRICE_ALONE = re.compile(
    r"\W*(?:(?:and )?how much(?: (?:is|are|does|do) (?:it|that|this|they|the \w+ one)(?: cost)?)?"
    r"|(?:价格)?(?:是)?多少钱)\W*",
    re.IGNORECASE,
)
_PRICE = re.compile(r"多少钱|价格|价钱|什么价|怎么卖|\b(?:how much|price|cost)\b", re.IGNORECASE)
_WHEN = re.compile(r"多久|几天|几个工作日|什么时候|何时|\b(?:how (?:long|soon|fast|many days)|when)\b", re.IGNORECASE)
_THANKS = ("thank", "thx", "cheers", "谢", "辛苦", "感谢", "👍", "🙏", "❤")


def asks(intent: IntentGuess) -> bool:
    """Whether the part that ``intent`` was read from asks something; a part that is not told counts as asking."""
    part = intent.question.strip()
    return not part or bool(_ASKS.search(part))


def is_question(intent: IntentGuess, request: ComposeRequest) -> bool:
    """Whether ``intent`` was read from a part that asks something, and not from the whole message with the wish."""
    whole = request.turns[-1].text.strip() if request.turns else ""
    return not intent.question.strip() or (intent.question.strip() != whole and asks(intent))


def is_price_alone(question: str) -> bool:
    """ "How much is it?": a price, which no general answer knows."""
    return bool(_PRICE_ALONE.fullmatch(question))


def asks_price(question: str) -> bool:
    return bool(_PRICE.search(question))


def asks_when(question: str) -> bool:
    """What no decision tells: how long something takes."""
    return bool(_WHEN.search(question))


def gives_thanks(text: str) -> bool:
    return any(word in text.lower() for word in _THANKS)
