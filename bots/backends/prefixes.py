"""What a model made of the beginnings that prompts share, so that each is read once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import Cache, DynamicCache

#: A merchant has one beginning per language. Of the default model one takes about 5 MB.
_KEPT = 16


class Prefixes:
    """Keys and values of token sequences, the last used of them; one thread at a time."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._caches: OrderedDict[tuple[int, ...], Cache] = OrderedDict()

    def begin(self, ids: Sequence[int], read: Callable[[], DynamicCache]) -> DynamicCache:
        """A cache that holds ``ids`` and may be written to; ``read`` makes it where it is not known.

        Layers that forget (sliding windows) cannot be copied from, so their models read anew each time.
        """
        key = tuple(ids)
        if key not in self._caches:
            cache = read()
            if not _is_plain(cache):
                return cache
            self._caches[key] = cache
            if len(self._caches) > self._kept:
                self._caches.popitem(last=False)
        self._caches.move_to_end(key)
        return _copied(self._caches[key])


def _is_plain(cache: Cache) -> bool:
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)


def _copied(cache: Cache) -> DynamicCache:
    """Another cache over the same tensors: a plain layer grows by making new ones."""
    from transformers import DynamicCache

    copy = DynamicCache()
    layers: list[Any] = cache.layers
    for number, layer in enumerate(layers):
        copy.update(layer.keys, layer.values, number)
    return copy
