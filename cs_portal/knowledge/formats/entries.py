"""What a file says: entries, each a document of an FAQ, and notices about what is wrong with it or stays behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: What a notice says. ``REFUSED``: the entry, or what it names, is not taken. ``LOST``: this format's own things that
#: an FAQ has no place for. ``OPEN``: taken, and somebody has to finish it.
REFUSED, LOST, OPEN = "refused", "lost", "open"

#: An FAQ as a document: ``key``, ``texts`` by language with ``question``, ``answer`` and ``phrasings``, ``category``
#: and the settings of :func:`cs_portal.knowledge.content.settings_to_json`. What is left out says nothing.
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """``where`` is a line or a file of an archive, ``item`` the FAQ, ``column`` its part; the code is worded later."""

    kind: str
    code: str
    where: str = ""
    item: str = ""
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """With nothing in its words that a database cannot keep: they come from outside."""
        told = {name: _storable(value) for name, value in asdict(self).items()}
        return told | {"params": {name: _storable(value) for name, value in self.params.items()}}


def _storable(value: Any) -> Any:
    """A text without NUL and halves of characters."""
    return re.sub("[\x00\ud800-\udfff]", "", value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ of a file. ``derived``: the file gives no key, this one was made of its question.

    ``draft``: the answer is of no use as it stands (it holds another system's placeholders), so it never goes live
    unread. A refused entry has a ``REFUSED`` notice.
    """

    where: str
    key: str
    document: Document = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    derived: bool = False
    draft: bool = False

    @property
    def is_refused(self) -> bool:
        return any(notice.kind == REFUSED for notice in self.notices)


@dataclass(frozen=True, slots=True)
class Contents:
    """All entries of a file, and notices about the file as a whole."""

    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what of which FAQ it cannot hold."""

    data: bytes
    lost: tuple[Notice, ...] = ()
