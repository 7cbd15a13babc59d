"""Putting sentences together while remembering what each of them rests on."""

from __future__ import annotations

from zlib import crc32

from bots.composing.phrases import TABLES
from bots.types import EvidenceLink, Language, Tone


class ReplyWriter:
    """Collects paragraphs of sentences; the same seed always picks the same wordings.

    A phrase that has wordings of its own for the ``tone`` (``hello_warm``) is said in those.
    """

    def __init__(self, language: Language, seed: int, tone: Tone = "plain") -> None:
        self.table = TABLES[language]
        self._seed = seed
        self._tone = tone
        self._paragraphs: list[list[tuple[str, str]]] = [[]]
        self._said: set[tuple[str, str]] = set()
        self.keys: set[str] = set()

    def phrase(self, key: str, **fields: str) -> str:
        """One wording of ``key`` with its fields filled in; field values are data and never read as a format."""
        wordings = self.table.phrases.get(f"{key}_{self._tone}") or self.table.phrases[key]
        return wordings[(self._seed + crc32(key.encode())) % len(wordings)].format(**fields)

    def say(self, key: str, evidence: str = "", **fields: str) -> None:
        """Add a sentence to the paragraph; saying the same twice says it once. ``keys`` holds what was said."""
        self.keys.add(key)
        self.quote(self.phrase(key, **fields), evidence)

    def quote(self, text: str, evidence: str) -> None:
        """Add ``text`` as it is."""
        text = text.strip()
        if text and (text, evidence) not in self._said:
            self._said.add((text, evidence))
            self._paragraphs[-1].append((text, evidence))

    def paragraph(self) -> None:
        """Start a new paragraph, unless the present one is still empty."""
        if self._paragraphs[-1]:
            self._paragraphs.append([])

    def item(self, key: str, evidence: str, **fields: str) -> None:
        """Add a list item on a line of its own."""
        self._paragraphs.append([])
        self.say(key, evidence, **fields)
        self._paragraphs.append([])

    def build(self) -> tuple[str, tuple[EvidenceLink, ...]]:
        """The reply, and for every sentence of it where it stands and what it rests on."""
        text = ""
        links = []
        previous = ""
        for paragraph in filter(None, self._paragraphs):
            if text:
                text += "\n" if self._tight(previous, paragraph[0][0]) else "\n\n"
            for position, (sentence, evidence) in enumerate(paragraph):
                text += self.table.joiner if position else ""
                links.append(EvidenceLink(len(text), len(text) + len(sentence), evidence))
                text += sentence
                previous = sentence
        return text, tuple(links)

    @staticmethod
    def _tight(previous: str, following: str) -> bool:
        """List items stand on consecutive lines, right under the sentence that announces them."""
        return following.startswith("•") and (previous.startswith("•") or previous.endswith((":", "：")))
