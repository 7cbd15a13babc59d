"""The supervisor with tiny real children: restarts, stops in time, and leaves nobody behind."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cs_portal.core.childlog import Terminal
from cs_portal.core.supervisor import ChildSpec, Supervisor, Timing, how_it_ended, restart_wait

QUICK = Timing(first_wait=0.05, longest_wait=0.2, steady=30, grace=0.5, poll=0.02, still_waiting=0.2)
WAITS_FOR_EVER = "import signal, sys; print('up', flush=True); signal.pause()"
IGNORES_SIGTERM = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


def child(name: str, source: str, ready: Callable[[], bool] = lambda: True) -> ChildSpec:
    async def is_ready() -> bool:
        return ready()

    return ChildSpec(name=name, command=(sys.executable, "-c", source), ready=is_ready)


def alive(pid: int) -> bool:
    """Whether the process still runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


class Run:
    """One supervised run inside the test's own process, ended by a call instead of a signal."""

    def __init__(self, specs: list[ChildSpec], log_dir: Path, timing: Timing = QUICK) -> None:
        self.output = io.StringIO()
        self.log_dir = log_dir
        self.ready: list[float] = []
        self.supervisor = Supervisor(specs, terminal=Terminal(self.output), log_dir=log_dir, timing=timing)

    def play(self, scene: Callable[[Run], asyncio.Future[None] | object]) -> str:
        async def everything() -> None:
            running = asyncio.create_task(self.supervisor.run(lambda: self.ready.append(time.monotonic())))
            try:
                await scene(self)  # type: ignore[misc]
            finally:
                self.supervisor.stop()
                await running

        asyncio.run(everything())
        return self.output.getvalue()


def test_a_crashed_child_is_restarted_and_said_so(tmp_path: Path) -> None:
    marker = tmp_path / "second-life"
    source = f"""
import pathlib, signal, sys
marker = pathlib.Path({str(marker)!r})
if not marker.exists():
    marker.touch()
    sys.exit(3)
print("second life", flush=True)
signal.pause()
"""
    run = Run([child("crasher", source)], tmp_path)

    async def scene(run: Run) -> None:
        await until(lambda: "second life" in run.output.getvalue())

    output = run.play(scene)

    said = [line for line in output.splitlines() if "stopped unexpectedly" in line]
    assert len(said) == 1
    assert said[0].startswith("up ")
    assert "crasher stopped unexpectedly (exit code 3); starting it again in 0.05 s." in said[0]
    assert (tmp_path / "crasher.log").read_text() == "second life\n"


def test_children_are_stopped_in_time_and_one_that_will_not_is_killed(tmp_path: Path) -> None:
    run = Run([child("polite", WAITS_FOR_EVER), child("stubborn", IGNORES_SIGTERM)], tmp_path)
    pids: list[int] = []

    async def scene(run: Run) -> None:
        await until(lambda: run.output.getvalue().count("| up") == 2)
        pids.extend(c._process.pid for c in run.supervisor._children if c._process)

    started = time.monotonic()
    output = run.play(scene)

    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)
    assert time.monotonic() - started < 5
    assert output.rstrip().endswith("| Stopped.")
    assert "unexpectedly" not in output


def test_readiness_waits_for_every_child_and_says_for_whom(tmp_path: Path) -> None:
    answers = {"late": False}
    run = Run(
        [child("early", WAITS_FOR_EVER), child("late", WAITS_FOR_EVER, ready=lambda: answers["late"])],
        tmp_path,
    )

    async def scene(run: Run) -> None:
        await until(lambda: "Still waiting for: late." in run.output.getvalue())
        assert run.ready == []
        answers["late"] = True
        await until(lambda: len(run.ready) == 1)

    run.play(scene)
    assert len(run.ready) == 1


def test_a_refused_connection_means_not_ready_yet(tmp_path: Path) -> None:
    asked = []

    def ready() -> bool:
        asked.append(True)
        if len(asked) < 3:
            raise ConnectionRefusedError
        return True

    run = Run([child("web", WAITS_FOR_EVER, ready=ready)], tmp_path)

    async def scene(run: Run) -> None:
        await until(lambda: bool(run.ready))

    run.play(scene)
    assert len(asked) == 3


def test_an_error_while_announcing_stops_the_children_and_is_raised(tmp_path: Path) -> None:
    supervisor = Supervisor(
        [child("web", WAITS_FOR_EVER)], terminal=Terminal(io.StringIO()), log_dir=tmp_path, timing=QUICK
    )

    def fail() -> None:
        raise ValueError("no accounts")

    with pytest.raises(ValueError, match="no accounts"):
        asyncio.run(supervisor.run(fail))


def test_a_command_that_does_not_exist_stops_everything(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    specs = [child("web", WAITS_FOR_EVER), ChildSpec(name="gone", command=("/nowhere/at-all",), ready=never)]
    supervisor = Supervisor(specs, terminal=Terminal(io.StringIO()), log_dir=tmp_path, timing=QUICK)
    with pytest.raises(FileNotFoundError):
        asyncio.run(supervisor.run(lambda: None))


def test_what_a_crashed_child_left_behind_is_killed(tmp_path: Path) -> None:
    """The grandchild holds the child's output open; the crash is noticed all the same."""
    source = f"""
import subprocess, sys
grandchild = subprocess.Popen([sys.executable, "-c", {WAITS_FOR_EVER!r}])
print("grandchild", grandchild.pid, flush=True)
sys.exit(1)
"""
    run = Run([child("parent", source)], tmp_path)

    async def scene(run: Run) -> None:
        await until(lambda: "stopped unexpectedly" in run.output.getvalue())

    output = run.play(scene)
    pids = [int(pid) for pid in re.findall(r"grandchild (\d+)", output)]
    assert pids
    assert wait_until(lambda: not any(alive(pid) for pid in pids))


SUPERVISED = """
import asyncio, sys
from pathlib import Path
from cs_portal.core.childlog import Terminal
from cs_portal.core.supervisor import ChildSpec, Supervisor, Timing

async def ready():
    return True

source = sys.argv[1]
specs = [ChildSpec(name=name, command=(sys.executable, "-c", source), ready=ready) for name in ("one", "two")]
supervisor = Supervisor(specs, terminal=Terminal(sys.stdout), log_dir=Path(sys.argv[2]), timing=Timing(grace=1.0))
asyncio.run(supervisor.run(lambda: print("READY", flush=True)))
"""
PRINTS_PID = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"
STUBBORN_WITH_PID = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
while True:
    signal.pause()
"""


class Outside:
    """A supervisor in a process of its own, with two children whose ids are known."""

    def __init__(self, tmp_path: Path, source: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SUPERVISED), source, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            cwd=Path(__file__).resolve().parents[2],
            # Under nohup SIGHUP is ignored, which the supervisor respects.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        self.pids: list[int] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if match := re.search(r"\| pid (\d+)", line):
                self.pids.append(int(match[1]))
            if len(self.pids) == 2:
                break

    def end(self) -> str:
        output, _ = self.process.communicate(timeout=30)
        return output


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    outside = Outside(tmp_path, PRINTS_PID)
    started = time.monotonic()
    outside.process.send_signal(number)
    output = outside.end()
    assert outside.process.returncode == 0
    assert "Stopped." in output
    assert time.monotonic() - started < 1.0
    assert not any(alive(pid) for pid in outside.pids)


@pytest.mark.faults
def test_a_second_signal_kills_without_waiting_for_the_grace(tmp_path: Path) -> None:
    source = STUBBORN_WITH_PID
    outside = Outside(tmp_path, source)
    outside.process.send_signal(signal.SIGINT)
    assert outside.process.stdout is not None
    for line in outside.process.stdout:
        if "Stopping." in line:
            break
    started = time.monotonic()
    outside.process.send_signal(signal.SIGINT)
    outside.end()
    assert time.monotonic() - started < 0.9
    assert not any(alive(pid) for pid in outside.pids)


@pytest.mark.faults
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets a child die with its parent")
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    outside = Outside(tmp_path, STUBBORN_WITH_PID)
    assert all(alive(pid) for pid in outside.pids)
    outside.process.kill()
    outside.end()
    assert wait_until(lambda: not any(alive(pid) for pid in outside.pids))


@pytest.mark.parametrize(("crashes", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (100, 30.0)])
def test_the_wait_before_a_restart_doubles_up_to_half_a_minute(crashes: int, seconds: float) -> None:
    assert restart_wait(crashes, Timing()) == seconds


def test_the_end_of_a_child_is_named() -> None:
    assert how_it_ended(2) == "exit code 2"
    assert how_it_ended(-signal.SIGKILL) == "killed by SIGKILL"
