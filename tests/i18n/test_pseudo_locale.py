"""A pseudo-locale: every translated text is marked, so that a word without a mark was never given to the catalogues.

What stands in the database (names, questions, answers) is not to be translated and is taken out first.
"""

from __future__ import annotations

import html.parser
import json
import re
from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils.text import capfirst
from django.utils.translation import trans_real
from django_scopes import scopes_disabled

from cs_portal.commerce.models import Product
from cs_portal.commerce.money import with_symbols
from cs_portal.console.presenters.categories import product_category
from cs_portal.console.presenters.inbox_rows import initials
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.policies.engine.phrase import Phrase, Piece
from cs_portal.policies.engine.vocabulary import REASONS
from tests.crawl import crawl

pytestmark = pytest.mark.timeout(600)

#: Names that are the same in every language.
NAMES = (
    "CS Portal",
    "Ctrl",
    "Esc",
    "Webhook",
    "JSON",
    "CSV",
    "EN",
    "ZH",
    "PayPal",
    "Shopify",
    "Dialogflow ES",
    "JSON Lines",
    "Rasa 3",
    "https://",
    "my-shop.myshopify.com",
    "HMAC",
    "SHA",
    "API",
    "English",
    "中文",
    "中",
    "PHP",
    "Python",
    "Node.js",
)
#: Texts that are not prose: code, keys, identifiers, times as data.
SKIPPED = {"script", "style", "code", "kbd", "pre", "svg", "textarea"}
SPOKEN = ("aria-label", "title", "placeholder", "alt")
_ZONE = re.compile(r"\b[A-Z][A-Za-z_]+/[A-Z][A-Za-z_]+\b")
_WORD = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]")


class _Texts(html.parser.HTMLParser):
    """Visible texts and spoken attributes of a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SKIPPED or "mono" in (given.get("class") or "").split() or given.get("translate") == "no":
            self._skipping.append(tag)
        self.texts += [value for name in SPOKEN if (value := given.get(name))]
        self.texts += [value for name, value in attrs if name.startswith("data-text-") and value]
        if tag == "a" and (href := given.get("href")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping and self._skipping[-1] == tag:
            self._skipping.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipping and data.strip():
            self.texts.append(data.strip())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


#: Columns of codes, which must never be shown as they are.
CODES = {"intent", "model_state", "source", "action", "kind", "target", "topic", "error", "key", "carried_out"}
#: JSON columns of a merchant's own words; of others only sentences count, for codes live in them too.
OWN_WORDS = {"options", "tags", "variants"}


def _data() -> set[str]:
    """Every text that people wrote, whole and line by line. Codes and choices are no texts."""
    found: set[str] = set()
    with scopes_disabled():
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if field.choices or field.name in CODES or model._meta.app_label == "core":
                    continue
                if not isinstance(field, models.CharField | models.TextField | models.JSONField):
                    continue
                prose_only = isinstance(field, models.JSONField) and field.name not in OWN_WORDS
                for value in model._base_manager.values_list(field.attname, flat=True).distinct():
                    found.update(_lines(_strings(value), prose_only=prose_only))
        found |= {with_symbols(text) for text in found}  # a trace's amounts, as the console writes them
        # The engine is plain Python: its words carry both languages themselves (tests/policies/engine).
        found |= {capfirst(text.en) for text in REASONS.values()}
        found |= {initials(member.user.name) for member in Member.objects.select_related("user")}
        found |= {product_category(written) for written in Product.objects.values_list("category", flat=True)}
    return found


def _lines(texts: Iterable[str], *, prose_only: bool) -> Iterator[str]:
    for text in texts:
        for line in (text, *text.splitlines()):
            flat = " ".join(line.split())
            if len(flat) > 1 and not (prose_only and re.fullmatch(r"[a-z0-9_.:-]+", flat)):
                yield flat


def _outside(text: str) -> str:
    """What of ``text`` stands outside of all marks; marks may be nested."""
    depth, kept = 0, []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        kept.append(character if depth == 0 and character != "⟧" else " ")
    return "".join(kept)


class Data:
    """The database's texts. A text on a page is data when nothing is left of it once they are taken out."""

    def __init__(self, texts: set[str]) -> None:
        self._texts = texts
        self._longest_first = sorted(texts, key=len, reverse=True)
        self._known: dict[str, bool] = {}

    def holds(self, text: str) -> bool:
        if text not in self._known:
            self._known[text] = text in self._texts or self._made_of(text)
        return self._known[text]

    def _made_of(self, text: str) -> bool:
        left = text.removesuffix("…").strip()
        snippet = len(left) > 24 or text.endswith("…")
        for known in self._longest_first:
            if snippet and left in known:
                return True
            if known in left:
                left = left.replace(known, " ").strip()
        return not _WORD.search(left)


def _untranslated(texts: Iterable[str], data: Data) -> Iterator[str]:
    for text in texts:
        left = " ".join(_outside(text).split())
        if data.holds(left):
            continue
        for name in sorted(NAMES, key=len, reverse=True):
            left = left.replace(name, " ")
        left = _ZONE.sub(" ", left).strip(" ·,.:;#@/–—→()[]“”‘’")
        if _WORD.search(left) and not data.holds(left):
            yield " ".join(text.split())


def test_the_walk_would_find_a_bare_word() -> None:
    data = Data({"Red mug", "Anna", "Save the date"})
    bare = ["Save", "⟦Order⟧ shipped", "⟦a ⟦b⟧⟧ open", "Anna wrote"]
    fine = ["⟦Save⟧", "⟦by ⟦Anna⟧⟧", "Anna", "Red mug", "Red…", "⟦Order⟧ 10533 · Anna", "12:30", "CSV"]
    assert list(_untranslated([*bare, *fine], data)) == bare


@pytest.fixture
def demo_store(db: None) -> Merchant:
    call_command("loaddemo", verbosity=0)
    return Merchant.objects.get(slug="fernhill")


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text that goes through gettext comes out in marks; formats of dates and numbers stay as they are."""
    plain, plural = trans_real.DjangoTranslation.gettext, trans_real.DjangoTranslation.ngettext
    formats = re.compile(r"^[\W\dA-Za-z]{0,24}$")

    def gettext(self: trans_real.DjangoTranslation, message: str) -> str:
        found = plain(self, message).rpartition("\x04")[2]  # a text with a context that English leaves as it is
        return found if _is_format(message, found) else f"⟦{found}⟧"

    def ngettext(self: trans_real.DjangoTranslation, one: str, many: str, number: int) -> str:
        return f"⟦{plural(self, one, many, number)}⟧"

    def _is_format(message: str, found: str) -> bool:
        return message.isupper() and bool(formats.match(found)) and "_" in message

    monkeypatch.setattr(trans_real.DjangoTranslation, "gettext", gettext)
    monkeypatch.setattr(trans_real.DjangoTranslation, "ngettext", ngettext)
    # The sentences of rules carry both languages themselves: the engine is plain Python (tests/policies/engine).
    bare = Phrase.pieces
    monkeypatch.setattr(
        Phrase, "pieces", lambda self, language: [Piece(f"⟦{p.text}⟧", p.value) for p in bare(self, language)]
    )


def _drafts_of_every_kind(merchant: Merchant) -> dict[str, UUID]:
    """One draft per outcome of the rules, wish of the shopper and state: which of them the crawl meets is chance."""
    with scope(merchant=merchant):
        decided = Draft.objects.exclude(verdict=None).order_by("id")
        kinds = {
            f"draft: {verdict['outcome']} {(request or {}).get('action')} {state}": public_id
            for public_id, state, request, verdict in decided.values_list("public_id", "state", "request", "verdict")
        }
    assert {name.split()[1] for name in kinds} >= {"allow", "deny", "escalate"}
    return kinds


def test_no_word_of_the_console_is_outside_the_catalogues(demo_store: Merchant, marked: None) -> None:
    with scopes_disabled():
        owner = Member.objects.select_related("user").get(merchant=demo_store, role=Role.OWNER)
    client, data, found = Client(), Data(_data()), {}
    client.force_login(owner.user)

    def visit(name: str, path: str) -> list[str]:
        response = client.get(path)
        assert response.status_code == 200, path
        if "html" not in response.headers["Content-Type"]:
            return []
        page = _Texts()
        page.feed(response.content.decode())
        if bare := sorted(set(_untranslated(page.texts, data))):
            found[name] = bare
        return page.links

    names = list(crawl("/console/fernhill/", visit))
    for name, draft in _drafts_of_every_kind(demo_store).items():
        visit(name, f"/console/fernhill/review/{draft}/")
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)
    assert len(names) > 40
