"""The guide and the README: links and pictures exist, chapters come in pairs, no section is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from cs_portal.commerce.imports.columns import COLUMNS
from cs_portal.console.navigation import SECTIONS, SETTINGS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
LANGUAGES = {"en": "en", "zh": "zh-hans"}
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(GUIDE.rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
#: All pictures together, so that a clone stays small.
MOST_BYTES = 7_000_000


def _links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """Each link to a file of ours, the file, and the heading that it names."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in link and not link.startswith("mailto:"):
            name, _, anchor = link.partition("#")
            yield link, (page.parent / name).resolve() if name else page, anchor


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _guide(language: str) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((GUIDE / language).glob("*.md")))


def _shown(page: Path) -> list[str]:
    return [target.name for _, target, _ in _links(page) if target.suffix == ".jpg"]


def _pictures() -> set[Path]:
    return {path for folder in (DOCS / "images", GUIDE / "images") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_exist(page: Path) -> None:
    broken = [link for link, target, _ in _links(page) if not target.exists()]
    assert broken == []
    lost = [link for link, target, anchor in _links(page) if anchor and anchor not in _anchors(target)]
    assert lost == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {target for page in PAGES for _, target, _ in _links(page)}
    assert sorted(_pictures() - shown) == []


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in _pictures()) < MOST_BYTES


def test_both_languages_have_the_same_chapters_and_pictures() -> None:
    english, chinese = ({page.name for page in (GUIDE / language).glob("*.md")} for language in LANGUAGES)
    assert english == chinese
    for name in english:
        shown = [
            [
                re.sub(r"images/(en|zh)/", "", link)
                for link, target, _ in _links(GUIDE / language / name)
                if target.suffix == ".jpg"
            ]
            for language in LANGUAGES
        ]
        assert shown[0] == shown[1], name


def test_pictures_are_in_the_language_of_the_chapter() -> None:
    for language in LANGUAGES:
        for page in (GUIDE / language).glob("*.md"):
            for link, target, _ in _links(page):
                assert target.suffix != ".jpg" or target.parent.name == language, f"{page.name}: {link}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_leads_to_every_chapter(language: str) -> None:
    reached = {target for _, target, _ in _links(GUIDE / "README.md")}
    assert set((GUIDE / language).glob("*.md")) <= reached


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_and_setting_is_told_of(language: str) -> None:
    text = _guide(language)
    with translation.override(LANGUAGES[language]):
        places = [*SECTIONS, *(place for group in SETTINGS for place in group.places)]
        assert [str(place.label) for place in places if str(place.label) not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", COLUMNS)
def test_every_column_of_an_import_is_told_of(kind: str, language: str) -> None:
    text = (GUIDE / language / "commerce.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([^`]+)`", text))
    groups = {name.removesuffix("…") for name in told if name.endswith("_…")}

    def is_told(name: str) -> bool:
        return name in told or any(name.startswith(group) and name.removeprefix(group) in told for group in groups)

    assert [column.name for column in COLUMNS[kind] if not is_told(column.name)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_required_is_called_required(language: str) -> None:
    """In the tables of products and shoppers each required column's line says so."""
    word = {"en": "required", "zh": "必填"}[language]
    lines = (GUIDE / language / "commerce.md").read_text(encoding="utf-8").splitlines()
    for kind in ("products", "shoppers"):
        for column in COLUMNS[kind]:
            if column.required and column.name != "id":
                assert any(f"`{column.name}`" in line and word in line for line in lines), column.name


def test_the_glossary_and_the_console_use_the_same_words() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (GUIDE / "en" / "glossary.md").read_text(encoding="utf-8"), re.M)
    turned = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (GUIDE / "zh" / "glossary.md").read_text(encoding="utf-8"), re.M)
    assert rows[2:] == [(english, chinese) for chinese, english in turned[2:]]
    other = []
    with translation.override("zh-hans"):
        for english, chinese in rows[2:]:
            for word, wanted in zip(english.split(", "), chinese.split("、"), strict=False):
                label = word if word.isupper() else word.capitalize()
                said = translation.gettext(label)
                if said != label and wanted not in said and said not in wanted:
                    other.append((word, wanted, said))
    assert other == []
