"""Zip archives from outside: looked at before anything is unpacked, unpacked in memory only, never beyond a limit."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid

#: Everything in an archive together. A file of ours with 10,000 FAQs in two languages has about 30 MB.
MAX_UNPACKED = 64 << 20
MAX_ENTRIES = 20_000
#: The list of files within an archive: 20,000 names of 150 bytes.
_MAX_DIRECTORY = 4 << 20
_END = b"PK\x05\x06"
#: How things begin that are packed themselves.
_PACKED = (".zip", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".tar", ".jar")
#: What some systems put beside every file.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


#: What unpacking raises for archives that are not as they should be.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError),
    *(OverflowError, KeyError),
)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise Invalid(_("“%(name)s” in the archive is broken.") % {"name": name[-100:]}, field="file") from error


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive; ``name`` is its path within, folders divided by ``/``."""

    name: str
    size: int

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem


class Archive:
    """An archive that is open and was found harmless. Reading a broken file of it raises :class:`Invalid`."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`Invalid` for what is no archive, too large, encrypted, or names places outside of itself."""
        _look_at_end(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise Invalid(_("The archive is broken."), field="file") from error
        try:
            self._members = dict(self._looked_at())
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def members(self) -> list[Member]:
        """Its files in their order, without folders and litter."""
        return [member for member, _info in self._members.values()]

    @property
    def packed(self) -> list[str]:
        """Archives within: they are never opened."""
        return [name for name in self._members if name.lower().endswith(_PACKED)]

    def read(self, name: str) -> bytes:
        """One file whole. Its declared size bounds what is unpacked; more, less or a wrong checksum is refused."""
        with _reading(name):
            return self._zip.read(self._members[name][1])

    def blocks(self, name: str) -> Iterator[bytes]:
        """One file in pieces."""
        with _reading(name), self._zip.open(self._members[name][1]) as file:
            while block := file.read(1 << 16):
                yield block

    def _looked_at(self) -> Iterator[tuple[str, tuple[Member, zipfile.ZipInfo]]]:
        total, seen = 0, set()
        for info in self._zip.infolist():
            name = info.filename
            _refuse_strange(info)
            total += info.file_size
            if total > MAX_UNPACKED:
                raise Invalid(
                    _("The archive unpacks to more than %(limit)s MB.") % {"limit": MAX_UNPACKED >> 20}, field="file"
                )
            if name in seen:
                raise Invalid(_("“%(name)s” is in the archive twice.") % {"name": name[-100:]}, field="file")
            seen.add(name)
            if not info.is_dir() and not any(part in name for part in _LITTER):
                yield name, (Member(name, info.file_size), info)


def _refuse_strange(info: zipfile.ZipInfo) -> None:
    name = info.filename
    outside = name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":"
    if outside or "\\" in name or "\x00" in name:
        raise Invalid(
            _("The archive names a place outside of itself: “%(name)s”.") % {"name": name[:100]}, field="file"
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Invalid(_("The archive holds a link instead of a file: “%(name)s”.") % {"name": name[:100]}, field="file")
    if info.flag_bits & 0x1:
        raise Invalid(_("The archive is encrypted."), field="file")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # The others unpack any amount from a few bytes before one can stop them.
        raise Invalid(
            _("The archive is packed in a way that is not read. Pack it as an ordinary zip file."), field="file"
        )


def _look_at_end(path: Path) -> None:
    """Before the list of files is read into memory: how long it is, by the archive's last record."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Invalid(_("The archive is broken."), field="file")
    _sign, _disk, _start, _here, entries, directory, _offset, _comment = struct.unpack("<4s4H2LH", tail[at : at + 22])
    # A further record (zip64) would overrule this one; only archives beyond any limit of ours need it.
    larger = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if larger or entries > MAX_ENTRIES or directory > _MAX_DIRECTORY:
        raise Invalid(_("The archive holds more than %(limit)s files.") % {"limit": f"{MAX_ENTRIES:,}"}, field="file")
