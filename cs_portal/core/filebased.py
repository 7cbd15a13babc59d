"""Letters of a portal without a mail server, in files that only their owner may read: they hold keys and answers."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.mail.backends.filebased import EmailBackend as FileEmailBackend


def private_folder(path: Path) -> None:
    """Make the folder, or take an old one's permissions from everybody else."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)


def private_opener(path: str, flags: int) -> int:
    """For ``open``: a new file is its owner's alone, an old one becomes so."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


class EmailBackend(FileEmailBackend):
    def open(self) -> bool:
        if self.stream is not None:
            return False
        private_folder(Path(self.file_path))
        self.stream = open(self._get_filename(), "ab", opener=private_opener)  # noqa: SIM115
        return True
