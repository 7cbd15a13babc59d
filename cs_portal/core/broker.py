"""The broker in a folder, without half-written messages.

Kombu's own channel creates a message's file under its final name and then fills it: a reader in between takes an
empty file, and its worker dies of it. Here a file gets its name when it is complete.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """``_put`` writes beside the queue's names, on the same file system, and renames."""

    def _put(self, queue: Any, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        # The reader takes what follows the first dot for the queue's name: no queue is called so.
        unfinished = folder / f"{name}.part"
        try:
            text: str = dumps(payload)  # type: ignore[no-untyped-call]
            unfinished.write_bytes(text.encode())
            os.replace(unfinished, folder / name)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add {name!r} to the queue") from error


class Transport(filesystem.Transport):
    Channel = Channel
