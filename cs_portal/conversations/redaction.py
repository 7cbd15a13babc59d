"""What people wrote, without who they are: for everything that is kept longer, or read by more, than a conversation.

Values that the shopper's records hold are masked exactly, others as far as ``bots.understanding.personal`` sees them.
"""

from __future__ import annotations

import re
from datetime import date

from bots.composing.masking import Masker
from bots.types import PersonalValues
from bots.understanding.personal import KINDS, find_personal

#: What stands in the place of personal data, such as ``[NAME]``; the same for every value of a kind.
#: ``ID`` and ``LINK`` stand in what was kept by earlier versions.
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)}|ID|LINK)\]")
_NUMBERED = re.compile(r"\[(NAME|ORDER|EMAIL|PHONE|ADDRESS|TRACKING)_\d+\]")


def redact(text: str, *, personal: PersonalValues | None = None, today: date) -> str:
    """``text`` with a placeholder for each piece of personal data. There is no way back.

    ``today`` is how dates are told from phone numbers.
    """
    masked = _NUMBERED.sub(r"[\1]", Masker(personal or PersonalValues()).mask(text))
    pieces, position = [], 0
    for span in find_personal(masked, today=today):
        if PLACEHOLDER.search(masked[max(0, span.start - 1) : span.end + 1]):
            continue  # of the records already
        pieces += [masked[position : span.start], f"[{span.kind}]"]
        position = span.end
    return "".join([*pieces, masked[position:]])
