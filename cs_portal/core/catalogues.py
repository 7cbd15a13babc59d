"""Translation catalogues without the system's gettext: compiling them and finding what is unfinished."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w+\}(?!\})")


def catalogues(locale_dir: Path) -> list[Path]:
    return sorted(locale_dir.glob("*/LC_MESSAGES/*.po"))


def compile_catalogues(locale_dir: Path) -> list[Path]:
    """Compile each ``.po`` that is newer than its ``.mo``; return what was written. Safe to run twice at once."""
    written = []
    for source in catalogues(locale_dir):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(unfinished))
        unfinished.replace(target)
        written.append(target)
    return written


def fill_source_language(catalogue_path: Path) -> int:
    """Give every entry of the English catalogue its own text, in which our texts are written; return how many."""
    catalogue = polib.pofile(str(catalogue_path), wrapwidth=0)
    filled = 0
    for entry in catalogue:
        before = (entry.msgstr, dict(entry.msgstr_plural))
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
        else:
            entry.msgstr = entry.msgid
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        filled += before != (entry.msgstr, entry.msgstr_plural)
    catalogue.metadata_is_fuzzy = False
    catalogue.save()
    return filled


def unfinished_entries(locale_dir: Path) -> Iterator[str]:
    """One sentence per entry that is missing, fuzzy or whose placeholders differ from the original's."""
    for path in catalogues(locale_dir):
        catalogue = polib.pofile(str(path))
        for entry in catalogue:
            if not entry.obsolete and (problem := _problem(entry)):
                yield f"{path.parent.parent.name}/{path.name}:{entry.linenum}: {problem}: {entry.msgid!r}"


def untranslatable(extracted: Path, locale_dir: Path) -> Iterator[str]:
    """One sentence per text that stands in the sources (the catalogues in ``extracted``) and in no catalogue."""
    for path in catalogues(extracted):
        ours = locale_dir / path.relative_to(extracted)
        known = {_key(entry) for entry in polib.pofile(str(ours)) if not entry.obsolete} if ours.exists() else set()
        for entry in polib.pofile(str(path)):
            if not entry.obsolete and _key(entry) not in known:
                yield f"{path.parent.parent.name}/{path.name}: not in the catalogue (make messages): {entry.msgid!r}"


def _key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def _problem(entry: polib.POEntry) -> str | None:
    if entry.fuzzy:
        return "fuzzy"
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not translations or not all(translations):
        return "missing"
    expected = {_placeholders(original) for original in (entry.msgid, entry.msgid_plural) if original}
    if any(_placeholders(text) not in expected for text in translations):
        return "other placeholders than the original"
    return None


def _placeholders(text: str) -> frozenset[str]:
    """``%(name)s`` and ``{name}`` placeholders by name: the ones whose loss breaks a page or hides a value."""
    return frozenset(PLACEHOLDER.findall(text))
