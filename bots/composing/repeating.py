"""What was said before in the conversation, and what an anonymous shopper has given to prove an order."""

from __future__ import annotations

import re

from bots.composing.phrases import TABLES
from bots.types import ComposeRequest

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PHONE = re.compile(r"(?<!\d)(?:\+?\d{1,3}[- ]?)?(?:1[3-9]\d{9}|\d{3}[- ]\d{3,4}[- ]\d{4})(?!\d)", re.ASCII)
_NUMBER = re.compile(r"(?<![\w@.])#?(?:[A-Z]{1,5}-?)?\d{4,20}(?![\w@])", re.ASCII | re.IGNORECASE)


def replies_before(request: ComposeRequest) -> list[str]:
    return [turn.text for turn in request.turns if turn.author in {"bot", "operator"}]


def said_before(request: ComposeRequest, key: str) -> bool:
    """Whether a reply said ``key`` in any of its wordings and languages. For phrases without fields."""
    return times_said(request, key) > 0


def times_said(request: ComposeRequest, key: str) -> int:
    """How many replies said it."""
    wordings = [wording for table in TABLES.values() for wording in table.phrases[key]]
    return sum(any(wording in reply for wording in wordings) for reply in replies_before(request))


def proof_given(request: ComposeRequest) -> bool:
    """Whether the shopper wrote an order's number and an e-mail address or phone number, in whichever messages."""
    said = "\n".join(turn.text for turn in request.turns if turn.author == "shopper")
    contacts = [*_EMAIL.finditer(said), *_PHONE.finditer(said)]
    rest = _PHONE.sub(" ", _EMAIL.sub(" ", said))
    return bool(contacts) and (bool(request.understanding.values("order_number")) or bool(_NUMBER.search(rest)))


def awaits_proof_check(request: ComposeRequest) -> bool:
    """Whether an anonymous shopper was asked to prove an order, and a person has to go on from there."""
    if request.identified or not said_before(request, "sign_in"):
        return False
    return proof_given(request)
