"""Install locked dependencies into the environment that runs this script: ``python scripts/install.py run|dev``.

``run`` is what the product needs, torch included (arguments from ``TORCH_PIP_ARGS``); ``dev`` is what tests and checks
need on top. Shows progress; pip's own words go to a log, and a failure ends in one sentence.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
LOG = ROOT / "var" / "log" / "install.log"
# Nothing is resolved and nothing unpinned is fetched, not even to build the packages that come as source only.
LOCKED = ("--no-deps", "--require-hashes", "--no-build-isolation")

NO_NETWORK = re.compile(
    r"Failed to establish a new connection|NewConnectionError|NameResolutionError|Name or service not known"
    r"|Temporary failure in name resolution|Network is unreachable|Connection refused|ConnectTimeout|ProxyError"
    r"|ReadTimeout|Read timed out",
)
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES")
NO_BUILD = re.compile(r"No matching distribution found for (\S+)")


@dataclass(frozen=True)
class Step:
    title: str
    arguments: tuple[str, ...]
    packages: int


def locked_step(name: str, title: str, *extra: str) -> Step:
    lock = REQUIREMENTS / f"{name}.lock"
    packages = len(re.findall(r"^[a-z0-9].*==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return Step(title, ("install", *LOCKED, *extra, "-r", str(lock)), packages)


def torch_step(pip_arguments: str) -> Step:
    pin = re.search(r"^torch==\S+", (REQUIREMENTS / "base.in").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert pin is not None
    return Step(
        f"{pin[0]} (its build is chosen by TORCH_PIP_ARGS)", ("install", *shlex.split(pip_arguments), pin[0]), 1
    )


def why_it_failed(output: str) -> str:
    """One sentence for a person, from what pip printed."""
    if NO_SPACE.search(output):
        return "The disk is full: free some space and run the same command again, it goes on where it stopped."
    if WRONG_HASH.search(output):
        return "A downloaded package is not the one that was locked (its hash differs), so nothing of it was installed."
    if NO_NETWORK.search(output):
        return "The Python package index cannot be reached: check the network (or pip's proxy settings) and try again."
    if match := NO_BUILD.search(output):
        return f"The Python package index has no {match[1]} for this Python and platform (TORCH_PIP_ARGS: make help)."
    return "Installing failed; the reason is at the end of the log."


def run(step: Step) -> None:
    print(f"  {step.title} …", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    with subprocess.Popen(  # noqa: S603 - pip of this environment
        [*command, *step.arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        output = follow(pip.stdout, step)
    if pip.returncode != 0:
        sys.exit(f"{why_it_failed(output)} (Log: {LOG.relative_to(ROOT)})")
    print(f"  {step.title}: done in {time.monotonic() - started:.0f} s", flush=True)


def follow(lines: Iterable[str], step: Step) -> str:
    """Copy pip's lines to the log, show the package at hand on a terminal, and return all that was said."""
    seen = 0
    said = []
    with LOG.open("a", encoding="utf-8") as log:
        for line in lines:
            log.write(line)
            said.append(line)
            if match := re.match(r"(?:Collecting|Requirement already satisfied:) (\S+)", line):
                seen += 1
                show(f"  {min(seen, step.packages)}/{step.packages} {match[1]}")
            elif line.startswith(("Installing collected packages", "Building wheels")):
                show(f"  {line.split(':')[0].lower()}")
    show("")
    return "".join(said)


def show(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text[:79]}", end="", flush=True)


def main(what: str) -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    if what == "run":
        steps = [
            locked_step("bootstrap", "pip and build tools", "--only-binary", ":all:"),
            locked_step("base", "the product's dependencies"),
            torch_step(os.environ.get("TORCH_PIP_ARGS", "")),
        ]
    else:
        steps = [locked_step("dev", "tools for tests and checks")]
    for step in steps:
        run(step)
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    if check.returncode != 0:
        sys.exit(f"The installed packages do not fit together: {check.stdout.strip()}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"run", "dev"}:
        sys.exit("Usage: python scripts/install.py run|dev")
    main(sys.argv[1])
