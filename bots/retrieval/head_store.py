"""Learned heads on disk: arrays and JSON, never pickle, named by what they were learned from."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from bots.retrieval.head import FAMILIARITY, GAMMA, KEPT, MAX_LANDMARKS, RIDGE, Centres, Head

_FORMAT = f"head-2 {GAMMA} {RIDGE} {FAMILIARITY} {KEPT} {MAX_LANDMARKS}"


class HeadStore:
    """One file a head; safe for several processes at once. A file that cannot be read counts as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> Head | None:
        """The head of that name. Reading one makes it the youngest."""
        path = self._path(name)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            head = _load(path)
            os.utime(path)
            return head
        return None

    def write(self, name: str, head: Head) -> None:
        """Written aside and renamed, so that a reader never sees half of it."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            _dump(head, part)
        os.replace(part.name, path)

    def read_or_learn(self, name: str, learn: Callable[[], Head]) -> Head:
        head = self.read(name)
        if head is None:
            head = learn()
            self.write(name, head)
        return head

    def keep_youngest(self, number: int) -> None:
        """Remove all heads but the ``number`` that were used last: each change of knowledge makes a new one."""
        with contextlib.suppress(OSError):
            files = sorted(self._folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in files[number:]:
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.npz"


def fingerprint(embedder: str, dimension: int, rows: Iterable[tuple[str, str]]) -> str:
    """The name of a head learned from ``rows`` of text and class by vectors of that embedder."""
    content = json.dumps([_FORMAT, embedder, dimension, [list(row) for row in rows]], ensure_ascii=False)
    return sha256(content.encode()).hexdigest()[:32]


def _dump(head: Head, file: object) -> None:
    text = json.dumps({"classes": head.classes, "widths": head.widths}, ensure_ascii=False).encode()
    empty = np.zeros(0, dtype=np.float32)
    np.savez(
        file,  # type: ignore[arg-type]
        text=np.frombuffer(text, dtype=np.uint8),
        latin=empty if head.centres.latin is None else head.centres.latin,
        chinese=empty if head.centres.chinese is None else head.centres.chinese,
        landmarks=head.landmarks.astype(np.float16),
        weights=head.weights,
        scalars=np.array([head.slope, head.intercept, head.held_out_accuracy, head.neighbour_accuracy]),
    )


def _load(path: Path) -> Head:
    with np.load(path, allow_pickle=False) as stored:
        text = json.loads(stored["text"].tobytes())
        slope, intercept, held_out, neighbour = (float(value) for value in stored["scalars"])
        latin, chinese = stored["latin"], stored["chinese"]
        head = Head(
            classes=tuple(text["classes"]),
            widths=tuple(text["widths"]),
            centres=Centres(latin if latin.size else None, chinese if chinese.size else None),
            landmarks=stored["landmarks"].astype(np.float32),
            weights=stored["weights"],
            slope=slope,
            intercept=intercept,
            held_out_accuracy=held_out,
            neighbour_accuracy=neighbour,
        )
    if head.weights.shape != (len(head.landmarks), len(head.classes)) or sum(head.widths) != head.landmarks.shape[1]:
        raise ValueError("the arrays do not fit each other")
    return head
