"""Open streams must end when the server is told to stop, not when its patience ends.

uvicorn waits for open responses before it says so by the lifespan protocol, and a stream is a response that never ends.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def on_termination(call: Callable[[], None]) -> Callable[[], None]:
    """Call ``call`` in the running loop at SIGTERM or SIGINT, before the handler that was there; returns the undoing.

    Does nothing outside of the main thread, where Python handles no signals, and where nobody else handles them.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    loop = asyncio.get_running_loop()
    previous: dict[signal.Signals, Any] = {}

    def handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)
        previous[signal.Signals(number)](number, frame)

    for number in SIGNALS:
        if callable(before := signal.getsignal(number)):
            previous[number] = before
            signal.signal(number, handler)

    def undo() -> None:
        for number, before in previous.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, before)

    return undo
