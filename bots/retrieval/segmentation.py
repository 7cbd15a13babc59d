"""jieba's dictionary, loaded once a process and on first use (half a second, 60 MB)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from functools import lru_cache

import jieba
from jieba.posseg import POSTokenizer

_LOAD_LOCK = threading.Lock()


def segmenter() -> jieba.Tokenizer:
    """The loaded segmenter; any thread may ask for it and use it."""
    with _LOAD_LOCK:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> jieba.Tokenizer:
    # jieba would otherwise unmarshal a cache file from the world-writable temporary folder.
    jieba.setLogLevel(logging.WARNING)
    loaded = jieba.Tokenizer()
    loaded.FREQ, loaded.total = loaded.gen_pfdict(loaded.get_dict_file())
    loaded.initialized = True
    return loaded


def tagged_words(text: str) -> Iterator[tuple[str, str, int]]:
    """Words with jieba's tags of their parts of speech and where they begin; ``nr`` is the name of a person."""
    position = 0
    for word, tag in _tagger().cut(text):
        yield word, tag, position
        position += len(word)


@lru_cache(maxsize=1)
def _tagger() -> POSTokenizer:
    return POSTokenizer(segmenter())
