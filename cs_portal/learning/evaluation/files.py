"""Files to be measured on: read whole or refused, with the line and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class BadFile(Exception):
    """A file that does not keep to its format. The text says where and what."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        super().__init__(f"{path}{'' if line is None else f', line {line}'}: {problem}")


def read_text(path: Path) -> str:
    """The file as text; a byte order mark is no part of it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(path, f"is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise BadFile(path, error.strerror or "cannot be read") from None


def read_json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise BadFile(path, f"is no JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError):
        raise BadFile(path, "is no JSON that can be read") from None


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Each line's number and value; empty lines are passed over."""
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise BadFile(path, f"is no JSON: {error.msg} (column {error.colno})", number) from None
            except (ValueError, RecursionError):
                raise BadFile(path, "is no JSON that can be read", number) from None


def write_json_lines(path: Path, rows: Iterator[Any]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadFile(path, error.strerror or "cannot be written") from None
