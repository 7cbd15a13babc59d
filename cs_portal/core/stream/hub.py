"""The open streams of this process, by what they hear. Lives in the event loop's thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cs_portal.core.stream.frames import event_frame
from cs_portal.core.stream.listener import Listener
from cs_portal.core.stream.sequence import Delivery

Channel = tuple[int, str]


def _channels(listener: Listener) -> Iterator[Channel]:
    return ((listener.audience.merchant_id, topic) for topic in listener.audience.topics)


class Hub:
    def __init__(self) -> None:
        self._by_channel: dict[Channel, set[Listener]] = {}
        self._listeners: set[Listener] = set()
        self._by_holder: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._listeners)

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._listeners))

    def streams_of(self, holder: str) -> int:
        return self._by_holder[holder]

    def add(self, listener: Listener) -> None:
        self._listeners.add(listener)
        self._by_holder[listener.audience.holder] += 1
        for channel in _channels(listener):
            self._by_channel.setdefault(channel, set()).add(listener)

    def remove(self, listener: Listener) -> None:
        self._listeners.remove(listener)
        self._by_holder[listener.audience.holder] -= 1
        if not self._by_holder[listener.audience.holder]:
            del self._by_holder[listener.audience.holder]
        for channel in _channels(listener):
            self._by_channel[channel].discard(listener)
            if not self._by_channel[channel]:
                del self._by_channel[channel]

    def dispatch(self, deliveries: Iterable[Delivery]) -> None:
        """Queue each event for those who may hear it; the frame is built once and shared."""
        for row, late in deliveries:
            audience = self._by_channel.get((row.merchant_id, row.topic))
            if not audience:
                continue
            frame = event_frame(row, late=late)
            for listener in audience:
                if late or row.id > listener.seen:
                    listener.put(frame)

    def close(self) -> None:
        """End all streams; their clients come back, with their last id."""
        for listener in self:
            listener.close()
