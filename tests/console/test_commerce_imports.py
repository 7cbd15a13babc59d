"""The pages of imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from cs_portal.commerce.imports.columns import template_csv
from cs_portal.commerce.models import ImportRun, Product
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from tests.console.conftest import Cast

URL = "/console/mugs/commerce/imports/"


def _upload(cast: Cast, text: str, by: Any = None, kind: str = "products") -> Any:
    file = SimpleUploadedFile("mugs.csv", text.encode(), content_type="text/csv")
    return cast.client(by or cast.ann).post(URL, {"kind": kind, "file": file})


def _run(cast: Cast) -> ImportRun:
    with scope(merchant=cast.merchant):
        return ImportRun.objects.get()


def test_upload_look_confirm_report(cast: Cast) -> None:
    response = _upload(cast, template_csv("products") + "p-x,Bad,,,,,,,,v-x,,-5,CNY,1\n")
    run = _run(cast)
    assert response.status_code == 302
    assert response["Location"] == f"{URL}{run.public_id}/"
    client = cast.client(cast.ann)
    page = client.get(response["Location"]).content.decode()
    assert "Import 1 record" in page
    assert "Below zero." in page
    assert "马克杯" in page
    assert client.post(f"{URL}{run.public_id}/confirm/").status_code == 302
    busy = client.get(f"{URL}{run.public_id}/").content.decode()
    assert 'hx-trigger="every 1s"' in busy
    run_due(["bulk"], keep=False)
    page = client.get(f"{URL}{run.public_id}/").content.decode()
    assert "1 record was imported." in page
    assert 'hx-trigger="every 1s"' not in page
    assert "mugs.csv" in client.get(URL).content.decode()
    with scope(merchant=cast.merchant):
        assert Product.objects.get().title_zh == "马克杯"


def test_the_report_is_a_csv_that_no_spreadsheet_runs(cast: Cast) -> None:
    _upload(cast, template_csv("products") + "p-x,Bad,,,,,,,,v-x,,-5,CNY,1\n")
    response = cast.client(cast.nina).get(f"{URL}{_run(cast).public_id}/problems.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.decode("utf-8-sig").splitlines() == ["Line,Column,Problem", "4,price_minor,Below zero."]


@pytest.mark.parametrize("kind", ["products", "shoppers", "orders"])
def test_templates_can_be_downloaded_and_uploaded(cast: Cast, kind: str) -> None:
    response = cast.client(cast.nina).get(f"{URL}templates/{kind}.csv")
    assert response["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert _upload(cast, response.content.decode(), kind=kind).status_code == 302
    assert cast.client(cast.nina).get(f"{URL}templates/refunds.csv").status_code == 404


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "The file is empty."), ("PK\x03\x04", "Save the table as CSV")],
)
def test_what_cannot_be_read_is_said_at_the_field(cast: Cast, text: str, told: str) -> None:
    response = _upload(cast, text)
    assert response.status_code == 422
    assert told in str(response.context["form"].errors["file"])
    with scope(merchant=cast.merchant):
        assert ImportRun.objects.count() == 0


def test_a_discarded_upload_is_gone(cast: Cast) -> None:
    _upload(cast, template_csv("products"))
    run = _run(cast)
    client = cast.client(cast.alice)
    assert client.post(f"{URL}{run.public_id}/discard/").status_code == 302
    assert not (Path(settings.VAR_DIR) / "imports" / run.token).exists()
    assert client.post(f"{URL}{run.public_id}/confirm/").status_code == 409
    assert Job.objects.filter(kind="apply_import").count() == 0


def test_operators_and_analysts_read_and_change_nothing(cast: Cast) -> None:
    _upload(cast, template_csv("products"))
    run = _run(cast)
    for member in (cast.olaf, cast.nina):
        client = cast.client(member)
        assert "Upload and check" not in client.get(URL).content.decode()
        page = client.get(f"{URL}{run.public_id}/")
        assert "/confirm/" not in page.content.decode()
        assert _upload(cast, template_csv("products"), by=member).status_code == 403
        for step in ("confirm", "discard"):
            assert client.post(f"{URL}{run.public_id}/{step}/").status_code == 403
    assert _run(cast).state == "ready"
    for url in (URL, f"{URL}{run.public_id}/", f"{URL}{run.public_id}/problems.csv"):
        assert cast.client(cast.charlie).get(url).status_code == 404


def test_columns_are_matched_by_hand_and_checked_then(cast: Cast) -> None:
    _upload(cast, "Article;Name;SKU;Price;Currency;Colour\nm-1;Mug;m-1-w;43.00;CNY;white\n")
    run = _run(cast)
    assert run.state == "matching"
    client, url = cast.client(cast.ann), f"{URL}{run.public_id}/"
    page = client.get(url).content.decode()
    assert "Which column is which?" in page
    assert "Still missing: id, stock." in page
    assert "m-1-w" in page
    refused = client.post(f"{url}columns/", {"column-0": "id", "column-1": "title_en", "column-2": "id"})
    assert refused.status_code == 422
    assert "Matched twice: id." in refused.content.decode()
    names = {"column-0": "id", "column-1": "title_en", "column-2": "variant_id", "column-3": "price"}
    assert "Still missing: currency, stock." in client.post(f"{url}columns/", names).content.decode()
    assert client.post(f"{url}columns/", {"column-0": "colour_of_day"}).status_code == 422
    names |= {"column-4": "currency", "column-5": "stock"}
    assert client.post(f"{url}columns/", names).status_code == 302
    page = client.get(url).content.decode()
    assert "Not a whole number." in page
    assert ">colour<" in page  # told by the file's own name
    client.post(f"{url}columns/", {"again": "1"})
    assert _run(cast).state == "matching"


SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nmug,Mug,Colour,White,MUG-W,43\n"


def test_the_format_is_told_and_can_be_changed(cast: Cast) -> None:
    _upload(cast, SHOPIFY, kind="orders")
    run = _run(cast)
    client, url = cast.client(cast.ann), f"{URL}{run.public_id}/"
    page = client.get(url).content.decode()
    assert "Shopify products" in page
    assert "Read the file in another way" in page
    choice = {"source": "shopify_products", "kind": "orders", "currency": "JPY", "encoding": "utf-8"}
    assert client.post(f"{url}read-as/", choice).status_code == 302
    run = _run(cast)
    assert (run.kind, run.currency, run.state, run.created) == ("products", "JPY", "ready", 1)
    assert client.post(f"{url}read-as/", {**choice, "encoding": "utf-16"}).status_code == 422
    assert client.post(f"{url}read-as/", {**choice, "source": "excel"}).status_code == 422
    assert client.post(f"{url}read-as/", {**choice, "source": "portal"}).status_code == 302
    assert _run(cast).state == "matching"
    assert cast.client(cast.nina).get(url).status_code == 200


def test_an_import_is_taken_back_from_its_page(cast: Cast) -> None:
    _upload(cast, template_csv("products"))
    run = _run(cast)
    client, url = cast.client(cast.ann), f"{URL}{run.public_id}/"
    assert client.post(f"{url}undo/").status_code == 409
    client.post(f"{url}confirm/")
    run_due(["bulk"], keep=False)
    assert "Take this import back" in client.get(url).content.decode()
    assert "Take this import back" not in cast.client(cast.nina).get(url).content.decode()
    assert client.post(f"{url}undo/").status_code == 302
    assert 'hx-trigger="every 1s"' in client.get(url).content.decode()
    run_due(["bulk"], keep=False)
    page = client.get(url).content.decode()
    assert "1 row is as it was before this import." in page
    with scope(merchant=cast.merchant):
        assert Product.objects.count() == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_exported_is_imported_unchanged(cast: Cast, form: str) -> None:
    client = cast.client(cast.ann)
    for kind in ("products", "shoppers", "orders"):
        _upload(cast, template_csv(kind), kind=kind)
    with scope(merchant=cast.merchant):
        for run in ImportRun.objects.order_by("pk"):
            client.post(f"{URL}{run.public_id}/confirm/")
            run_due(["bulk"], keep=False)
        ImportRun.objects.all().delete()
    for kind in ("products", "shoppers", "orders"):
        response = client.post(f"/console/mugs/commerce/export/{kind}/", {"format": form})
        assert response["Content-Disposition"].endswith(f'.{form}"')
        _upload(cast, response.content.decode("utf-8-sig"), kind=kind)
        run = _run(cast)
        assert (run.state, run.records, run.unchanged, run.refused) == ("ready", 1, 1, 0), (kind, run.problems)
        with scope(merchant=cast.merchant):
            ImportRun.objects.all().delete()


def test_an_export_holds_what_the_list_shows_and_only_admins_take_one(cast: Cast) -> None:
    _upload(cast, template_csv("products"))
    client = cast.client(cast.ann)
    client.post(f"{URL}{_run(cast).public_id}/confirm/")
    run_due(["bulk"], keep=False)
    url = "/console/mugs/commerce/export/products/"
    assert len(client.post(url, {"format": "jsonl", "q": "nothing of that"}).content) == 0
    assert client.post(url, {"format": "xlsx"}).status_code == 422
    assert client.post("/console/mugs/commerce/export/refunds/").status_code == 404
    assert cast.client(cast.olaf).post(url).status_code == 403
    assert cast.client(cast.charlie).post(url).status_code == 404
