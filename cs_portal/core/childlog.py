"""What child processes print: one line at a time, with their name before it, on the terminal and in a file."""

from __future__ import annotations

import asyncio
import os
from io import TextIOWrapper
from logging import Formatter, LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO, cast

from cs_portal.core.filebased import private_folder, private_opener

LINE_BYTES = 16_384
FILE_BYTES = 5_000_000
FILES_KEPT = 2
_COLOURS = (36, 33, 35, 32, 34, 31)


class Terminal:
    """Writes ``name | text`` lines; each name in a colour of its own when the stream is a terminal."""

    def __init__(self, stream: TextIO, *, width: int = 12) -> None:
        self._stream = stream
        self._width = width
        self._coloured = stream.isatty()
        self._colours: dict[str, int] = {}

    def say(self, name: str, text: str) -> None:
        prefix = f"{name:<{self._width}} |"
        if self._coloured:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        try:
            self._stream.write(f"{prefix} {text}\n")
            self._stream.flush()
        except BrokenPipeError:
            # Whoever read us has gone; the log files still tell the story.
            return


class _PrivateFiles(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        opened = open(self.baseFilename, self.mode, encoding=self.encoding, opener=private_opener)  # noqa: SIM115
        return cast(TextIOWrapper, opened)


class ChildLog:
    """Copies a process's output to the terminal and to a file that starts anew at 5 MB (two older ones are kept)."""

    def __init__(self, path: Path, *, name: str, terminal: Terminal) -> None:
        private_folder(path.parent)
        self.path = path
        self._name = name
        self._terminal = terminal
        self._file = _PrivateFiles(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)
        self._file.setFormatter(Formatter("%(message)s"))

    async def follow(self, reading_end: int) -> None:
        """Copy from a pipe until its last writer closes it. A line longer than 16 kB is broken into several."""
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading_end, "rb")
        )
        rest = b""
        try:
            while chunk := await reader.read(LINE_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LINE_BYTES:
                    lines.append(rest)
                    rest = b""
                for line in lines:
                    self._write(line)
        finally:
            if rest:
                self._write(rest)
            transport.close()

    def close(self) -> None:
        self._file.close()

    def _write(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip("\r")
        if text:
            self._terminal.say(self._name, text)
        self._file.handle(_record(text))


def _record(text: str) -> LogRecord:
    return makeLogRecord({"msg": text})
