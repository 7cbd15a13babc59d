"""What became of some records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cs_portal.commerce.imports.checks import Document
from cs_portal.commerce.imports.problems import Problem
from cs_portal.commerce.imports.records import Record

Item = tuple[Record, Document]


@dataclass(slots=True)
class Tally:
    """``refused`` counts records, of which each may have several problems."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0

    def refuse(self, record: Record, path: Sequence[str | int], code: str) -> None:
        line, column = record.locate(path)
        self.problems.append(Problem(line, column, code))
        self.refused += 1
