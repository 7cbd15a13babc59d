"""Catalogues: compiled without gettext, and every unfinished entry found."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from cs_portal.core.catalogues import compile_catalogues, fill_source_language, unfinished_entries, untranslatable

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


def write(locale_dir: Path, body: str) -> Path:
    path = locale_dir / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def test_a_compiled_catalogue_translates(tmp_path: Path) -> None:
    write(tmp_path, 'msgid "Refund"\nmsgstr "退款"\n')
    (compiled,) = compile_catalogues(tmp_path)
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Refund") == "退款"
    assert [path.name for path in compiled.parent.iterdir() if path.name.startswith(".")] == []


def test_only_what_changed_is_compiled(tmp_path: Path) -> None:
    source = write(tmp_path, 'msgid "Refund"\nmsgstr "退款"\n')
    (compiled,) = compile_catalogues(tmp_path)
    assert compile_catalogues(tmp_path) == []
    later = compiled.stat().st_mtime_ns + 1_000_000_000
    os.utime(source, ns=(later, later))
    assert compile_catalogues(tmp_path) == [compiled]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('msgid "Refund"\nmsgstr ""\n', "missing"),
        ('#, fuzzy\nmsgid "Refund"\nmsgstr "退货"\n', "fuzzy"),
        ('msgid "%(n)s draft"\nmsgid_plural "%(n)s drafts"\nmsgstr[0] ""\n', "missing"),
        ('msgid "Hello %(name)s"\nmsgstr "你好"\n', "other placeholders than the original"),
        ('msgid "Hello {name}"\nmsgstr "你好 {nom}"\n', "other placeholders than the original"),
    ],
)
def test_an_unfinished_entry_is_named(tmp_path: Path, entry: str, problem: str) -> None:
    write(tmp_path, entry)
    (said,) = unfinished_entries(tmp_path)
    assert said.startswith("zh_Hans/django.po:")
    assert f": {problem}: " in said


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "Refund"\nmsgstr "退款"\n',
        'msgid "One draft"\nmsgid_plural "%(n)s drafts"\nmsgstr[0] "%(n)s 份草稿"\n',
        '#~ msgid "Gone"\n#~ msgstr ""\n',
    ],
)
def test_a_finished_entry_is_not(tmp_path: Path, entry: str) -> None:
    write(tmp_path, entry)
    assert list(unfinished_entries(tmp_path)) == []


def test_a_text_that_was_never_collected_is_named(tmp_path: Path) -> None:
    write(tmp_path / "ours", 'msgid "Refund"\nmsgstr "退款"\n\nmsgctxt "noun"\nmsgid "Order"\nmsgstr "订单"\n')
    write(tmp_path / "sources", 'msgid "Refund"\nmsgstr ""\n\nmsgid "Order"\nmsgstr ""\n')
    (said,) = untranslatable(tmp_path / "sources", tmp_path / "ours")
    assert said == "zh_Hans/django.po: not in the catalogue (make messages): 'Order'"


def test_the_english_catalogue_is_filled_from_its_own_texts(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '#, fuzzy\nmsgid "Refund"\nmsgstr "Return"\n\n'
        'msgid "%(n)s draft"\nmsgid_plural "%(n)s drafts"\nmsgstr[0] ""\nmsgstr[1] ""\n',
    )
    assert fill_source_language(path) == 2
    assert fill_source_language(path) == 0
    assert list(unfinished_entries(tmp_path)) == []
    assert 'msgstr "Refund"' in path.read_text("utf-8")
    assert 'msgstr[1] "%(n)s drafts"' in path.read_text("utf-8")
