"""Search indexes in memory: one per merchant, the newest version of its knowledge, bounded in bytes."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from bots.retrieval.index import FaqIndex

logger = logging.getLogger(__name__)

Build = Callable[[FaqIndex | None], FaqIndex]
Learn = Callable[[FaqIndex], FaqIndex]


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    index: FaqIndex


class KeptIndexes:
    """Safe to use from several threads. The merchant asked least recently goes first, the one just asked never."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        #: By the merchant's public id: a primary key comes back after a rollback.
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._building: defaultdict[UUID, threading.Lock] = defaultdict(threading.Lock)

    def get(self, merchant: UUID, version: int, *, build: Build, learn: Learn | None = None) -> FaqIndex:
        """The merchant's index of ``version`` or a later one; ``build`` makes it from the one before, if any.

        Whoever asks meanwhile waits, and never gets an older one. What ``learn`` makes of an index takes its place when
        it is ready, unless a newer one stands there; until then the index answers without it.
        """
        known = self._known(merchant, version)
        if known is not None:
            return known
        with self._lock:
            building = self._building[merchant]
        with building:
            known = self._known(merchant, version)
            if known is not None:
                return known
            with self._lock:
                before = self._kept.get(merchant)
            index = build(None if before is None else before.index)
            self._keep(merchant, _Kept(version, index))
        if learn is not None and index.head is None and index.is_learnable():
            thread = threading.Thread(target=self._learn, args=(merchant, index, learn), name="learn-faqs", daemon=True)
            thread.start()
        return index

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        with self._lock:
            return sum(kept.index.nbytes for kept in self._kept.values())

    def _known(self, merchant: UUID, version: int) -> FaqIndex | None:
        with self._lock:
            kept = self._kept.get(merchant)
            if kept is None or kept.version < version:
                return None
            self._kept.move_to_end(merchant)
            return kept.index

    def _keep(self, merchant: UUID, kept: _Kept) -> None:
        with self._lock:
            self._kept[merchant] = kept
            self._kept.move_to_end(merchant)
            total = sum(each.index.nbytes for each in self._kept.values())
            while total > self._most_bytes and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                total -= gone.index.nbytes

    def _learn(self, merchant: UUID, index: FaqIndex, learn: Learn) -> None:
        try:
            learned = learn(index)
        except Exception:  # the search goes on without what it might have learned
            logger.exception("Learning from the phrasings of a merchant failed")
            return
        with self._lock:
            kept = self._kept.get(merchant)
            if kept is not None and kept.index is index:
                self._kept[merchant] = _Kept(kept.version, learned)
