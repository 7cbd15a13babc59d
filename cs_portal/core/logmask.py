"""Keys that stand in an address do not stand in the logs: whoever reads those must not be able to use them."""

from __future__ import annotations

import re
from logging import Filter, LogRecord

_KEYS = re.compile(r"(/join/|/password/reset/key/|/confirm-email/)[^/\s?\"']+")


def masked(text: str) -> str:
    return _KEYS.sub(r"\1…", text)


class MaskKeys(Filter):
    """For handlers: what they write has ``/join/…`` for the address of an invitation."""

    def filter(self, record: LogRecord) -> bool:
        text = record.getMessage()
        if (safe := masked(text)) != text:
            record.msg, record.args = safe, ()
        return True
