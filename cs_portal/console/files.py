"""Tables as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from django.http import HttpResponse

from cs_portal.core.spreadsheets import guarded


def csv_file(name: str, rows: Iterable[Iterable[str]]) -> HttpResponse:
    """``name`` without its ending. No cell of the file runs as a formula."""
    response = csv_response(name)
    csv.writer(response).writerows([guarded(cell) for cell in row] for row in rows)
    return response


def csv_response(name: str, text: str = "") -> HttpResponse:
    """With a byte order mark: without it a spreadsheet takes Chinese for something else."""
    response = HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
