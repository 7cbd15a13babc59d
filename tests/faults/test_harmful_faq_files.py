"""Files of FAQs that mean harm: bombs, places outside, links, entities. Refused at once, in little memory."""

from __future__ import annotations

import io
import stat
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats.reading import read, shape_of_file

ROOT = Path(__file__).resolve().parents[2]


def _zip(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return target.getvalue()


def _bomb(names: list[str], size: int) -> bytes:
    """An archive whose files share one stream of zeros and unpack to ``size`` each."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(names[0], "w") as file:
        for _block in range(size >> 20):
            file.write(bytes(1 << 20))
    whole = bytearray(target.getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as archive:
        info = archive.infolist()[0]
    central = bytes(whole[whole.rfind(b"PK\x01\x02") : whole.rfind(b"PK\x05\x06")])
    start = whole.rfind(b"PK\x01\x02")
    directory = b"".join(central[:28] + struct.pack("<H", len(name)) + central[30:46] + name.encode() for name in names)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(names), len(names), len(directory), start, 0)
    assert info.file_size == size
    return bytes(whole[:start]) + directory + end


def _workbook(**parts: bytes) -> bytes:
    """A workbook with parts of one's own in the place of its own, by the ends of their names."""
    book = Workbook()
    book.active.append(["question", "answer"])
    book.active.append(["Do you ship?", "Yes."])
    made = io.BytesIO()
    book.save(made)
    target = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            own = next((data for end, data in parts.items() if name.endswith(f"{end}.xml")), None)
            archive.writestr(name, source.read(name) if own is None else own)
    return target.getvalue()


SHEET = (
    b'<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'
)
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FOREIGN = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HIDDEN = (SHEET % (FOREIGN, b"&a;")).decode().replace('"1.0"?', '"1.0" encoding="UTF-16"?').encode("utf-16")


def _linked() -> bytes:
    info = zipfile.ZipInfo("intents/A.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return target.getvalue()


def _encrypted() -> bytes:
    data = bytearray(_zip(("intents/A.json", b"{}")))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def _packed_with(method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("intents/A.json", "{}")
    return target.getvalue()


def _zip64() -> bytes:
    data = _zip(("intents/A.json", b"{}"))
    at = data.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    return data[:at] + locator + data[at:]


HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "10 GB of intents": (lambda: _bomb([f"intents/{n}.json" for n in range(160)], 64 << 20), "unpacks to more than"),
    "10 GB of a sheet": (
        lambda: _bomb(["[Content_Types].xml", *(f"xl/sheet{n}.xml" for n in range(160))], 64 << 20),
        "unpacks to more than",
    ),
    "a million names": (lambda: _zip(*((f"{n:x}" * 8, b"") for n in range(21_000))), "more than 20,000 files"),
    "a slip": (lambda: _zip(("../../etc/cron.d/x", b"{}"), ("intents/A.json", b"{}")), "outside"),
    "a slip by the root": (lambda: _zip(("/etc/passwd", b"{}"), ("intents/A.json", b"{}")), "outside"),
    "a slip for Windows": (lambda: _zip(("..\\..\\x", b"{}"), ("intents/A.json", b"{}")), "outside"),
    "a slip by the drive": (lambda: _zip(("C:/x", b"{}"), ("intents/A.json", b"{}")), "outside"),
    "a link": (_linked, "a link"),
    "a secret": (_encrypted, "encrypted"),
    "the same name twice": (lambda: _bomb(["intents/A.json", "intents/A.json"], 1 << 20), "twice"),
    "another packing": (lambda: _packed_with(zipfile.ZIP_LZMA), "packed in a way"),
    "a further end": (_zip64, "more than 20,000 files"),
    "an archive in an archive": (lambda: _zip(("inner.zip", _zip(("intents/A.json", b"{}")))), "another archive"),
    "laughs in a sheet": (lambda: _workbook(sheet1=SHEET % (LAUGHS, b"&b;")), "document type"),
    "a foreign file in a sheet": (lambda: _workbook(sheet1=SHEET % (FOREIGN, b"&a;")), "document type"),
    "a foreign file in another alphabet": (lambda: _workbook(sheet1=HIDDEN), "document type"),
    "a sheet that is none": (lambda: _workbook(sheet1=b"<x>"), "cannot be read"),
    "laughs in YAML": (
        lambda: b"nlu:\n- &a [x, x]\n- &b [*a, *a, *a, *a, *a, *a]\n- &c [*b, *b, *b, *b, *b, *b]\n",
        "Aliases",
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_means_harm_is_refused(name: str, tmp_path: Path) -> None:
    make, words = HARMFUL[name]
    path = tmp_path / "file"
    path.write_bytes(make())
    with pytest.raises(Invalid, match=words):
        read(path, shape_of_file(path), language="auto")


_MEASURE = """
import os, resource, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "cs_portal.settings.test"
import django; django.setup()
from pathlib import Path
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats.reading import read, shape_of_file
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    read(Path(sys.argv[1]), shape_of_file(Path(sys.argv[1])), language="auto")
    print("taken")
except Invalid:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{time.process_time() - began:.2f} {used >> 10}")
"""


@pytest.mark.parametrize("name", ["10 GB of intents", "10 GB of a sheet", "a million names", "laughs in YAML"])
def test_a_bomb_costs_less_than_a_second_and_50_megabytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(HARMFUL[name][0]())
    told = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    seconds, megabytes = told.stdout.split()
    assert (float(seconds) < 1, int(megabytes) < 50) == (True, True), told.stdout


def test_a_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    """What is unpacked ends where the list of files says it does, and is refused for being something else."""
    data = bytearray(_zip(("intents/A.json", b" " * (1 << 20) + b"{}")))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    path = tmp_path / "lie"
    path.write_bytes(data)
    with pytest.raises(Invalid, match="broken"):
        read(path, shape_of_file(path), language="auto")


def test_a_row_at_the_end_of_the_world_is_not_waited_for(tmp_path: Path) -> None:
    """A sheet says that it has 16,384 columns and a row number 1,048,576."""
    rows = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>question</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>' + rows + b"</sheetData></worksheet>"
    )
    path = tmp_path / "far"
    path.write_bytes(_workbook(sheet1=sheet))
    began = time.process_time()
    shape = shape_of_file(path)
    with pytest.raises(Invalid, match="rows"):
        read(path, shape, language="auto")
    assert time.process_time() - began < 5
