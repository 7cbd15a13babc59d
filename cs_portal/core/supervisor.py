"""Keeps a set of child processes running and stops them together; what ``manage.py up`` is made of.

Every child leads a process group of its own, so that Ctrl-C reaches the supervisor alone, which then stops the children
in order. Where the kernel can (Linux), a child dies with the supervisor, however that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cs_portal.core.childlog import ChildLog, Terminal

#: ``prctl(2)``: the signal that a process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1
SUPERVISOR = "up"
LAST_WORDS_SECONDS = 1.0


@dataclass(frozen=True)
class ChildSpec:
    """One process to keep running. ``ready`` is asked until it says yes; an ``OSError`` means not yet."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """Seconds. The wait before a restart doubles from ``first_wait`` to ``longest_wait``; ``steady`` life resets it."""

    first_wait: float = 0.5
    longest_wait: float = 30.0
    steady: float = 30.0
    grace: float = 5.0
    poll: float = 0.2
    still_waiting: float = 20.0


def restart_wait(crashes: int, timing: Timing) -> float:
    """Seconds before the restart that follows the ``crashes``-th crash in a row (1 is the first)."""
    return min(timing.first_wait * 2.0 ** (crashes - 1), timing.longest_wait)


def die_with_parent(parent: int) -> Callable[[], None]:
    """What a child runs between fork and exec so that it ends with its parent; nothing, where there is no Linux."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)

    def between_fork_and_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have ended before prctl was called: then no signal would ever come.
        if os.getppid() != parent:
            os._exit(1)

    return between_fork_and_exec


def how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"


class Child:
    """One process, restarted whenever it ends before it was asked to."""

    def __init__(self, spec: ChildSpec, *, terminal: Terminal, log_dir: Path, timing: Timing) -> None:
        self.spec = spec
        self._terminal = terminal
        self._timing = timing
        self._log = ChildLog(log_dir / f"{spec.name}.log", name=spec.name, terminal=terminal)
        self._process: asyncio.subprocess.Process | None = None

    async def keep_running(self, stop: asyncio.Event) -> None:
        """Run, and run again after every end, until ``stop`` is set and the child has ended."""
        crashes = 0
        while not stop.is_set():
            started = time.monotonic()
            returncode = await self._run_once(stop)
            if stop.is_set():
                return
            crashes = 1 if time.monotonic() - started >= self._timing.steady else crashes + 1
            wait = restart_wait(crashes, self._timing)
            self._terminal.say(
                SUPERVISOR,
                f"{self.spec.name} stopped unexpectedly ({how_it_ended(returncode)}); "
                f"starting it again in {wait:g} s. Its log is {self._log.path}.",
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)

    async def _run_once(self, stop: asyncio.Event) -> int:
        # A pipe of our own: asyncio's would keep ``wait`` waiting while something that the child started holds it open.
        reading_end, writing_end = os.pipe()
        try:
            self._process = await self._start(writing_end)
        except OSError:
            os.close(reading_end)
            raise
        finally:
            os.close(writing_end)
        reading = asyncio.create_task(self._log.follow(reading_end))
        if stop.is_set():
            self.send(signal.SIGTERM)
        returncode = await self._process.wait()
        # What the child started may live on in its group.
        self.send(signal.SIGKILL)
        self._process = None
        await asyncio.wait([reading], timeout=LAST_WORDS_SECONDS)
        reading.cancel()
        return returncode

    async def _start(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.spec.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.spec.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),
        )

    async def until_ready(self) -> None:
        while not await self._says_ready():
            await asyncio.sleep(self._timing.poll)

    async def _says_ready(self) -> bool:
        try:
            return await self.spec.ready()
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send ``number`` to the child and all that it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def close(self) -> None:
        self._log.close()


class Supervisor:
    """Starts ``specs``, says when all are ready, restarts what crashes, stops all on SIGINT, SIGTERM or SIGHUP."""

    def __init__(
        self, specs: Sequence[ChildSpec], *, terminal: Terminal, log_dir: Path, timing: Timing | None = None
    ) -> None:
        self._terminal = terminal
        self._timing = timing or Timing()
        self._children = [Child(spec, terminal=terminal, log_dir=log_dir, timing=self._timing) for spec in specs]
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self, when_ready: Callable[[], None]) -> None:
        """Return once every child has ended after a stop signal; a second signal kills without waiting.

        What a child's start, a ``ready`` or ``when_ready`` raises stops all the children and is raised here.
        """
        self._listen_to_signals()
        tasks = [self._supervised(child.keep_running(self._stop)) for child in self._children]
        announcer = self._supervised(self._announce(when_ready))
        await self._stop.wait()
        announcer.cancel()
        await self._end_children(tasks)
        for outcome in await asyncio.gather(announcer, *tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    def stop(self) -> None:
        """Stop the children; called again, kill them."""
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.stop)
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        # Under nohup the hang-up is ignored, and stays so.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self.stop)

    def _supervised(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        async def stopping_all_on_error() -> None:
            try:
                await work
            except Exception:
                self._stop.set()
                raise

        return asyncio.create_task(stopping_all_on_error())

    async def _announce(self, when_ready: Callable[[], None]) -> None:
        waiting = {asyncio.create_task(child.until_ready(), name=child.spec.name) for child in self._children}
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, timeout=self._timing.still_waiting)
                for task in done:
                    task.result()
                if not done:
                    names = ", ".join(sorted(task.get_name() for task in waiting))
                    self._terminal.say(SUPERVISOR, f"Still waiting for: {names}.")
        finally:
            for task in waiting:
                task.cancel()
        when_ready()

    async def _end_children(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        self._terminal.say(SUPERVISOR, "Stopping.")
        for child in self._children:
            child.send(signal.SIGTERM)
        all_ended = asyncio.create_task(asyncio.wait(keepers))
        hurried = asyncio.create_task(self._hurry.wait())
        await asyncio.wait([all_ended, hurried], timeout=self._timing.grace, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        for child in self._children:
            child.send(signal.SIGKILL)
        await all_ended
        for child in self._children:
            child.close()
        self._terminal.say(SUPERVISOR, "Stopped.")
