"""Whether a message only completes the one before it: a number, a photo, a yes."""

from __future__ import annotations

import re

from bots.expressions.folding import fold
from bots.types import Turn, Understanding

_CONFIRMATION = re.compile(
    r"^\W*(?:yes|yep|yeah|yup|sure|correct|right|exactly|confirm(?:ed)?|please do|go ahead|do it|ok(?:ay)?|no"
    r"|是的?|对的?|好的?|可以|确认|嗯+|行|没错|是|麻烦了|不是)(?:[\s,,.!。!]*(?:please|thanks|thank you"
    r"|that'?s right|go ahead|the first one|谢谢|麻烦了))*\W*$",
    re.IGNORECASE,
)
_LONGEST_ADDITION = 24


def is_follow_up(turn: Turn, understanding: Understanding) -> bool:
    """Whether ``turn`` asks nothing itself: a confirmation, an attachment, or little besides a named order or date."""
    text = fold(turn.text).strip()
    if not text:
        return bool(turn.attachments)
    if _CONFIRMATION.match(text):
        return True
    if understanding.requested_action is not None:
        return False
    named = [
        entity for entity in understanding.entities if entity.kind in {"order_number", "date", "address", "tracking"}
    ]
    rest = len(text) - sum(entity.end - entity.start for entity in named)
    if (named or turn.attachments) and rest <= _LONGEST_ADDITION:
        return (
            understanding.intent.name in {"other", "greeting_thanks", "order_status"}
            or understanding.intent.probability < 0.6
        )
    return False
