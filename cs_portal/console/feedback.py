"""What a page says after something was done: a toast on the next page, with an undo where there is one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

_UNDO = "undo:"
_REDO = "redo:"


def done(request: HttpRequest, sentence: str, *, undo: str | None = None, undone: bool = False) -> None:
    """Show ``sentence`` on the next page. ``undo`` is a URL of the console that takes it back by POST.

    ``undone`` says that the deed itself took something back: its undo is offered as "Redo".
    """
    kind = _REDO if undone else _UNDO
    messages.success(request, sentence, extra_tags=f"{kind}{undo}" if undo else "")


def undo_url(message: Message) -> str:
    tags = message.extra_tags or ""
    return tags[len(_UNDO) :] if tags.startswith((_UNDO, _REDO)) else ""


def redoes(message: Message) -> bool:
    return (message.extra_tags or "").startswith(_REDO)
