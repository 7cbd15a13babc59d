"""The pages of files of FAQs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cs_portal.console.presenters import faq_notices
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.models import Faq, FaqImport
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.merchants.models import Merchant
from tests.console.conftest import Cast
from tests.console.regression_desk import case, faq, run_of
from tests.knowledge.formats.agents import HOURS, says, zipped

pytestmark = pytest.mark.django_db

URL = "/console/mugs/knowledge/import/"
EXPORT = "/console/mugs/knowledge/export/"
MUGS = "key,question_en,answer_en\nship,Do you ship?,Yes.\nbad,,No question.\nopen,When open?,\n"
SOURCES = Path(faq_notices.__file__).parents[2] / "knowledge"


def _upload(client: Client, data: str | bytes, name: str = "mugs.csv") -> Any:
    raw = data.encode() if isinstance(data, str) else data
    return client.post(URL, {"file": SimpleUploadedFile(name, raw)})


def _run(cast: Cast) -> FaqImport:
    with scope(merchant=cast.merchant):
        return FaqImport.objects.latest("id")


def _page(client: Client, run: FaqImport) -> str:
    response = client.get(f"{URL}{run.public_id}/")
    assert response.status_code == 200
    return response.content.decode()


def test_upload_look_confirm_report_and_take_back(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    response = _upload(client, MUGS)
    run = _run(cast)
    assert (response.status_code, response["Location"]) == (302, f"{URL}{run.public_id}/")
    page = _page(client, run)
    assert "Import 2 FAQs" in page
    assert "Write the question in at least one language." in page
    assert client.post(f"{URL}{run.public_id}/confirm/", {"publish": "live"}).status_code == 302
    busy = _page(client, run)
    assert 'hx-trigger="every 1s"' in busy and f"{run.public_id}/stop/" in busy
    run_due(["bulk"], keep=False)
    page = _page(client, run)
    assert "2 FAQs were imported." in page and 'hx-trigger="every 1s"' not in page
    assert "The answer is missing. It was taken as a draft." in page
    with scope(merchant=cast.merchant):
        open_faq = Faq.objects.get(key="open")
        assert (open_faq.state, Faq.objects.get(key="ship").state) == ("draft", "published")
    assert f"/console/mugs/knowledge/{open_faq.public_id}/" in page
    assert client.post(f"{URL}{run.public_id}/undo/").status_code == 302
    run_due(["bulk"], keep=False)
    assert "All FAQs are as they were before it." in _page(client, run)
    assert "mugs.csv" in client.get(URL).content.decode()


def test_a_file_that_goes_live_at_once_is_asked_about_afterwards_and_says_so(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    _upload(client, MUGS)
    first = _run(cast)
    assert "is not asked before" not in _page(client, first)
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    shown = " ".join(_page(client, first).split())
    assert 'The <a href="/console/mugs/knowledge/regression/">regression set</a> (1 case) is not asked before' in shown
    client.post(f"{URL}{first.public_id}/confirm/", {"publish": "live"})
    run_due(["bulk"], keep=False)
    assert "The regression set is being asked about what this import put live." in _page(client, first)
    run_due(["fast"], keep=False)
    shown = " ".join(_page(client, first).split())
    assert "The regression set was asked after this import: 1 of 1 case passes." in shown
    assert f"/console/mugs/knowledge/regression/runs/{run_of(cast).public_id}/" in shown
    assert "banner banner-warn" not in shown


def test_drafts_are_what_is_made_where_nothing_else_is_said(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    _upload(client, MUGS)
    client.post(f"{URL}{_run(cast).public_id}/confirm/")
    run_due(["bulk"], keep=False)
    with scope(merchant=cast.merchant):
        assert set(Faq.objects.values_list("state", flat=True)) == {"draft"}


def test_columns_are_matched_and_the_file_is_read_in_another_way(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    _upload(client, "Frage,Antwort\nDo you ship?,Yes.\n")
    run = _run(cast)
    page = _page(client, run)
    assert "The first row names no columns" in page and "Column 1" in page
    assert ">Chinese</option>" in page and "Simplified Chinese" not in page
    response = client.post(f"{URL}{run.public_id}/read-as/", {"language": "en", "headed": "yes", "encoding": "utf-8"})
    assert response.status_code == 302
    page = _page(client, run)
    assert "frage" in page and "Do you ship?" in page
    refused = client.post(f"{URL}{run.public_id}/columns/", {"column-0": "answer", "column-1": ""})
    assert refused.status_code == 422 and "Say which column holds the questions." in refused.content.decode()
    client.post(f"{URL}{run.public_id}/columns/", {"column-0": "question", "column-1": "answer"})
    assert "Import 1 FAQ" in _page(client, run)
    client.post(f"{URL}{run.public_id}/columns/", {"again": "1"})
    assert "Which column is which?" in _page(client, run)
    wrong = client.post(f"{URL}{run.public_id}/read-as/", {"language": "fr", "encoding": "utf-8"})
    assert wrong.status_code == 422
    assert client.post(f"{URL}{run.public_id}/discard/").status_code == 302
    assert "without being imported" in _page(client, run)


def test_what_cannot_be_carried_over_is_told(cast: Cast) -> None:
    agent = {
        **HOURS,
        "intents/Bye.json": {"name": "Bye", "webhookUsed": True},
        "intents/Bye_usersays_en.json": says("bye"),
    }
    client = cast.client(cast.olaf)
    _upload(client, zipped(agent), "agent.zip")
    run = _run(cast)
    page = _page(client, run)
    assert "Fulfilment: a program answered instead of this text." in page
    assert "1 phrasing that was there already." in page
    assert "Dialogflow ES" in page


def test_headings_and_tiles_count_the_same(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    _upload(client, "key,question,answer,valid_from,valid_until\na,A?,A.,soon,later\nb,B?,B.,soon,\nc,C?,C.,,\n")
    page = " ".join(_page(client, _run(cast)).split())
    assert 'Refused</span><span class="tile-figure">2</span>' in page
    assert 'Refused <span class="muted">2 FAQs · 3 notes</span>' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "The file is empty."), (b"\xd0\xcf\x11\xe0 old", "XLS"), (b"PK\x03\x04", "broken"), (b"\x00\x01", "UTF-8")],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_page(data: bytes, words: str, cast: Cast) -> None:
    response = _upload(cast.client(cast.olaf), data)
    assert response.status_code == 422 and words in response.content.decode()
    with scope(merchant=cast.merchant):
        assert not FaqImport.objects.exists()


def test_those_who_only_read_see_everything_and_change_nothing(cast: Cast) -> None:
    _upload(cast.client(cast.olaf), MUGS)
    run = _run(cast)
    nina = cast.client(cast.nina)
    page = _page(nina, run)
    assert (
        "Write the question" in page
        and "Import 2 FAQs" not in page
        and 'method="post"' not in page.split("<main")[1].split("</main>")[0]
    )
    assert "Upload and check" not in nina.get(URL).content.decode()
    assert _upload(nina, MUGS).status_code == 403
    for deed in ("confirm", "discard", "read-as", "columns", "stop", "undo"):
        assert nina.post(f"{URL}{run.public_id}/{deed}/").status_code == 403
    assert _run(cast).state == "ready"
    report = nina.get(f"{URL}{run.public_id}/report.csv").content.decode("utf-8-sig").splitlines()
    assert report == [
        "What,Line or file,FAQ,Part,Why",
        "Refused,3,bad,question_en,Write the question in at least one language.",
        "To be finished,4,open,answer_en,The answer is missing. It was taken as a draft.",
    ]


def test_the_report_runs_in_no_spreadsheet(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    _upload(client, "key,question_en\n=1+1,\n")
    rows = list(
        csv.reader(io.StringIO(client.get(f"{URL}{_run(cast).public_id}/report.csv").content.decode("utf-8-sig")))
    )
    assert rows[1][2] == "'=1+1"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_exported_and_imports_again_unchanged(name: str, cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        texts = {"en": LocaleText("Do you ship?", "**Yes.**", ("abroad?",)), "zh-hans": LocaleText("寄吗", "寄。")}
        create_faq(by=cast.olaf, content=FaqContent(texts, "delivery", tags=("fast",)), now=cast.now)
    response = cast.client(cast.nina).post(EXPORT, {"format": name})
    assert response.status_code == 200
    ending = FORMATS[name].ending
    assert response["Content-Disposition"].endswith(f'.{ending}"')
    client = cast.client(cast.olaf)
    _upload(client, response.content, f"faqs.{ending}")
    run = _run(cast)
    assert (run.state, run.created, run.updated, run.unchanged, run.notices) == ("ready", 0, 0, 1, [])
    with scope(merchant=cast.merchant):
        entry = AuditEntry.objects.get(action="records.exported")
    assert entry.data == {"kind": "faqs", "rows": 1, "format": name}


def test_an_export_holds_what_the_list_shows(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        for category in ("a", "b"):
            content = FaqContent({"en": LocaleText(f"{category}?", "Yes.")}, category)
            create_faq(by=cast.olaf, content=content, now=cast.now)
    client = cast.client(cast.olaf)
    assert "1 FAQ as it is being worked on." in client.get(f"{EXPORT}?category=b").content.decode()
    lines = client.post(f"{EXPORT}?category=b", {"format": "jsonl"}).content.decode().splitlines()
    assert [json.loads(line)["category"] for line in lines] == ["b"]
    assert client.post(EXPORT, {"format": "pdf"}).status_code == 422


def test_what_a_format_cannot_hold_is_told_before_the_file_is_made(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        content = FaqContent({"en": LocaleText("Ship?", "Yes.", ("to [Paris](city)?",))})
        create_faq(by=cast.olaf, content=content, now=cast.now)
    client = cast.client(cast.olaf)
    response = client.post(EXPORT, {"format": "rasa"})
    assert "Rasa 3 cannot hold everything" in response.content.decode()
    assert "Content-Disposition" not in response
    assert "Content-Disposition" in client.post(EXPORT, {"format": "rasa", "anyway": "1"})


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_a_template_imports_as_it_is(name: str, cast: Cast) -> None:
    client = cast.client(cast.olaf)
    template = client.get(f"/console/mugs/knowledge/export/templates/{name}/")
    _upload(client, template.content, f"template.{name}")
    run = _run(cast)
    assert (run.state, run.created, run.notices) == ("ready", 1, [])
    assert set(run.preview[0]["texts"]) == {"en", "zh-hans"}
    assert client.get("/console/mugs/knowledge/export/templates/rasa/").status_code == 404


def test_live_at_once_is_not_offered_where_somebody_else_has_to_approve(cast: Cast) -> None:
    _upload(cast.client(cast.olaf), MUGS)
    with scope(merchant=cast.merchant):
        Merchant.objects.filter(pk=cast.merchant.pk).update(publishing_needs_approval=True)
    assert "A colleague has to approve what you publish." in _page(cast.client(cast.olaf), _run(cast))


def test_the_list_costs_the_same_however_long_it_is(cast: Cast) -> None:
    client = cast.client(cast.olaf)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(URL)
        return len(caught)

    _upload(client, MUGS)
    client.get(URL)
    few = queries()
    for _number in range(5):
        _upload(client, MUGS)
    assert queries() == few


def test_every_code_has_words() -> None:
    """Codes are what notices are made of, in the readers and the services."""
    used: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'Notice\((?:LOST|OPEN|REFUSED|kind), "(\w+)"', text))
        if "formats" in path.parts:
            used |= set(re.findall(r'(?:tell|refuse|lost)\(\s*"(\w+)"', text))
    assert used - set(faq_notices._SENTENCES) == {"rule"}
